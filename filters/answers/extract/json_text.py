"""Find the JSON at the end of a text and read it strictly, within bounds, for comparing cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from filters.answers.extract.phrases import LATER

MAX_CHARS = 100_000
"""Characters of a text's end that are searched, and of a value that is read."""
MAX_DEPTH = 32
"""Brackets inside brackets: puzzles have two or three levels, and readers recurse."""

MAX_CORRECTION = 2_000
"""Characters after a block in which it may be taken back."""

Span = tuple[int, int]
Cell = str | Decimal | bool | None
Cells = dict[tuple[str | int, ...], Cell]

_FENCE = re.compile(r"^[ \t]{0,9}```[ \t]{0,9}(\w{0,20})[ \t]{0,9}$", re.MULTILINE)
_OPENING = re.compile(r"(?<!\\boxed)[{\[]")
# A quote that its line does not close swallows the line's rest only: possessive, so that it is read once.
_INSIDE = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|[{}\[\]]')
_CLOSES = {"}": "{", "]": "["}


class JsonError(Exception):
    """A text that is not strict JSON; str says how."""


class TooLargeError(JsonError):
    """A text beyond the bounds, which may be JSON."""


def find_last_json(text: str, opening: str) -> Span | None:
    """Where the final value that begins with `opening` stands: the last fenced block, unless a corrected one follows it, else the last closed brackets.

    Linear in the text, of which only the end is searched.
    """
    start = max(0, len(text) - MAX_CHARS)
    fenced = [span for span in _find_fenced(text, start) if text.startswith(opening, span[0])]
    if fenced:
        return _find_correction(text, fenced[-1][1], opening) or fenced[-1]
    return _find_last_closed(text, start, opening)


def _find_correction(text: str, end: int, opening: str) -> Span | None:
    """The value that stands after the last block, where the text takes that back."""
    taken_back = LATER.search(text, end, end + MAX_CORRECTION)
    return _find_last_closed(text, taken_back.end(), opening) if taken_back else None


def _find_last_closed(text: str, start: int, opening: str) -> Span | None:
    spans = [span for span in _find_closed(text, start) if text[span[0]] == opening]
    return spans[-1] if spans else None


def _find_fenced(text: str, start: int) -> Iterator[Span]:
    """The contents of fenced blocks that are closed, without the space around them."""
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text, start):
        if opened is None:
            opened = fence
        elif not fence[1]:
            inside = text[opened.end() : fence.start()]
            begin = opened.end() + len(inside) - len(inside.lstrip())
            yield begin, max(begin, opened.end() + len(inside.rstrip()))
            opened = None


def _find_closed(text: str, start: int) -> list[Span]:
    """The widest ranges that begin and end with matching brackets, in order; quoted brackets do not count."""
    spans: list[Span] = []
    stack: list[int] = []
    at = start
    while found := (_INSIDE if stack else _OPENING).search(text, at):
        at, mark = found.end(), found[0]
        if mark in ("{", "["):
            stack.append(found.start())
        elif stack and _CLOSES.get(mark) == text[stack[-1]]:
            begin = stack.pop()
            while spans and spans[-1][0] > begin:
                spans.pop()
            spans.append((begin, at))
    return spans


def read_json(text: str) -> Any:
    """The value of a strict JSON text: numbers exact, no NaN, no key twice. Raises JsonError."""
    check_size(text)
    try:
        return json.loads(
            text,
            parse_int=Decimal,
            parse_float=Decimal,
            parse_constant=_refuse_constant,
            object_pairs_hook=_make_object,
        )
    except (ValueError, ArithmeticError) as error:
        raise JsonError(str(error)) from None


def check_size(text: str) -> None:
    """Raise TooLargeError for a text that is beyond the bounds."""
    if len(text) > MAX_CHARS:
        raise TooLargeError(f"more than {MAX_CHARS:,} characters")
    if _measure_depth(text) > MAX_DEPTH:
        raise TooLargeError(f"more than {MAX_DEPTH} levels")


def _measure_depth(text: str) -> int:
    deepest = depth = 0
    for mark in re.finditer(r'"(?:[^"\\]++|\\.)*+"?|[{}\[\]]', text, re.DOTALL):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(mark[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _make_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = {_fold_text(key): value for key, value in pairs}
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def flatten_cells(value: Any) -> Cells:
    """The values of all cells by their places; an empty container is a cell too."""
    found: Cells = {}
    work: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while work:
        place, value = work.pop()
        inner = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        if isinstance(value, (dict, list)) and value:
            work += [((*place, key), cell) for key, cell in inner]
        else:
            found[place] = _make_cell(value)
    return found


def _make_cell(value: Any) -> Cell:
    """A cell as it is compared: text without regard to case and space around or between words."""
    if isinstance(value, str):
        return _fold_text(value)
    return f"empty {type(value).__name__}\0" if isinstance(value, (dict, list)) else value


def _fold_text(text: str) -> str:
    return " ".join(text.casefold().split())


def is_same_cell(one: Cell, two: Cell) -> bool:
    """Whether two cells hold the same value of the same type: 1.0 is 1, but neither "1" nor true."""
    return type(one) is type(two) and one == two
