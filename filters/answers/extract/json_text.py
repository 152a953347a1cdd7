"""Find the JSON at the end of a text and read it strictly, within bounds, for comparing cell by cell."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from filters.answers.extract.phrases import EITHER_OR, LATER, STANCE_BEFORE

MAX_CHARS = 100_000
"""Characters of a text's end that are searched, and of a value that is read."""
MAX_DEPTH = 32
"""Brackets inside brackets: puzzles have two or three levels, and readers recurse."""

MAX_CORRECTION = 2_000
"""Characters after a block in which it may be taken back."""
MAX_BETWEEN = 80
"""Characters between two values that are alternatives."""
MAX_RIVALS = 8
"""Values after the final one that are read."""
_BEFORE = 100

Span = tuple[int, int]
Cell = str | Decimal | bool | None
Cells = dict[tuple[str | int, ...], Cell]

_FENCE = re.compile(r"^[ \t]{0,9}```[ \t]{0,9}(\w{0,20})[ \t]{0,9}\r?$", re.MULTILINE)
_KEY = re.compile(r'"[^"\n]{0,200}"\s{0,9}:')
_TEMPLATE = re.compile(
    r'[\s,{}\[\]]*(?:(?:"(?:\.{2,9}|…|\?{1,9}|_{1,40}|<[^<>"\n]{0,80}>)"|\.\.\.|…)[\s,{}\[\]]*)+'
)
_LIKE = {
    "{": re.compile(r'\{\s*\}|[^"]{0,400}?[":]'),
    "[": re.compile(r"\[\s*\]|[^\d]{0,400}?[\d,\"\[{]|\[\s*(?:true|false|null)"),
}
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

    A template (`{"Ann": "..."}`) is passed over where another value stands, and so are words in brackets (`{smile}`).
    Linear in the text, of which only the end is searched.
    """
    start = max(0, len(text) - MAX_CHARS)
    fenced = [span for span in _find_fenced(text, start) if text.startswith(opening, span[0])]
    if fenced:
        chosen = _choose(text, fenced)
        return _find_correction(text, chosen[1], opening) or chosen
    return _find_last_closed(text, start, opening)


def find_rivals(text: str, chosen: Span, opening: str) -> list[Span]:
    """Other values that a response may mean as well: those after the final one, and the one before it with "or" between.

    One that the words before it deny or call an example is none.
    """
    start = max(0, len(text) - MAX_CHARS)
    before = [span for span in _list_values(text[: chosen[0]], start, opening) if span[1] <= chosen[0]][-1:]
    after = [span for span in _list_values(text, chosen[1], opening) if not _is_disowned(text, span)]
    after = [span for span in after if not _is_template(text[slice(*span)])]
    either = [
        span
        for span in before
        if chosen[0] - span[1] <= MAX_BETWEEN and EITHER_OR.search(text, span[1], chosen[0])
    ]
    return [*either, *after[-MAX_RIVALS:]]


def _is_disowned(text: str, span: Span) -> bool:
    return STANCE_BEFORE.search(text[max(0, span[0] - _BEFORE) : span[0]]) is not None


def _choose(text: str, spans: list[Span]) -> Span:
    """The last value that is no template; the last one where all are."""
    return next((span for span in reversed(spans) if not _is_template(text[slice(*span)])), spans[-1])


def _is_template(value: str) -> bool:
    """Whether all cells of a value are left open."""
    return len(value) <= MAX_CORRECTION and _TEMPLATE.fullmatch(_KEY.sub(" ", value)) is not None


def _find_correction(text: str, end: int, opening: str) -> Span | None:
    """The value that stands after the last block, where the text takes that back."""
    taken_back = LATER.search(text, end, end + MAX_CORRECTION)
    return _find_last_closed(text, taken_back.end(), opening) if taken_back else None


def _find_last_closed(text: str, start: int, opening: str) -> Span | None:
    spans = _list_values(text, start, opening)
    return _choose(text, spans) if spans else None


def _list_values(text: str, start: int, opening: str) -> list[Span]:
    """The closed brackets that begin with `opening` and hold more than words."""
    spans = [span for span in _find_closed(text, start) if text[span[0]] == opening]
    return [span for span in spans if _LIKE[opening].match(text, *span)]


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
    found = {" ".join(key.split()): value for key, value in pairs}
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def flatten_cells(value: Any, fold: Callable[[str], str]) -> Cells:
    """The values of all cells by their places; an empty container is a cell too.

    fold: makes of a key or a cell's text the form in which it is compared. Raises JsonError where two keys are one.
    """
    found: Cells = {}
    work: list[tuple[tuple[str | int, ...], Any]] = [((), value)]
    while work:
        place, value = work.pop()
        if isinstance(value, (dict, list)) and value:
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            work += [((*place, fold(key) if isinstance(key, str) else key), cell) for key, cell in inner]
        elif place in found:
            raise JsonError("a key stands twice")
        else:
            found[place] = _make_cell(value, fold)
    return found


def _make_cell(value: Any, fold: Callable[[str], str]) -> Cell:
    """A cell as it is compared."""
    if isinstance(value, str):
        return fold(value)
    return f"empty {type(value).__name__}\0" if isinstance(value, (dict, list)) else value


def ignore_case(text: str) -> str:
    """A text without regard to case and to space around or between words."""
    return " ".join(text.casefold().split())


def is_same_cell(one: Cell, two: Cell) -> bool:
    """Whether two cells hold the same value of the same type: 1.0 is 1, but neither "1" nor true."""
    return type(one) is type(two) and one == two
