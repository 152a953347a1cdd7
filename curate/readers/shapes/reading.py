"""What a row gives: samples, each with what was asked and what was answered."""

from __future__ import annotations

from typing import NamedTuple

from filters.types import Message


class SampleReading(NamedTuple):
    """One sample of a row.

    messages: what was asked, none where the row has no prompt. response: its chain in the normal form. generation: its place among those of a row that
    holds several, else None. marks: how its chain was marked, empty where it has none. changed: whether the
    response's text is not the cell's own, letter by letter. first_shape, first_count: of our own output, the shape that
    read the row the first time, and how many samples it found. notes: what else was done to it, for the one line that tells how a file was read.
    """

    messages: tuple[Message, ...]
    response: str
    generation: int | None = None
    marks: str = ""
    changed: bool = False
    notes: tuple[str, ...] = ()
    first_shape: str = ""
    first_count: int | None = None
