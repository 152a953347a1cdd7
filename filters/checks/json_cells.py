"""Puzzles whose answer is a JSON object or list: grids, assignments, tables, compared cell by cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from filters.answers.compare.words import fold_words
from filters.answers.extract.doubts import find_doubt_after, find_doubt_before
from filters.answers.extract.json_text import (
    Cells,
    JsonError,
    Span,
    TooLargeError,
    find_last_json,
    find_rivals,
    flatten_cells,
    ignore_case,
    is_same_cell,
    read_json,
)
from filters.check import Role, SampleCheck
from filters.think import CUT_OFF
from filters.types import Sample, Verdict

_LEAD = re.compile(r"\s*(?:```\w{0,20}\s*|\\boxed\{|\$)*\Z")
MAX_LEAD = 60
"""Characters of a fence or a box that stand before its JSON."""
_TAIL = re.compile(r"[\s}$]*(?:```)?\s*")


class JsonCells(SampleCheck):
    """The response's last JSON holds exactly the reference's cells, each with the same value and type.

    Text counts exactly but for white space and, in ordinary words, case.

    The score is the share of right cells among those of either side.
    """

    name: ClassVar[str] = "json"
    role: ClassVar[Role] = "verifier"
    rules: ClassVar[Mapping[str, str]] = {
        "equal": "all cells have the reference's values",
        "different": "at least one cell is missing, additional or has another value",
        "no_json": "there is no JSON of the reference's kind after the chain, or the response was cut off before it",
        "invalid_json": "the last JSON after the chain does not parse strictly",
        "unclosed_think": "the think block is never closed, so nothing counts as an answer",
        "doubt": "undecided: words beside the JSON may deny it or take it back, or another one stands beside it",
        "unsure": "undecided: the cells differ in the case of letters alone, which may be symbols",
        "no_reference": "undecided: the prompt has no reference answer",
        "unreadable_reference": "undecided: the reference is not a JSON object or list, or is too large",
        "too_large": "undecided: the response's JSON is too large or too deep",
    }
    version: ClassVar[int] = 3

    def judge(self, sample: Sample) -> Verdict:
        """Compare the last JSON after the chain with the reference."""
        reference = (sample.prompt.answer or "").strip()
        if not reference:
            return Verdict(None, "no_reference")
        try:
            expected = _read_reference(reference)
        except JsonError as error:
            return Verdict(None, f"unreadable_reference: {error}"[:300])
        parts = sample.parts
        answer = parts.answer
        if answer is None or parts.answer_span is None:
            return Verdict(False, f"no_json: {CUT_OFF}" if parts.cut else "unclosed_think")
        found = find_last_json(answer, reference[0])
        if found is None:
            return Verdict(False, "no_json")
        start = parts.answer_span[0]
        verdict = _compare(expected, answer[slice(*found)], (start + found[0], start + found[1]))
        return verdict if verdict.ok is None else _weigh(verdict, expected, answer, found)


def _weigh(verdict: Verdict, expected: Any, answer: str, found: Span) -> Verdict:
    """The verdict, where no words beside the JSON deny it and no other JSON beside it would get another one."""
    begin, end = _LEAD.search(answer, max(0, found[0] - MAX_LEAD), found[0]), _TAIL.match(answer, found[1])
    doubt = find_doubt_before(answer, begin.start() if begin else found[0], changes=False)
    doubt = doubt or find_doubt_after(answer, end.end() if end else found[1])
    if doubt:
        return Verdict(None, f"doubt: {doubt}"[:300], span=verdict.span)
    places = _list_places(answer[slice(*found)])
    for rival in find_rivals(answer, found, answer[found[0]]):
        text = answer[slice(*rival)]
        if _list_places(text) == places and _compare(expected, text, rival).ok is not verdict.ok:
            return Verdict(None, "doubt: another JSON of the same cells stands beside it", span=verdict.span)
    return verdict


def _list_places(text: str) -> set[tuple[str | int, ...]] | None:
    """Where the cells of a JSON text are; None where it is not read."""
    try:
        return set(flatten_cells(read_json(text), ignore_case))
    except JsonError:
        return None


def _compare(expected: Any, text: str, span: Span) -> Verdict:
    """The verdict on one JSON text, as if nothing stood beside it."""
    try:
        value = read_json(text)
        one, two = flatten_cells(expected, fold_words), flatten_cells(value, fold_words)
    except TooLargeError as error:
        return Verdict(None, f"too_large: {error}", span=span)
    except JsonError as error:
        return Verdict(False, f"invalid_json: {error}"[:300], 0.0, span)
    wrong = _list_wrong(one, two)
    total = len(one.keys() | two.keys())
    right = total - len(wrong)
    if not wrong:
        return Verdict(True, f"equal: {right} cells", right / total, span)
    first = min(wrong, key=lambda place: [str(step) for step in place])
    said = f"{right} of {total} cells, first wrong: {'.'.join(map(str, first)) or 'the whole'}"
    if _is_case_alone(expected, value):
        return Verdict(None, f"unsure: case alone, {said}"[:300], right / total, span)
    return Verdict(False, f"different: {said}"[:300], right / total, span)


def _is_case_alone(expected: Any, value: Any) -> bool:
    """Whether two values are the same without regard to case."""
    try:
        return not _list_wrong(flatten_cells(expected, ignore_case), flatten_cells(value, ignore_case))
    except JsonError:
        return False


def _list_wrong(expected: Cells, got: Cells) -> list[tuple[str | int, ...]]:
    """The places whose cells are not the same on both sides."""
    return [place for place in expected.keys() | got.keys() if not _is_same(expected, got, place)]


def _is_same(expected: Cells, got: Cells, place: tuple[str | int, ...]) -> bool:
    return place in expected and place in got and is_same_cell(expected[place], got[place])


@lru_cache(maxsize=256)
def _read_reference(text: str) -> Any:
    value: Any = read_json(text)
    if not isinstance(value, (dict, list)):
        raise JsonError("not a JSON object or list")
    flatten_cells(value, fold_words)
    return value
