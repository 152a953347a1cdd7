"""A program that a row knows to be right, in the columns where public sets have one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from filters.programs.extract_code import find_code, list_blocks
from filters.programs.read_asserts import SOLUTIONS

_LISTED: Final = "solutions"
_NUMBERED: Final[Mapping[str, int]] = {"cpp": 2, "python": 3}
"""What CodeContests calls the languages of its solutions; its 1 is Python 2, which is not run."""
_LOOKS_LIKE_CODE: Final = re.compile(
    r"^[ \t]*+(?:import \w|from [\w.]+ import\b|def \w+\(|class \w+[:({]|return\b|#include\b|using namespace\b|function \w+\()"
    r"|\b(?:print|input|console\.log|sys\.std\w+\.\w+)\(|\blambda [^:\n]{0,99}:|\bcout\b",
    re.MULTILINE,
)


def find_solution(row: Mapping[str, Any], language: str, reference: str | None = None) -> str | None:
    """The first program in a language of extract_code.LABELS that a row knows to be right; None where it has none.

    reference: the prompt's reference answer, which `solution` and columns like it are where a row has no short answer; it counts
    where it is code.
    """
    for text in _list_texts(row, language):
        code = find_code(text, language)
        if code is not None:
            return code
    if reference is None or not (any(list_blocks(reference)) or _LOOKS_LIKE_CODE.search(reference)):
        return None
    return find_code(reference, language)


def _list_texts(row: Mapping[str, Any], language: str) -> Iterator[str]:
    """What stands in the columns of solutions, as texts."""
    for name in SOLUTIONS:
        if isinstance(row.get(name), str):
            yield row[name]
    listed = _open(row.get(_LISTED))
    if isinstance(listed, Mapping):  # CodeContests': a list of languages, and one of programs
        languages, programs = listed.get("language"), listed.get("solution")
        if isinstance(languages, list) and isinstance(programs, list):
            listed = [code for said, code in zip(languages, programs, strict=False) if said == _NUMBERED.get(language)]  # fmt: skip
    if isinstance(listed, list):
        yield from (one for one in listed if isinstance(one, str))


def _open(cell: Any) -> Any:
    """A list that is written as JSON; any other text is one program."""
    if not isinstance(cell, str):
        return cell
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return [cell]
    return found if isinstance(found, list) else [cell]
