"""Programs run behind the walls: the side that asks, and that a program can never reach.

A `Sandbox` holds one warm process (see `zygote`) and runs one program at a time; use one per core. Which tier of walls it
has is found by trying: the strongest one whose own test shows no way out (see `self_test`). Where there is none it refuses.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from filters.errors import UserError
from filters.sandbox.outcome import Outcome, Told, Trial, make_outcome
from filters.sandbox.packages import Packages
from filters.sandbox.pythons import Interpreter, this_python
from filters.sandbox.walls import Limits, Tier

TIERS: Final[tuple[Tier, ...]] = get_args(Tier)
PROGRAM: Final = "program.py"
"""What a program is called in its own errors."""
START_S: Final = 30.0
"""What a warm process may take to start on a busy machine."""
LONGEST_S: Final = 3600.0
"""What any program may take by the clock."""
SPARE_S: Final = 10.0
"""What it may take to answer, beyond a program's own limit."""
_LIBRARIES: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/tmp", "PATH": "/usr/bin:/bin",  # noqa: S108
    "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1",
}  # fmt: skip


class SandboxError(UserError):
    """No program can be run here: what is missing, and what can be done."""


class SandboxLostError(Exception):
    """The warm process died or fell silent: what it ran has no outcome."""


class UnsupportedError(Exception):
    """A place does not do what it was asked to: what that is. What was to be run has no outcome."""


class CompiledProgram:
    """What a compiler made of a program: a file in memory."""

    def __init__(self, file: int) -> None:
        self.file = file

    def close(self) -> None:
        """Let go of it."""
        if self.file >= 0:
            os.close(self.file)
        self.file = -1

    def __del__(self) -> None:
        self.close()


class Call(NamedTuple):
    """A function of a program to call when it has run, by its name, with these arguments, which JSON must hold."""

    function: str
    arguments: Sequence[Any]


class Sandbox:
    """A warm process behind walls of one tier. Not to be shared by threads: a lock makes them wait."""

    def __init__(
        self,
        tier: Tier,
        readable: Sequence[str] = (),
        python: Interpreter | None = None,
        packages: Packages | None = None,
    ) -> None:
        """Start the warm process. Raises SandboxError where the machine does not allow the tier.

        readable: what programs may read beside the standard library and the machine's shared libraries. python: the one that
        runs them; this one unless given. packages: those that they may import.
        """
        python, packages = python or this_python(), packages or Packages()
        self.tier = tier
        self._compiled = ("", b"")
        """The last program, and what it compiles to, as it said itself before it ran: other tests of it compile nothing."""
        self._lock = threading.Lock()
        self._asked = 0
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._channel = ours
        self.readable = find_readable(python, [*readable, *packages.places])
        # Nothing of the caller's environment goes in; what finds our own module does not come to a program.
        root = str(Path(__file__).resolve().parents[2])
        code = f"import sys; sys.path[:] = filter(None, sys.path); sys.path.insert(0, {root!r}); from filters.sandbox.zygote import main; sys.path.remove({root!r}); main({theirs.fileno()}, {tier!r}, {self.readable!r}, {packages.names!r}, {packages.places!r})"
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own module
                [python.program, "-s", "-S", "-c", code],
                env=dict(_ENVIRONMENT),
                cwd="/",
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        try:
            said = self._receive(START_S)
        except SandboxLostError:
            self.close()
            raise SandboxError(f"the sandbox's process did not start: {self._complaint()}") from None
        if "refused" in said:
            self.close()
            raise SandboxError(said["refused"])

    def run(
        self,
        source: str,
        stdin: bytes = b"",
        limits: Limits | None = None,
        call: Call | None = None,
        named: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Run a program to its end, and call a function of it where one is named.

        named: the files that it is given by name, as its arguments, instead of a call. Raises SandboxLostError where the warm process is lost; the next call needs a new one.
        """
        limits = limits or Limits()
        last, code = self._compiled
        compiled = code if last == source else b""
        given = [compiled or source.encode("utf-8", "replace"), stdin, b"", b""]
        if call is not None:
            given += [json.dumps(list(call.arguments)).encode(), b""]
        given += (named or {}).values()
        given += [] if compiled else [b""]
        asked = {"mode": "script", "function": "" if call is None else call.function, "named": list(named or {}),
                 "compiled": bool(compiled)}  # fmt: skip
        told, written = self._ask(asked, files := list(map(hold, given)), limits, files)
        if not compiled:
            self._compiled = (source, written[-1])
        return make_outcome(told, 0, [*written[2:4], b"" if call is None else written[5]], limits)

    def try_program(self, source: str, tests: Mapping[str, Any], limits: Limits | None = None) -> Trial:
        """Run a program, and in a process apart the code that tries it; tests: as `run_tests` has them. Raises SandboxLostError."""
        limits = limits or Limits()
        given = [source.encode("utf-8", "replace"), b"", b"", b"", json.dumps(tests).encode(), b"", b"", b"", b""]  # fmt: skip
        files = list(map(hold, given))
        told, written = self._ask({"mode": "tests"}, files, limits, files)
        program = make_outcome(told, 0, [*written[2:4], b""], limits)
        tester = make_outcome(told, 1, [*written[6:8], written[8]], limits)
        said = json.loads(tester.value) if tester.end == "ended" else ()
        return Trial(program, tester, None if said is None else tuple(Told(*one) for one in said))

    def compile(
        self, source: str, command: Sequence[str], name: str, limits: Limits, last: Sequence[str] = ()
    ) -> CompiledProgram | Outcome:
        """Compile a program: what was made of it, to be run as often as wanted, or how the compiler ended. Raises SandboxLostError."""
        made = CompiledProgram(hold(b""))
        asked = {
            "mode": "compile",
            "command": list(command),
            "last": list(last),
            "readable": self.readable,
            "name": name,
        }
        given = [hold(source.encode("utf-8", "replace")), hold(b""), hold(b""), hold(b"")]
        told, written = self._ask(asked, [*given, made.file], limits, given)
        outcome = make_outcome(told, 0, [*written[2:4], b""], limits)
        if outcome.end == "ended":
            return made
        made.close()
        if outcome.code == 70:
            raise SandboxLostError("the compiler could not be started")
        said = (
            outcome.stderr
            if outcome.end == "crash"
            else f"error: the compiler was ended: {outcome.end}".encode()
        )
        return replace(outcome, end="compile_error", stderr=said)

    def run_binary(
        self,
        program: CompiledProgram | str,
        arguments: Sequence[str],
        stdin: bytes = b"",
        limits: Limits | None = None,
        more: Sequence[bytes] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Run a program of the machine's own code to its end. Raises SandboxLostError.

        program: what was compiled, or the path of one that programs may read. more: what it finds in files from 4 on; what it
        has made of the last of them is the outcome's value.
        """
        limits = limits or Limits()
        given = [hold(one) for one in (stdin, b"", b"", *more)]
        asked = {"mode": "binary", "arguments": list(arguments), "environment": dict(environment or {}),
                 "path": program if isinstance(program, str) else ""}  # fmt: skip
        first = given[0] if isinstance(program, str) else program.file
        told, written = self._ask(asked, [first, *given], limits, given)
        return make_outcome(told, 0, [*written[2:4], written[-1] if more else b""], limits)

    def _ask(
        self, asked: Mapping[str, Any], files: Sequence[int], limits: Limits, ours: Sequence[int]
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Have it done, with these files; what is told of it, and what the files hold then. ours: those to be closed."""
        message = json.dumps({"name": PROGRAM, **asked, "limits": limits._asdict()}).encode()
        wait_s = min(limits.wall_s, LONGEST_S) + SPARE_S
        try:
            with self._lock:
                told = self._exchange(message, files, wait_s)
            written = [_read(file, limits.output) if file in ours else b"" for file in files]
        finally:
            for file in ours:
                os.close(file)
        if told["failed"]:
            raise SandboxLostError(told["failed"])
        return told, written

    def _exchange(self, message: bytes, files: Sequence[int], wait_s: float) -> dict[str, Any]:
        """Say something and hear the answer to it. Where that fails in any way, nothing is heard any more: it would be the answer to another."""
        try:
            self._asked += 1
            socket.send_fds(self._channel, [str(self._asked).encode() + b" " + message], files)
            told = self._receive(wait_s)
            if told.get("asked") != self._asked:
                raise SandboxLostError("its process answered another question")
            return told
        except OSError as error:
            self._channel.close()
            raise SandboxLostError(str(error)) from None
        except BaseException:
            self._channel.close()
            raise

    def close(self) -> None:
        """End the warm process, and with it whatever runs."""
        self._channel.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _receive(self, seconds: float) -> dict[str, Any]:
        self._channel.settimeout(seconds)
        try:
            said = self._channel.recv(1 << 16)
        except OSError as error:
            raise SandboxLostError(str(error)) from None
        if not said:
            raise SandboxLostError("its process is gone")
        found: dict[str, Any] = json.loads(said)
        return found

    def _complaint(self) -> str:
        assert self._process.stderr is not None
        lines = self._process.stderr.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else "it ended without a word"


def find_readable(python: Interpreter, more: Sequence[str] = ()) -> list[str]:
    """The places that a program may read: Python's standard library, the machine's shared libraries, and more."""
    found = [path.resolve() for path in map(Path, python.libraries) if path.is_dir()]
    places = list(dict.fromkeys([*found, *(path for path in map(Path, (*_LIBRARIES, *more)) if path.exists())]))  # fmt: skip
    inside = {one for one in places for other in places if one != other and one.is_relative_to(other)}
    return [str(one) for one in places if one not in inside]


def hold(content: bytes) -> int:
    """A new file in memory with this content, under no name."""
    file = os.memfd_create("sandbox", os.MFD_CLOEXEC)
    done = 0
    while done < len(content):
        done += os.write(file, content[done:])
    os.lseek(file, 0, os.SEEK_SET)
    return file


def _read(file: int, most: int) -> bytes:
    return os.pread(file, min(os.fstat(file).st_size, most), 0)
