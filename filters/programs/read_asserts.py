"""Tests that are code: lines of asserts, and functions that try what they are given. It is only read here, and run elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from filters.programs.errors import UnreadableTestsError
from filters.programs.program_tests import MOST_READ, ProgramCase, ProgramTests, find_text, is_filled

SETUP: Final = "setup_code"
"""The column with what tests need that are code."""
SOLUTIONS: Final = ("canonical_solution", "code", "reference_solution", "solution", "gold_standard_solution")
"""The columns in which a row has a program that is right."""
_ASSERTS: Final = re.compile(
    r"^[ \t]{0,80}(?:assert\b|def test|class \w{1,80}\()|\bself\.assert", re.MULTILINE
)
_DEFINED: Final = re.compile(r"^(?:async[ ]+def|def|class)[ ]+(\w+)", re.MULTILINE)


def list_defined(row: Mapping[str, Any]) -> frozenset[str]:
    """The names that a row's own solution defines."""
    return frozenset(_DEFINED.findall(find_text(row, *SOLUTIONS)))


def is_code(text: str) -> bool:
    """Whether a text is code that asserts something."""
    return bool(_ASSERTS.search(text[:MOST_READ]))


def make_asserts(lines: Sequence[str]) -> ProgramTests:
    """Lines of code as tests, or, where some of them are functions that test, as one code."""
    if any(re.match(r"(?:async )?def test|class |@", line.lstrip()) for line in lines):
        return ProgramTests("asserts", code="\n\n".join(lines))
    return ProgramTests("asserts", make_lines(lines))


def make_lines(lines: Sequence[str]) -> tuple[ProgramCase, ...]:
    """Lines of code as tests: one that asserts nothing belongs to the next that does, or to the last."""
    tests: list[str] = []
    before: list[str] = []
    for line in filter(str.strip, lines):
        before.append(line)
        if "assert" in line:
            tests.append("\n".join(before))
            before = []
    if before:
        tests[-1:] = ["\n".join([*tests[-1:], *before])]
    return tuple(ProgramCase(one, ()) for one in tests)


def read_asserts(row: Mapping[str, Any]) -> ProgramTests | None:
    """MBPP's lines of asserts, with what they need before."""
    lines: list[str] = []
    for name in ("test_list", "challenge_test_list"):
        listed = _open_list(row.get(name))
        if not is_filled(listed):
            continue
        if not isinstance(listed, Sequence) or isinstance(listed, str) or not all(isinstance(line, str) for line in listed):  # fmt: skip
            raise UnreadableTestsError(f"'{name}' is no list of asserts")
        lines += listed
    before = [row[name] for name in ("test_imports", "test_setup_code", SETUP) if is_filled(row.get(name))]  # fmt: skip
    setup = [one if isinstance(one, str) else "\n".join(map(str, one)) for one in before]
    tests = make_asserts(lines)
    return tests._replace(code="\n".join([*setup, *([tests.code] if tests.code else [])])) if lines else None


def _open_list(cell: Any) -> Any:
    """A list, which may be written as JSON."""
    try:
        return json.loads(cell) if isinstance(cell, str) and cell.lstrip().startswith("[") else cell
    except (ValueError, RecursionError):
        return cell


def read_check(row: Mapping[str, Any]) -> ProgramTests | None:
    """Code that tests: HumanEval's `check`, which is given the function that is asked for, or code that asserts by itself."""
    texts = (row.get(name) for name in ("test", "test_code"))
    code = next((text for text in texts if isinstance(text, str) and text.strip()), "")
    function = find_text(row, "entry_point")
    if not code:
        return None
    if not function and not is_code(code):
        raise UnreadableTestsError("it has 'test', and no entry_point: what it tries cannot be told")
    setup = find_text(row, SETUP)
    return ProgramTests("asserts", code=f"{setup}\n\n{code}" if setup else code, function=function)
