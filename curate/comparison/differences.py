"""The words of a comparison: a difference of one row, a setting that changed, and all of a thing that was compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import polars as pl

Change = Literal["went", "came", "changed"]
"""Of a row: only the first side has it; only the second; both, and they differ."""
LONGEST: Final = 120
"""Characters of a text that are told of a difference."""

DIFFERENCES: Final = {
    "change": pl.String,
    "id": pl.String,
    "copy": pl.UInt32,
    "why": pl.String,
    "before": pl.String,
    "after": pl.String,
}
"""The columns of differences. copy: which of several rows with that id, from 0. why: by what it is not on the side that lacks it, or
what of it differs. before, after: of what differs, on either side; of a row that one side lacks, what is known of it there."""


class SettingChange(NamedTuple):
    """A setting that two sides have not in common. None where a side does not have it."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of one thing that both sides have, or one of them.

    title: `set sft`, `samples teacher`. before, after: how many rows each side has. settings: what its making does not have in
    common. rows: the columns DIFFERENCES, by change and id; a row that differs in several things has a line for each.
    notes: what could not be compared, in sentences.
    """

    title: str
    before: int
    after: int
    settings: Sequence[SettingChange]
    rows: pl.DataFrame
    notes: Sequence[str] = ()

    def count(self, change: Change) -> int:
        """How many rows went, came or changed."""
        rows = self.rows.filter(pl.col("change") == change)
        return rows.unique(["id", "copy"]).height

    def require_identity(self) -> None:
        """Assert that the rows add up."""
        added = self.before - self.count("went") + self.count("came")
        assert added == self.after, f"{self.title}: {added} rows, not {self.after}"


def take_differences(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Frames of differences as one, in order."""
    listed = [frame.select(pl.col(name).cast(kind) for name, kind in DIFFERENCES.items()) for frame in frames]
    return pl.concat([pl.DataFrame(schema=DIFFERENCES), *listed]).sort(
        "change", "id", "copy", "why", descending=[True, False, False, False], maintain_order=True
    )
