"""Puzzles whose answer is a JSON object or list: grids, assignments, tables, compared cell by cell."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar

from filters.answers.extract.json_text import (
    Cells,
    JsonError,
    TooLargeError,
    find_last_json,
    flatten_cells,
    is_same_cell,
    read_json,
)
from filters.check import Role, SampleCheck
from filters.think import CUT_OFF
from filters.types import Sample, Verdict


class JsonCells(SampleCheck):
    """The response's last JSON holds exactly the reference's cells, each with the same value and type.

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
            expected = _reference(reference)
        except JsonError as error:
            return Verdict(None, f"unreadable_reference: {error}"[:300])
        parts = sample.parts
        span = parts.answer_span
        if span is None:
            return Verdict(False, f"no_json: {CUT_OFF}" if parts.cut else "unclosed_think")
        found = find_last_json(sample.response[slice(*span)], reference[0])
        if found is None:
            return Verdict(False, "no_json")
        return _compared(expected, sample.response, (span[0] + found[0], span[0] + found[1]))


def _compared(expected: Cells, response: str, span: tuple[int, int]) -> Verdict:
    try:
        got = flatten_cells(read_json(response[slice(*span)]))
    except TooLargeError as error:
        return Verdict(None, f"too_large: {error}", span=span)
    except JsonError as error:
        return Verdict(False, f"invalid_json: {error}"[:300], 0.0, span)
    places = expected.keys() | got.keys()
    wrong = [place for place in places if not _same(expected, got, place)]
    right = len(places) - len(wrong)
    score = right / len(places)
    if not wrong:
        return Verdict(True, f"equal: {right} cells", score, span)
    first = min(wrong, key=lambda place: [str(step) for step in place])
    said = f"{right} of {len(places)} cells, first wrong: {'.'.join(map(str, first)) or 'the whole'}"
    return Verdict(False, f"different: {said}"[:300], score, span)


def _same(expected: Cells, got: Cells, place: tuple[str | int, ...]) -> bool:
    return place in expected and place in got and is_same_cell(expected[place], got[place])


@lru_cache(maxsize=256)
def _reference(text: str) -> Cells:
    value: Any = read_json(text)
    if not isinstance(value, (dict, list)):
        raise JsonError("not a JSON object or list")
    return flatten_cells(value)
