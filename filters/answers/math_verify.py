"""A second opinion from Math-Verify, in a process of its own that is killed when it takes too long.

Math-Verify simplifies with sympy, which some short answers keep busy for hours; its own timeouts are signals,
which fail in threads and do not reach into C code. Here a process that is busy for too long is killed.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import threading
from functools import lru_cache
from importlib.util import find_spec
from typing import Final

from filters.child_python import make_command, make_environment

MAX_CHARS: Final = 600
"""Characters of either answer that are handed over: longer ones are not short answers, and are slow."""
LIMIT_S: Final = 10.0
"""What an answer may take before the process counts as lost: its own deadline for a pair is much shorter."""
START_LIMIT_S: Final = 60.0
"""What importing Math-Verify may take on a busy machine."""


def is_installed() -> bool:
    """Whether the package is installed."""
    return find_spec("math_verify") is not None


def ask_math_verify(reference: str, answer: str) -> bool:
    """Whether Math-Verify takes two short answers for equal; false also where it fails or is too slow."""
    if max(len(reference), len(answer)) > MAX_CHARS:
        return False
    return _ask_once(reference, answer)


@lru_cache(maxsize=65_536)
def _ask_once(reference: str, answer: str) -> bool:
    return _get_child(os.getpid()).compare(reference, answer)


@lru_cache(maxsize=1)
def _get_child(_pid: int) -> _Child:
    """The child of this process: a fork does not share its parent's."""
    return _Child()


class _Child:
    """The process that runs Math-Verify; started when it is first asked, and again when it was lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def compare(self, reference: str, answer: str) -> bool:
        """Ask for one comparison."""
        with self._lock:
            process = self._process or self._start()
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps([reference, answer]).encode() + b"\n")
                said = _read_line(process, LIMIT_S)
            except BrokenPipeError:
                said = b""
            if not said:
                self._kill(process)
            return said == b"true\n"

    def _start(self) -> subprocess.Popen[bytes]:
        self._process = process = subprocess.Popen(  # noqa: S603  our own module
            make_command("filters.answers.math_verify_worker"),
            env=make_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        if _read_line(process, START_LIMIT_S) != b"ready\n":
            self._kill(process)
            raise RuntimeError("Math-Verify does not start; run r1curate doctor.")
        return process

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        self._process = None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def _read_line(process: subprocess.Popen[bytes], limit_s: float) -> bytes:
    """The next line of a process's output; empty when it ended or the time was over."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], limit_s)
    return process.stdout.readline() if ready else b""
