"""The process that runs Math-Verify on pairs of answers: one JSON line in, `true` or `false` out.

Its limits hold even when its parent is gone: memory, processor time a pair, and no file it could write.
Only LaTeX is read, by Math-Verify's grammar; its reader of plain expressions evaluates Python, and is not used.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

MEMORY_LIMIT = 2 << 30
"""Bytes of address space."""
CPU_LIMIT_S = 5
"""Processor seconds of one pair: the parent's deadline comes first, unless the parent has died."""


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    compare = _comparer()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    answers.write(b"ready\n")
    for line in sys.stdin.buffer:
        used = resource.getrusage(resource.RUSAGE_SELF)
        limit = int(used.ru_utime + used.ru_stime) + CPU_LIMIT_S
        resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))
        reference, answer = json.loads(line)
        answers.write(b"true\n" if compare(reference, answer) else b"false\n")


def _comparer() -> Any:
    """A function that compares two answers; imports what it needs, before the memory is limited."""
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
