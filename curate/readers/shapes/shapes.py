"""All shapes of rows, in the order in which they are tried, and the one of our own files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from curate.readers.shapes.asked import AskedPrompt, answer_asked
from curate.readers.shapes.cells import describe, is_empty, is_hollow, is_number
from curate.readers.shapes.chain_names import find_lost_chain
from curate.readers.shapes.columns import Columns, find_columns
from curate.readers.shapes.foreign import (
    Conversation,
    Generations,
    Nothing,
    Pairs,
    PromptCompletion,
    Response,
    Solution,
    Text,
)
from curate.readers.shapes.misfit import Misfit
from curate.readers.shapes.parts import Values
from curate.readers.shapes.prompt_or_turns import ask_alone
from curate.readers.shapes.reading import SampleReading
from curate.readers.shapes.shape import Shape
from filters.types import Message

OWN_OUTPUT: Final = "own output"
"""The shape of what `verify` and `filter` write."""
SEVERAL: Final = ("generations", "teachers")
"""The shapes of rows that hold several samples."""


class OwnOutput(Shape):
    """A row that `verify` or `filter` wrote: its response is the text that was judged, whatever columns it came from.

    What was asked is read as it was the first time, without the columns that were written beside.
    """

    name = OWN_OUTPUT
    needs = "response, verdicts and kept, as verify and filter write them"

    def fits(self, values: Values, columns: Columns) -> bool:
        """See Shape."""
        return is_own_output(values)

    def read(self, values: Values, columns: Columns) -> list[SampleReading]:
        """See Shape."""
        place = _read_place(values.get("generation"))
        response = "" if is_empty(values["response"]) else values["response"]
        judged = answer_asked(AskedPrompt(()), response, "response")
        shape, count, asked = self._find_asked(values, place, judged.response)
        return [judged._replace(messages=asked, generation=place, first_shape=shape, first_count=count)]

    def _find_asked(
        self, values: Values, place: int | None, response: str
    ) -> tuple[str, int | None, tuple[Message, ...]]:
        """The shape that read the row the first time, how many samples it found, and what it found to be asked."""
        told = place is not None or is_empty(values.get("generation"))
        written = {"verdicts", "kept", *(("generation",) if told else ())}
        rest = {name: cell for name, cell in values.items() if name not in written}
        first = {name: cell for name, cell in rest.items() if name not in ("response", "input_response")}
        rows = [first, rest]
        if "input_response" in rest:  # which may have held turns of the prompt
            rows.insert(0, {**first, "response": rest["input_response"]})
        for row in rows:
            try:
                shape, found = read_row(row, without=(OWN_OUTPUT,))
            except Misfit:
                continue
            same = [one for one in found if one.response == response and one.generation in (None, place)]
            if same:
                return shape.name, len(found), same[0].messages
        return "", None, ask_alone(rest, find_columns(tuple(rest)), turns_first=True).messages


SHAPES: Final = (
    OwnOutput(),
    Pairs(),
    PromptCompletion(),
    Generations(),
    Conversation(),
    Response(),
    Text(),
    Solution(),
    Nothing(),
)
"""All shapes; the first that fits reads a row."""
_UNLIKE: Final = {
    "inference_mode": ("genselect", "its response chooses among other solutions, and solves no problem")
}
"""Columns whose word says that a row's response is none to its prompt."""


def find_shape(values: Values, forced: str | None = None, without: tuple[str, ...] = ()) -> Shape:
    """The shape of a row. Raises Misfit where it has none, or not the one that is asked for."""
    columns = find_columns(tuple(values))
    for name, (word, reason) in _UNLIKE.items():
        if values.get(name) == word:
            raise Misfit(f"'{name}' is {word}: {reason}")
    for shape in SHAPES:
        if shape.name in without or forced not in (None, shape.name) or not shape.fits(values, columns):
            continue
        if forced is not None or not shape.yields(values, columns):
            return shape
    there = ", ".join(map(str, values)) or "none"
    if forced is not None:
        wanted = next(shape.needs for shape in SHAPES if shape.name == forced)
        raise Misfit(f"it is not of the shape '{forced}', which has {wanted}; its columns are: {there}")
    odd = [name for name in columns.turns if not is_hollow(values[name]) and not is_number(values[name])]
    if odd:
        raise Misfit(f"'{odd[0]}' is {describe(values[odd[0]])}, not messages with a role and a content")
    raise Misfit(
        f"there is no response: no column that is known to hold one; there are: {there}. "
        "Name yours with --map response=COLUMN"
    )


def is_own_output(values: Values) -> bool:
    """Whether `verify` or `filter` wrote a row: it has a response, perhaps empty, and verdicts by check."""
    if "response" not in values or not is_verdicts(values.get("verdicts")):
        return False
    response = values["response"]
    return (isinstance(response, str) or is_empty(response)) and (
        bool(values["verdicts"]) or "kept" in values
    )


def is_verdicts(value: Any) -> bool:
    """Whether a cell is verdicts by check, as `verify` and `filter` write them."""
    return isinstance(value, Mapping) and all(
        is_empty(one) or (isinstance(one, Mapping) and "ok" in one and "reason" in one)
        for one in value.values()
    )


def _read_place(value: Any) -> int | None:
    """Which of its row's responses a sample is, where `generation` says that; other sets have texts in it."""
    whole = is_number(value) and not is_empty(value) and 0 <= value < 2**31 and value == int(value)
    return int(value) if whole else None


def read_row(
    values: Values, forced: str | None = None, without: tuple[str, ...] = ()
) -> tuple[Shape, list[SampleReading]]:
    """A row's shape and its samples. Raises Misfit where it has none, or where a chain would be lost."""
    shape = find_shape(values, forced, without)
    columns = find_columns(tuple(values))
    readings = shape.read(values, columns)
    if shape.name != OWN_OUTPUT and not all(one.marks for one in readings):
        known = (*columns.chains, *columns.lists, *columns.prompts, *columns.references)
        if lost := find_lost_chain(values, known):
            raise Misfit(
                f"'{lost}' looks like a chain, and there is none in the response: rename it to reasoning_content, or remove it"
            )
    return shape, readings
