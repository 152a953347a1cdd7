"""What became of every sample: the funnel, which always adds up.

sampled = selected + unselected (good, not needed) + rejected by the first failing check + undecided
+ stopped + cancelled + failed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl
from pydantic import BaseModel
from rich.table import Table

from curate.folder import Run, parts
from curate.judging import sidecar
from filters.vocabulary import UserError

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
            ("good, not needed", self.unselected),
            ("selected", self.selected),
        ]


def fates(run: Run, name: str, labels: Sequence[str]) -> pl.DataFrame:
    """One row a sample, its text left out: `fate` and `by`, the label of the check that decided it.

    fate: accepted, rejected, undecided, or the status of a sample that is not whole. Read part by part, so
    that texts are never in memory together.
    """
    found = [_judged(run, name, labels, part).collect() for part in parts(run.samples(name))]
    partial = _partial(run, name)
    if partial is not None:
        known = pl.concat(found).select("sample_id") if found else partial.select("sample_id").clear()
        found.append(partial.join(known, on="sample_id", how="anti"))
    if not found:
        raise UserError(
            f"'{run.path}' has no samples '{name}'; there are: {', '.join(run.sample_sets()) or 'none'}."
        )
    return pl.concat(found)


def _judged(run: Run, name: str, labels: Sequence[str], part: Path) -> pl.LazyFrame:
    columns = [_samples(part)]
    for label in {single for either in labels for single in either.split(EITHER)}:
        path = sidecar(run, name, label, part)
        if not path.exists():
            raise UserError(
                f"'{name}' has no verdicts of '{label}' on all its samples; run verify or filter with it."
            )
        columns.append(pl.scan_parquet(path).select(pl.col("ok").alias(label)))
    verdicts = [pl.coalesce(label.split(EITHER)).alias(f"={label}") for label in labels]
    frame = pl.concat(columns, how="horizontal").with_columns(verdicts)
    return frame.select(*_COLUMNS, *_fate(labels))


_COLUMNS = ("sample_id", "prompt_id", "index", "tokens", "length", "key")


def _samples(part: Path) -> pl.LazyFrame:
    response = pl.col("response")
    return pl.scan_parquet(part).select(
        "sample_id",
        "prompt_id",
        "index",
        "tokens",
        response.str.len_chars().alias("length"),
        response.hash().alias("key"),
        "status",
    )


def _fate(labels: Sequence[str]) -> tuple[pl.Expr, pl.Expr]:
    failed = [(pl.col(f"={label}").eq(False), "rejected", label) for label in labels]
    undecided = [(pl.col(f"={label}").is_null(), "undecided", label) for label in labels]
    fate = [pl.when(condition).then(pl.lit(word)) for condition, word, _ in failed + undecided]
    by = [pl.when(condition).then(pl.lit(label)) for condition, _, label in failed + undecided]
    return (
        pl.coalesce(*fate, pl.lit("accepted")).alias("fate"),
        pl.coalesce(*by, pl.lit("")).alias("by"),
    )


def _partial(run: Run, name: str) -> pl.DataFrame | None:
    """Samples that are not whole, once each: some were made whole later."""
    files = parts(run.samples(name), "partial")
    if not files:
        return None
    rows = pl.concat([_samples(file).collect() for file in files]).unique("sample_id", keep="last")
    return rows.select(*_COLUMNS, pl.col("status").alias("fate"), pl.lit("").alias("by"))


def count(source: str, fated: pl.DataFrame, labels: Iterable[str]) -> Funnel:
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
            share = f"{number / funnel.sampled:.1%}" if funnel.sampled else ""
            table.add_row(funnel.source if position == 0 else "", fate, f"{number:,}", share)
        table.add_section()
    return table
