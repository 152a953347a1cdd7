"""The process that runs Math-Verify on pairs of answers: one JSON line in, `true` or `false` out.

It imports Math-Verify once and forks for every pair, so that ending a slow one does not cost a new start. A fork may
take so much time and memory, and cannot write a file. Only LaTeX is read, by Math-Verify's grammar; its reader
of plain expressions evaluates Python, and is not used.
"""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import sys
from collections.abc import Callable
from typing import Any

Compare = Callable[[str, str], bool]

LIMIT_S = 2.0
"""What one pair may take."""
MEMORY_LIMIT = 2 << 30
"""Bytes of address space."""


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    compare = _make_comparison()
    compare("1", "2")  # what is loaded at first use is loaded for all forks
    answers.write(b"ready\n")
    for line in sys.stdin.buffer:
        reference, answer = json.loads(line)
        answers.write(b"true\n" if _compare_in_fork(compare, reference, answer) else b"false\n")


def _compare_in_fork(compare: Compare, reference: str, answer: str) -> bool:
    """The comparison, made by a fork; false where the fork dies or is killed at the deadline."""
    reading, writing = os.pipe()
    fork = os.fork()
    if fork == 0:
        try:
            _limit_resources()
            os.write(writing, b"1" if compare(reference, answer) else b"0")
        finally:
            os._exit(0)  # whatever was raised: the fork must not go on as a second server
    os.close(writing)
    ready, _, _ = select.select([reading], [], [], LIMIT_S)
    said = os.read(reading, 1) if ready else b""
    os.close(reading)
    os.kill(fork, signal.SIGKILL)
    os.waitpid(fork, 0)
    return said == b"1"


def _limit_resources() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _make_comparison() -> Compare:
    """A function that compares two answers."""
    from math_verify import LatexExtractionConfig, parse, verify

    config = [LatexExtractionConfig(boxed_match_priority=0)]

    def formulas(text: str) -> list[Any]:
        found = parse(f"\\boxed{{{text}}}", extraction_config=config, parsing_timeout=None)
        return [value for value in found if not isinstance(value, str)]

    def compare(reference: str, answer: str) -> bool:
        expected = formulas(reference)
        got = formulas(answer) if expected else []
        return bool(got) and verify(expected, got, timeout_seconds=None) is True

    return compare


if __name__ == "__main__":
    main()
