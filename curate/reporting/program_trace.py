"""What a verdict on a program is about: the program that was judged, and the test that it failed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from filters.checks.code_tests import LANGUAGES
from filters.programs.assemble import assemble_program
from filters.programs.errors import UnreadableTestsError
from filters.programs.extract_code import find_code
from filters.programs.program_tests import ProgramTests
from filters.programs.read_tests import read_tests
from filters.types import Sample, Verdict

LINES: Final = 8
WIDTH: Final = 160
"""What is shown of a test: so many lines, of so many characters."""
_NAMED_TEST: Final = re.compile(r"\w+: (test (\d{1,9}) of (\d{1,9}))\b")
"""How a reason names the test that failed."""


def trace_program(sample: Sample, verdict: Verdict, options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What there is to see of a verdict, each with its name: the failing test, and the program with its lines numbered.

    options: those that the check had. The program is whole, as it was run: what the prompt gave it to go on from comes first.
    """
    try:
        tests = read_tests(sample.prompt.extra)
    except UnreadableTestsError:
        return
    if tests is None:
        return
    named = _NAMED_TEST.match(verdict.reason)
    if named and verdict.ok is not True:
        shown = _show_test(tests, int(named[2]), int(named[3]), options.get("most_tests"))
        yield from ((named[1], text) for text in (shown,) if text)
    language = LANGUAGES.get(tests.language or options.get("language", "python"))
    code = find_code(sample.parts.answer or "", language) if language else None
    if code is not None:
        yield "program", number_lines(assemble_program(code, sample.prompt.text, tests))


def number_lines(text: str) -> str:
    """A text with the number of each line before it."""
    lines = text.rstrip().split("\n")
    width = len(str(len(lines)))
    return "\n".join(f"{number:>{width}}  {line}".rstrip() for number, line in enumerate(lines, 1))


def _show_test(tests: ProgramTests, number: int, total: int, most: int | None) -> str:
    """A test, and what is expected of it; empty where it is not there."""
    cases = tests.cases[:most]
    if tests.kind == "asserts":
        # Lines that are no code one by one are tried as one test.
        lines = [case.given for case in cases]
        return _cut("\n".join(lines if total != len(lines) else lines[number - 1 : number]))
    if number > len(cases):
        return ""
    case = cases[number - 1]
    several = f" (one of {len(case.accepted)})" * (len(case.accepted) > 1)
    if tests.kind == "calls":
        call = f"{tests.function}({', '.join(map(_write, case.given))})"
        return f"{_cut(call)}\nexpected{several}:\n{_cut(_write(case.accepted[-1]))}"
    return f"input:\n{_cut(case.given)}\nexpected{several}:\n{_cut(case.accepted[0])}"


def _write(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _cut(text: str) -> str:
    """The first lines of a text, each cut; what is left out is said."""
    lines = text.rstrip("\n").split("\n")
    shown = [
        line if len(line) <= WIDTH else f"{line[:WIDTH]}… ({len(line):,} characters)"
        for line in lines[:LINES]
    ]
    if len(lines) > LINES:
        shown.append(f"… {len(lines) - LINES:,} more lines")
    return "\n".join(shown)
