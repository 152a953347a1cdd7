"""Programs run by a service elsewhere, as SandboxFusion or Piston: somebody else's machine, and their walls.

Programs and their inputs leave this machine; what is expected of them does not, but for what a row's own checker is given. What a
service cannot tell apart is undecided, and never the program's fault: its own limits where they are lower than ours, and outputs
that it cuts. The protocols are those of bytedance/SandboxFusion 469de08 and engineer-man/piston 0a844d0.
"""

from __future__ import annotations

import base64
import re
import secrets
import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from filters.sandbox.call_text import clean_text, make_javascript_text, make_python_text, split_value
from filters.sandbox.outcome import Outcome, make_outcome
from filters.sandbox.sandbox import Call, SandboxLostError, UnsupportedError
from filters.sandbox.service_client import LongAnswerError, RefusedError, ServiceClient
from filters.sandbox.walls import Limits

SPARE_S: Final = 120.0
"""What a service may take for a program beyond the program's own time: waiting in its line, and compiling."""
COMPILE_S: Final = 60
_PIPE: Final = 1 << 16
"""SandboxFusion reads an output of more than a pipe holds when the program has ended, and so it may never end."""
_FUSION_READS: Final = 1 << 20
_COMPILER_MEMORY: Final = 1 << 30
_NEWER: Final = re.compile(rb"\b(?:C|c|gnu)\+\+2[0-9a-c]\b")
_LIMIT: Final = re.compile(r"\b([a-z_]+) cannot exceed the configured limit of (\d+)")
_CUT_OUTPUT: Final = "\ufffd"
_NEVER: Final = -1
_SIGNALS: Final = {one.name: int(one) for one in signal.Signals}


class Said(NamedTuple):
    """What a service said of one process. stopped: for its time. memory: bytes at its peak, if it said so."""

    code: int
    signal: int
    stdout: str
    stderr: str
    cpu_s: float = 0.0
    wall_s: float = 0.0
    memory: int = 0
    stopped: bool = False


class _ServiceRunner:
    """What both have in common: what is sent, and what is made of what comes back."""

    def __init__(self, endpoint: str, language: str = "python") -> None:
        self._client, self._language = ServiceClient(endpoint), language

    def run(
        self,
        source: str,
        stdin: bytes = b"",
        limits: Limits | None = None,
        call: Call | None = None,
        named: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Run a program to its end, and call a function of it where one is named. Raises SandboxLostError, UnsupportedError."""
        limits, named, mark = limits or Limits(), named or {}, secrets.token_hex(16)
        text = self._make_text(source, limits, call, named, mark)
        began = time.monotonic()
        try:
            said = self._ask(text, stdin.decode("utf-8", "replace"), limits, named)
        except (
            LongAnswerError
        ):  # more than its outputs could be, each byte of them six times, and both of them twice
            said = Said(0, 0, "x" * limits.output, "")
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            raise SandboxLostError(f"{self._client.endpoint}: its answer is no result ({type(error).__name__} {error})"[:300]) from None  # fmt: skip
        if isinstance(said, Outcome):
            return said
        if _CUT_OUTPUT in said.stdout:
            raise SandboxLostError(f"{self._client.endpoint}: the output did not come back as it was written")
        stdout, value = split_value(_encode(said.stdout), mark)
        end = {"code": said.code, "signal": said.signal, "cpu_s": said.cpu_s, "memory": said.memory, "stopped": said.stopped}  # fmt: skip
        facts = {"wall_s": said.wall_s or time.monotonic() - began, "ends": [end]}
        written = [one[: limits.output] for one in (stdout, _encode(said.stderr), value)]
        outcome = make_outcome(facts, 0, written, limits)
        return (
            replace(outcome, end="memory")
            if outcome.end == "crash" and said.signal == signal.SIGKILL
            else outcome
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _make_text(
        self, source: str, limits: Limits, call: Call | None, named: Mapping[str, bytes], mark: str
    ) -> str:
        if self._language == "python":
            return make_python_text(source, limits, call, list(named), mark)
        assert not named, "checkers are written in Python"
        if self._language == "javascript":
            return make_javascript_text(source, call, mark)
        assert call is None, "functions of C++ are not called"
        return clean_text(source)

    def _ask(self, text: str, stdin: str, limits: Limits, named: Mapping[str, bytes]) -> Said | Outcome:
        raise NotImplementedError

    def _post(self, path: str, body: Mapping[str, Any], limits: Limits) -> Any:
        return self._client.ask(path, body, limits.wall_s + SPARE_S, 24 * limits.output + (1 << 20))

    def _lose(self, why: str) -> SandboxLostError:
        return SandboxLostError(f"{self._client.endpoint}: {why}"[:300])


class FusionRunner(_ServiceRunner):
    """Runs programs by SandboxFusion. It limits time by the clock alone, so Python limits its own processor time and memory."""

    def _ask(self, text: str, stdin: str, limits: Limits, named: Mapping[str, bytes]) -> Said | Outcome:
        body = {
            "code": text, "language": {"javascript": "nodejs"}.get(self._language, self._language), "stdin": stdin,
            "run_timeout": limits.wall_s, "compile_timeout": COMPILE_S, "memory_limit_MB": self._find_memory(limits),
            "files": {name: base64.b64encode(content).decode() for name, content in named.items()},
        }  # fmt: skip
        said = self._post("/run_code", body, limits)
        if said["status"] not in ("Success", "Failed"):
            raise self._lose(f"{said['status']} {said.get('message') or ''}")
        compiled, ran = said.get("compile_result"), said.get("run_result")
        if compiled is not None and (compiled["status"] != "Finished" or compiled["return_code"] != 0):
            if compiled["status"] != "Finished":
                raise self._lose("its compiler did not come to its end")
            return _tell_uncompiled(int(compiled["return_code"]), compiled.get("stderr") or "")
        stdout, wall_s = ran.get("stdout") or "", float(ran.get("execution_time") or 0.0)
        late = ran["status"] == "TimeLimitExceeded"
        if not late and ran["status"] != "Finished":
            raise self._lose(f"{ran['status']} {ran.get('stderr') or ''}")
        size = len(_encode(stdout))
        if stdout.startswith("[DecodeError]") or (_PIPE if late else _FUSION_READS) <= size < limits.output:
            raise self._lose(f"it does not read outputs as long as this one ({size} bytes and more)")
        code, number = (0, 0) if late else _read_code(int(ran["return_code"]))
        late = late or number == signal.SIGXCPU or (number == signal.SIGKILL and wall_s >= limits.cpu_s)
        return Said(code, number, stdout, ran.get("stderr") or "", 0.0, wall_s, 0, late)

    def _find_memory(self, limits: Limits) -> int:
        """Python limits itself: a limit of the service's is one of each thread's stack, too. Node reserves more than any limit.

        The compiler is held to the program's limit, so that a low one would fail every program.
        """
        return max(limits.memory, _COMPILER_MEMORY) >> 20 if self._language == "cpp" else _NEVER


class PistonRunner(_ServiceRunner):
    """Runs programs by Piston's second protocol, with the newest version that it has of the language."""

    def __init__(self, endpoint: str, language: str = "python") -> None:
        super().__init__(endpoint, language)
        self._root = "" if "/api/v2" in self._client.endpoint else "/api/v2"
        self._runtime: tuple[str, str] | None = None
        self._most: dict[str, int] = {}

    def _ask(self, text: str, stdin: str, limits: Limits, named: Mapping[str, bytes]) -> Said | Outcome:
        name, version = self._find_runtime()
        files = [{"name": "program", "content": text}]
        files += [{"name": one, "content": base64.b64encode(content).decode(), "encoding": "base64"} for one, content in named.items()]  # fmt: skip
        wanted = {
            "run_timeout": int(1000 * limits.wall_s), "run_cpu_time": int(1000 * limits.cpu_s) + 1, "compile_timeout": 1000 * COMPILE_S,
            "compile_cpu_time": 1000 * COMPILE_S, "run_memory_limit": limits.memory + (256 << 20),
        }  # fmt: skip
        body = {"language": name, "version": version, "files": files, "stdin": stdin, "args": list(named)}
        said = self._post_within(body, wanted, limits)
        compiled, ran = said.get("compile"), said["run"]
        if compiled is not None and compiled.get("code") != 0:
            if compiled.get("status") not in (None, "RE") or compiled.get("code") is None:
                raise self._lose(
                    f"its compiler did not come to its end ({compiled.get('status') or compiled.get('signal')})"
                )
            return _tell_uncompiled(int(compiled["code"]), compiled.get("stderr") or compiled.get("output") or "")  # fmt: skip
        return self._read_run(ran, limits)

    def _read_run(self, ran: Mapping[str, Any], limits: Limits) -> Said:
        status, stdout, stderr = ran.get("status"), ran.get("stdout") or "", ran.get("stderr") or ""
        cpu_s, wall_s = float(ran.get("cpu_time") or 0) / 1000, float(ran.get("wall_time") or 0) / 1000
        code, number = _read_code(int(ran.get("code") or 0))
        number = _SIGNALS.get(str(ran.get("signal") or ""), number)
        if status == "XX" or (status is None and ran.get("code") is None and not number):
            raise self._lose(f"it failed: {ran.get('message') or 'no exit code'}")
        if status in ("OL", "EL") and max(len(stdout), len(stderr)) < limits.output:
            raise self._lose(f"it takes no longer outputs than {max(len(stdout), len(stderr))} characters")
        late = status == "TO" or number == signal.SIGXCPU
        if (
            late
            and number != signal.SIGXCPU
            and cpu_s < 0.95 * limits.cpu_s
            and wall_s < 0.95 * limits.wall_s
        ):
            raise self._lose(
                f"it stopped the program after {max(cpu_s, wall_s):g} s, before its time was over"
            )
        if status is None and number == signal.SIGKILL:
            raise self._lose("it ended the program without saying why")
        if number == signal.SIGKILL and "run_memory_limit" in self._most and not late:
            raise self._lose("it ended the program, which may have less memory there than it should")
        return Said(code, number, stdout, stderr, cpu_s, wall_s, int(ran.get("memory") or 0), late)

    def _post_within(self, body: Mapping[str, Any], wanted: Mapping[str, int], limits: Limits) -> Any:
        """Ask within the service's own limits, which it tells one by one; asked for more, it runs nothing."""
        while True:
            bounded = {key: min(value, self._most.get(key, value)) for key, value in wanted.items()}
            try:
                return self._post(f"{self._root}/execute", {**body, **bounded}, limits)
            except RefusedError as error:
                found = _LIMIT.search(str(error))
                if found is None or int(found[2]) >= bounded.get(found[1], 0):
                    raise
                self._most[found[1]] = int(found[2])

    def _find_runtime(self) -> tuple[str, str]:
        """A word for the language, and the newest version, of those that the service lists."""
        if self._runtime is None:
            word = {"cpp": "c++"}.get(self._language, self._language)
            listed = self._client.ask(f"{self._root}/runtimes", None, SPARE_S, 1 << 24)
            found = [
                one
                for one in listed
                if one["language"] == word and one.get("runtime") in (None, word, "node", "gcc")
            ]
            if not found:
                raise UnsupportedError(f"{self._client.endpoint} has no {self._language}")
            newest = max(found, key=lambda one: [int(part) for part in re.findall(r"\d+", one["version"])])
            # Node and Deno are both JavaScript there; an alias tells them apart.
            own = next((alias for alias in newest["aliases"] if alias.startswith("node-")), word)
            self._runtime = (own, newest["version"])
        return self._runtime


def _tell_uncompiled(code: int, stderr: str) -> Outcome:
    said = re.sub(rb"[^\s:]*\bprogram\.cpp:|[^\s:]+\.cpp:", b"program.cpp:", _encode(stderr))
    if _NEWER.search(said):
        raise UnsupportedError("newer C++ than the service compiles")
    return Outcome("compile_error", code, 0, b"", said, 0.0, 0.0, 0)


def _read_code(code: int) -> tuple[int, int]:
    """An exit code, or the signal that it stands for: negative in Python, and over 128 in shells."""
    number = -code if code < 0 else code - 128
    return (0, number) if number in _SIGNALS.values() else (code, 0)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "replace")
