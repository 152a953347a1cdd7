"""What became of every sample: the funnel, which always adds up.

sampled = selected + unselected (accepted, not selected) + rejected by the first failing check + undecided
+ stopped + cancelled + failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import BaseModel
from rich.table import Table

from curate.intervals import format_percent
from curate.store.joined import join_part, require_distinct, verdict_column
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import PROMPT_KEY
from curate.store.schema import LATER_COLUMNS
from filters.errors import UserError

EITHER = "|"
"""In a list of labels, `a|b` is one verdict: a's where it decided, else b's (a rule, then its judge)."""


class Funnel(BaseModel):
    """How many samples of one source had which fate."""

    source: str
    sampled: int
    rejected: dict[str, int]
    undecided: int
    stopped: int
    cancelled: int
    failed: int
    unselected: int
    selected: int

    def check(self) -> None:
        """Assert the identity."""
        others = self.undecided + self.stopped + self.cancelled + self.failed
        total = self.selected + self.unselected + sum(self.rejected.values()) + others
        assert total == self.sampled, (
            f"the funnel of {self.source} does not add up: {total} of {self.sampled}"
        )

    def rows(self) -> list[tuple[str, int]]:
        """The fates in their order, with those that always belong and those that occurred."""
        rare = [(fate, getattr(self, fate)) for fate in ("undecided", "stopped", "cancelled", "failed")]
        return [
            ("sampled", self.sampled),
            *((f"rejected by {label}", count) for label, count in self.rejected.items()),
            *((fate, count) for fate, count in rare if count),
            ("accepted, not selected", self.unselected),
            ("selected", self.selected),
        ]


def decide_fates(run: Run, name: str, labels: Sequence[str]) -> pl.DataFrame:
    """One row per sample, its text left out: `fate` and `by`, the label of the check that decided it.

    fate: accepted, rejected, undecided, or the status of a sample that is not whole. part: its part's place among
    them. length, bytes: of its text; key: equal where texts are. Read part by part, so that texts are never in
    memory together.
    """
    found = [
        _join_checked(run, name, labels, part).with_columns(pl.lit(number, pl.UInt32).alias("part"))
        for number, part in enumerate(list_parts(run.samples(name)))
    ]
    if found:
        require_distinct(
            pl.concat(frame.select("sample_id") for frame in found)["sample_id"], run.samples(name)
        )
    partial = _read_partial(run, name)
    if partial is not None:
        known = pl.concat(found).select("sample_id") if found else partial.select("sample_id").clear()
        found.append(partial.join(known, on="sample_id", how="anti"))
    if not found:
        raise UserError(
            f"'{run.path}' has no samples '{name}'; there are: {', '.join(run.sample_names()) or 'none'}."
        )
    return pl.concat(found)


def _join_checked(run: Run, name: str, labels: Sequence[str], part: Path) -> pl.DataFrame:
    singles = [single for either in labels for single in either.split(EITHER)]
    frame = join_part(run, name, part, singles, _COLUMNS)
    decided = [
        pl.coalesce(verdict_column(single) for single in either.split(EITHER)).alias(f"={either}")
        for either in labels
    ]
    return frame.with_columns(decided).select("sample_id", *_NAMES, *_fate_columns(labels))


_COLUMNS: Final = (
    *PROMPT_KEY,
    "index",
    "tokens",
    pl.col("response").str.len_chars().alias("length"),
    pl.col("response").str.len_bytes().alias("bytes"),
    pl.col("response").hash().alias("key"),
)
_NAMES: Final = ("prompt_id", "variant", "index", "tokens", "length", "bytes", "key")


def _fate_columns(labels: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
    failed = [(pl.col(f"={label}").eq(False), "rejected", label) for label in labels]
    undecided = [(pl.col(f"={label}").is_null(), "undecided", label) for label in labels]
    fate = [pl.when(condition).then(pl.lit(word)) for condition, word, _ in failed + undecided]
    by = [pl.when(condition).then(pl.lit(label)) for condition, _, label in failed + undecided]
    return (
        pl.coalesce(*fate, pl.lit("accepted")).alias("fate"),
        pl.coalesce(*by, pl.lit("")).alias("by"),
    )


_NO_PART: Final = pl.lit(None, pl.UInt32).alias("part")


def _read_partial(run: Run, name: str) -> pl.DataFrame | None:
    """Samples that are not whole, once each: some were made whole later."""
    files = list_parts(run.samples(name), PARTIAL)
    if not files:
        return None
    columns = ("sample_id", *_COLUMNS, pl.col("status").alias("fate"), pl.lit("").alias("by"), _NO_PART)
    return pl.concat([scan_files([file], LATER_COLUMNS).select(columns).collect() for file in files]).unique(
        "sample_id", keep="last"
    )


def count_fates(source: str, fated: pl.DataFrame, labels: Iterable[str]) -> Funnel:
    """The funnel of samples whose `fate` may also be selected or unselected."""
    found = fated.group_by("fate", "by").len()
    total: dict[str, int] = {}
    rejected = dict.fromkeys(labels, 0)
    for fate, by, number in found.iter_rows():
        total[fate] = total.get(fate, 0) + number
        if fate == "rejected":
            rejected[by] += number
    fate_names = ("undecided", "stopped", "cancelled", "failed", "unselected", "selected")
    numbers = {fate: total.get(fate, 0) for fate in fate_names}
    funnel = Funnel(source=source, sampled=sum(total.values()), rejected=rejected, **numbers)
    funnel.check()
    return funnel


def funnel_table(title: str, funnels: Iterable[Funnel]) -> Table:
    """Funnels as a table for the terminal."""
    table = Table("source", "samples", "count", "share", title=title)
    for funnel in funnels:
        for position, (fate, number) in enumerate(funnel.rows()):
            share = f"{format_percent(number / funnel.sampled)}%" if funnel.sampled else ""
            table.add_row(funnel.source if position == 0 else "", fate, f"{number:,}", share)
        table.add_section()
    return table
