"""Selection over all sources at once, where rows that are alike keep apart: whoever a row gives way to is in the set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.selection.choose_samples import EQUAL
from filters.overlap.give_way import give_way

Stays = Literal["first_source", "most_samples", "verified"]
FIT: Final = ("cell", "tokens", "held")
"""The columns of rows that fitting them to the whole may take."""
RULES: Final[tuple[Stays, ...]] = ("first_source", "most_samples", "verified")
"""Which of duplicates stays: of the source that is named first, with the most accepted samples of its prompt, with a true verdict of a verifier."""


class Choice(NamedTuple):
    """What became of each row, by its number. times: how often it is selected. stays: of one that gave way, the row of the set that it gave way to; else -1."""

    times: NDArray[np.int64]
    repeated: NDArray[np.bool_]
    stays: NDArray[np.int64]

    @property
    def is_selected(self) -> NDArray[np.bool_]:
        """Which rows are selected."""
        return self.times > 0


def choose_apart(
    rows: pl.DataFrame,
    limits: Sequence[Callable[[pl.DataFrame], pl.DataFrame]],
    units: NDArray[np.int64],
    pairs: NDArray[np.int64],
    rank: NDArray[np.int64],
    fit: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
) -> Choice:
    """Select rows so that a prompt's equal responses are one, no two units that are a pair stay, and the limits hold.

    rows: the candidates of all sources, each in its order of preference and no two of one source equal; with `source` (its place
    among the sources) and the columns EQUAL. limits: of each source, those of its rows that are taken, as many as they can be, one that is
    repeated several times. fit: of all that they let, what is taken for the whole to be as it shall. units: of each
    row, the number of what stays or gives way as one. pairs: of shape (m, 2), units that are duplicates. rank: of each unit, all
    different; the lower stays.

    A unit that others gave way to, and of which the limits then take nothing, is out for good, and the choice begins
    again without it. Each round there are fewer, so it ends; without pairs each source is chosen from as if alone, after those before it.
    """
    numbered = rows.with_row_index("row")
    still = np.ones(rows.height, np.bool_)
    while True:
        left = numbered.filter(pl.Series(still))
        there = units[left["row"]]
        goes = _settle_pairs(there, pairs, rank)
        stands = goes[units] == units
        chosen = _take_in_turn(left.filter(pl.Series(stands[left["row"]])), limits)
        chosen = chosen if fit is None else fit(chosen)
        times = np.bincount(chosen["row"].to_numpy(), minlength=rows.height)
        selected = times > 0
        relied = np.zeros(len(rank), np.bool_)
        relied[goes[there[goes[there] != there]]] = True
        relied[units[selected]] = False
        failed = relied[units] & still
        if not failed.any():
            break
        still &= ~failed
    repeated = np.zeros(rows.height, np.bool_)
    repeated[numbered.join(chosen, on=EQUAL, how="semi")["row"]] = True
    repeated &= ~selected
    gave_way = still & ~repeated & ~stands
    stays = np.full(rows.height, -1, np.int64)
    stays[gave_way] = _find_rows(units, selected, len(rank))[goes[units[gave_way]]]
    assert (stays[gave_way] >= 0).all(), "whoever a row gives way to is in the set"
    return Choice(times, repeated, stays)


def _take_in_turn(
    free: pl.DataFrame, limits: Sequence[Callable[[pl.DataFrame], pl.DataFrame]]
) -> pl.DataFrame:
    """What each source's limits take, source after source: no response that one before it has given to the same prompt."""
    columns = [name for name in ("row", *EQUAL, *FIT) if name in free.columns]
    taken = free.select(columns).clear()
    for number, limit in enumerate(limits):
        own = free.filter(pl.col("source") == number)
        if taken.height:
            own = own.join(taken, on=EQUAL, how="anti", maintain_order="left")
        taken = pl.concat([taken, limit(own).select(columns)])
    return taken


def rank_units(rows: pl.DataFrame, units: NDArray[np.int64], stays: Stays) -> NDArray[np.int64]:
    """The place of each unit among all, by the rule, then by the other rules in their order, then by its ids.

    rows: source (its place among the sources), prompt_id, sample_id and correct (a verifier's verdict) of each row.
    """
    numbered = rows.select(
        "source", "prompt_id", "sample_id", "correct", pl.Series("unit", units), pl.len().over("prompt_id").alias("samples")
    )  # fmt: skip
    by_unit = numbered.group_by("unit").agg(
        pl.col("source").min().alias("first_source"),
        (-pl.col("samples").cast(pl.Int64)).min().alias("most_samples"),
        (~pl.col("correct").fill_null(False).any()).alias("verified"),
        pl.col("prompt_id").min(),
        pl.col("sample_id").min(),
    )
    order = [stays, *(rule for rule in RULES if rule != stays)]
    rank = np.full(int(units.max(initial=-1)) + 1, -1, np.int64)
    rank[by_unit.sort(*order, "prompt_id", "sample_id")["unit"]] = np.arange(by_unit.height)
    return rank


def _settle_pairs(
    there: NDArray[np.int64], pairs: NDArray[np.int64], rank: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each unit the one that it gives way to, or itself, among those that are there."""
    present = np.zeros(len(rank), np.bool_)
    present[there] = True
    return give_way(pairs[present[pairs].all(axis=1)], rank)


def _find_rows(units: NDArray[np.int64], selected: NDArray[np.bool_], count: int) -> NDArray[np.int64]:
    """Of each unit the first row that is selected; -1 where there is none."""
    found = np.full(count, -1, np.int64)
    rows = np.flatnonzero(selected)[::-1]
    found[units[rows]] = rows
    return found
