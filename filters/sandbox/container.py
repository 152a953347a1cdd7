"""Programs in Python, run in containers of Docker or Podman: one container a program, gone with it.

A container has no network, no privileges, no environment and no files of this machine's; its image cannot be changed, and its one
folder, /tmp, lies in memory. What it shares is the kernel, of which it can call far more than our own sandbox allows (what the
tool's own seccomp list does), and the tool's daemon, where it has one, runs as root.

An argument has at most 128 KB, so what is to be run goes ahead of the program's input: the first process reads it, byte by byte,
and leaves the rest to the program. All this was tried with a tool that stands in for Docker: no daemon of it ran where it was written.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final, Literal

from filters.errors import UserError
from filters.sandbox.bounded_process import Ran, run_bounded
from filters.sandbox.call_text import make_driven, read_driver, split_value
from filters.sandbox.outcome import Outcome, make_outcome
from filters.sandbox.sandbox import Call, SandboxError, SandboxLostError
from filters.sandbox.walls import NOBODY, Limits

Tool = Literal["docker", "podman"]
SPARE_MEMORY: Final = 64 << 20
"""What a container has beside its program's memory: for its first process, and for files in its folder."""
_ASK_S: Final = 60.0
_MARKS: Final = 4096
"""More than our own marks add to a program's outputs."""
_BOOT: Final = """
import json, os
def take(size):
    taken = b""
    while len(taken) < size:
        piece = os.read(0, min(size - len(taken), 1 << 20))
        if not piece:
            raise SystemExit("its input was cut")
        taken += piece
    return taken
given = json.loads(take(int(take(16), 16)))
names = {"__name__": "driver"}
exec(compile(given.pop("driver"), "driver.py", "exec"), names)
names["boot"](given)
"""
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/tmp", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",  # noqa: S108
}  # fmt: skip
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY")
"""What Docker's own configuration gives to every container, passwords included, unless it is given otherwise."""
_TOOLS_OWN: Final = (
    "PATH", "HOME", "USER", "TMPDIR", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS", "SSH_AUTH_SOCK",
    "DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "DOCKER_API_VERSION",
    "CONTAINER_HOST", "CONTAINER_SSHKEY", "CONTAINERS_CONF",
)  # fmt: skip
"""What the tool itself may need of the environment, to find its daemon; none of it goes into a container."""


class ContainerRunner:
    """Runs programs in Python, each in a container of its own. image: one that has Python 3.11 or later as `python3`."""

    def __init__(self, tool: Tool, image: str) -> None:
        self._tool, self._image = tool, image
        self._environment = {name: os.environ[name] for name in _TOOLS_OWN if name in os.environ}

    def require(self) -> None:
        """Refuse where no container can be started. Raises SandboxError."""
        if not self._image.strip() or self._image.startswith("-"):
            raise UserError(f"'{self._image}' is no name of an image.")
        if shutil.which(self._tool) is None:
            raise SandboxError(f"There is no {self._tool} on the PATH to run programs with: install it, or take another sandbox=.")  # fmt: skip
        said = self._ask("version")
        if said is not None:
            raise SandboxError(f"{self._tool} cannot start containers here ({said}): start its daemon, or take another sandbox=.")  # fmt: skip
        if self._ask("image", "inspect", self._image) is not None:
            raise SandboxError(f"{self._tool} has no image '{self._image}' here: get it with `{self._tool} pull {self._image}`.")  # fmt: skip

    def run(
        self,
        source: str,
        stdin: bytes = b"",
        limits: Limits | None = None,
        call: Call | None = None,
        named: Mapping[str, bytes] | None = None,
    ) -> Outcome:
        """Run a program to its end, and call a function of it where one is named. Raises SandboxLostError."""
        limits, named = limits or Limits(), named or {}
        name, began, ended, mark = (f"r1curate-{secrets.token_hex(16)}" for _ in range(4))
        given = {
            "driver": read_driver(), "program": make_driven(source, limits, call, list(named), mark), "began": began, "ended": ended,
            "wall_s": limits.wall_s, "named": {one: base64.b64encode(content).decode() for one, content in named.items()},
        }  # fmt: skip
        head = json.dumps(given).encode()
        gone = False
        try:
            ran = run_bounded(
                self.make_command(name, limits),
                b"%016x" % len(head) + head + stdin,
                self._environment,
                limits.wall_s,
                limits.output + _MARKS,
                lambda: self._tell("kill", name),
            )
            gone = not ran.stopped
        finally:
            if not gone:
                self._tell("rm", "--force", name)
        return self._read(ran, limits, began, ended, mark)

    def close(self) -> None:
        """Nothing is kept."""

    def make_command(self, name: str, limits: Limits) -> list[str]:
        """The command that starts a container and waits for its end."""
        size = str(limits.memory + SPARE_MEMORY)
        given = [*(f"{key}={value}" for key, value in _ENVIRONMENT.items())]
        given += [f"{key}=" for proxy in _PROXIES for key in (proxy, proxy.lower())]
        own = ["--read-only-tmpfs=false", "--http-proxy=false"] if self._tool == "podman" else []
        return [
            self._tool, "run", "--rm", "-i", "--name", name, "--pull=never", "--network=none", "--read-only",
            "--tmpfs", f"/tmp:rw,noexec,nosuid,nodev,size={limits.folder}", "--workdir=/tmp", "--cap-drop=ALL",  # noqa: S108
            "--security-opt=no-new-privileges", "--pids-limit=64", f"--user={NOBODY}:{NOBODY}", f"--memory={size}",
            f"--memory-swap={size}", "--cpus=1", "--ulimit", "nofile=64", "--ulimit", "core=0", "--log-driver=none",
            "--no-healthcheck", *own, *(word for one in given for word in ("-e", one)), "--entrypoint=python3", self._image,
            "-s", "-P", "-c", _BOOT,
        ]  # fmt: skip

    def _read(self, ran: Ran, limits: Limits, began: str, ended: str, mark: str) -> Outcome:
        """How the program ended, by what its container's first process told of it."""
        said, sign, rest = ran.stderr.partition(began.encode())
        if not sign:
            why = "the container did not start" if ran.stopped else f"exit code {ran.code}"
            raise SandboxLostError(f"{self._tool}: {_find_last_line(said) or why}")
        stderr, sign, told = rest.rpartition(ended.encode())
        stderr = stderr if sign else rest
        stdout, value = split_value(ran.stdout, mark)
        end = _read_end(told) if sign else None
        if end is None and not ran.stopped and ran.code != 137:
            raise SandboxLostError(f"{self._tool}: the container ended without a word (exit code {ran.code})")
        end = end or {"code": 0, "signal": 9, "cpu_s": 0.0, "memory": 0, "starved": not ran.stopped}
        facts = {
            "wall_s": ran.wall_s,
            "ends": [{**end, "stopped": ran.stopped == "late" or end["signal"] == signal.SIGXCPU}],
        }
        written = [one[: limits.output] for one in (stdout, stderr, value)]
        outcome = make_outcome(facts, 0, written, limits)
        starved = outcome.end == "crash" and end["starved"]
        return replace(outcome, end="memory") if starved else outcome

    def _ask(self, *words: str) -> str | None:
        """The tool's complaint at a question; None where it has none."""
        try:
            done = subprocess.run(  # noqa: S603  the user's own tool
                [self._tool, *words], capture_output=True, env=self._environment, timeout=_ASK_S, check=False
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        return (
            None if done.returncode == 0 else _find_last_line(done.stderr) or f"exit code {done.returncode}"
        )

    def _tell(self, *words: str) -> None:
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(  # noqa: S603  the same
                [self._tool, *words], capture_output=True, env=self._environment, timeout=_ASK_S, check=False
            )


def _read_end(told: bytes) -> dict[str, Any] | None:
    """What the first process told, in numbers; None where that is not what stands there."""
    try:
        said = json.loads(told)
        return {key: float(said[key]) if key == "cpu_s" else int(said[key]) for key in ("code", "signal", "cpu_s", "memory", "starved")}  # fmt: skip
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def _find_last_line(said: bytes) -> str:
    """The last line of what the tool wrote that is no hint at its help."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith(("Run '", "See '"))]
    return lines[-1][:200] if lines else ""
