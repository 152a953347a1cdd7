"""How a program ended in a sandbox, and what it wrote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, NamedTuple

from filters.sandbox.run_tests import Told
from filters.sandbox.walls import Limits

__all__ = ["End", "Outcome", "Told", "Trial", "make_outcome"]

End = Literal["ended", "timeout", "memory", "output_limit", "crash", "compile_error"]
"""How a program ended: by itself with exit code 0; by its limit of time, memory or output; by an error or signal; or not
begun, since it does not compile."""
_ERROR: Final = re.compile(r"\w*(?:Error|Exception)\b")
_NO_MEMORY: Final = (b"std::bad_alloc", b"heap out of memory")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a program ended, and what it wrote. cpu_s, wall_s: what it took; memory: its peak in bytes.

    value: what the function that was called gave back, in JSON; empty where none was called, or it gave nothing.
    """

    end: End
    code: int
    signal: int
    stdout: bytes
    stderr: bytes
    cpu_s: float
    wall_s: float
    memory: int
    value: bytes = b""

    @property
    def error(self) -> str:
        """The line that names its error, of those it wrote of it; empty where it wrote none."""
        lines = self.stderr.decode("utf-8", "replace").strip().splitlines()
        if self.end == "compile_error":
            lines = [line for line in lines if "error: " in line][:1] or lines
        elif lines and lines[-1].startswith("Node.js v"):
            lines = [line for line in lines if _ERROR.match(line)] or lines
        return lines[-1][:200] if lines else ""

    def without_value(self) -> Outcome:
        """The same, of a program that was not asked for a value."""
        return replace(self, value=b"")


class Trial(NamedTuple):
    """A program that was tried by code: how it ended, how what tried it ended, and what came of each test.

    told: None where the program ended before it had defined anything; empty where what tried it did not come to tell.
    """

    program: Outcome
    tester: Outcome
    told: tuple[Told, ...] | None


def make_outcome(told: Mapping[str, Any], place: int, written: Sequence[bytes], limits: Limits) -> Outcome:
    """The outcome of one process of those told of. written: its output, its errors, and a value."""
    end = told["ends"][place]
    used = (end["cpu_s"], told["wall_s"], end["memory"])
    out, err, value = written
    return Outcome(_tell_end(end, written, limits), end["code"], end["signal"], out, err, *used, value)


def _tell_end(told: Mapping[str, Any], written: Sequence[bytes], limits: Limits) -> End:
    if told["stopped"] or told["cpu_s"] > limits.cpu_s:
        return "timeout"
    if max(map(len, written)) >= limits.output:
        return "output_limit"
    if told["code"] == 0 and told["signal"] == 0:
        return "ended"
    last = written[1].rstrip().rpartition(b"\n")[2]
    told_so = last.startswith(b"MemoryError") or any(mark in written[1][-4000:] for mark in _NO_MEMORY)
    return "memory" if told_so else "crash"
