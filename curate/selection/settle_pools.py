"""What becomes of the accepted samples of sources that are chosen from together, or of one that is chosen from alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.selection.choose_apart import Choice, choose_apart, rank_units
from curate.selection.choose_samples import EQUAL, limit_rows
from curate.selection.fit_amounts import AmountFit
from curate.selection.ingredients import Ingredient
from curate.selection.rules import CONTAMINATION, NEAR_DUPLICATE, Apart, Rules
from curate.store.finished_sets import LEFT_OUT

_SELECTED, _UNSELECTED, _REPEATED, _HELD_OUT, _CONTAMINATED, _GAVE_WAY, _SETTLED = range(7)
_FATES: Final = {
    _SELECTED: ("selected", ""),
    _UNSELECTED: ("unselected", ""),
    _REPEATED: ("repeated", ""),
    _HELD_OUT: ("held_out", ""),
    _CONTAMINATED: ("rejected", CONTAMINATION),
    _GAVE_WAY: ("rejected", NEAR_DUPLICATE),
}
"""What becomes of a candidate, as numbers, and how a funnel counts it; settled are the samples that are none."""
_NO_PAIRS: Final = np.zeros((0, 2), np.int64)
_NOBODY: Final = pl.DataFrame(schema=dict.fromkeys(LEFT_OUT, pl.String))


class Pool(NamedTuple):
    """An ingredient with its samples' fates, its candidates, the pass rates of its prompts, and whether its tokens were counted."""

    ingredient: Ingredient
    fated: pl.DataFrame
    candidates: pl.DataFrame
    rates: pl.DataFrame
    tokens: bool


def settle_pools(
    pools: Sequence[Pool], taken: pl.DataFrame, rules: Rules, fit: AmountFit | None
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """The fates of all samples of sources that are chosen from together, and what is rejected beside their checks.

    taken: the columns EQUAL of what other sources before them gave. fit: what takes of all of them for the whole.
    """
    rows = pl.concat(
        [pool.candidates.with_columns(source=pl.lit(number, pl.UInt32)) for number, pool in enumerate(pools)],
        how="diagonal",
    ).with_row_index("row")
    codes = np.full(rows.height, _REPEATED, np.uint8)
    free, told = rows, _describe(pools, rows, rules)
    left_out = [_NOBODY]
    if rules.comparison is not None:
        said = rules.comparison.compare([pool.ingredient for pool in pools], told)
        codes[said.is_not_null().arg_true()] = _CONTAMINATED
        free = rows.filter(said.is_null())
        left_out.append(_tell_left_out(pools, told, CONTAMINATION, said))
    if taken.height:
        free = free.join(taken, on=EQUAL, how="anti", maintain_order="left")
    codes[free["row"]] = _UNSELECTED
    if fit is not None:
        free = free.with_columns(_code_cells(pools, free, fit))
    times = np.zeros(rows.height, np.int64)
    if rules.apart is not None:
        wanted = told[free["row"]]
        choice, stays = _keep_apart(pools, free, wanted, rules.apart, fit)
        left_out.append(_tell_left_out(pools, wanted, NEAR_DUPLICATE, stays))
        _settle(free, choice, codes, times)
    elif fit is not None:
        alone = np.arange(free.height)
        limits = _list_limits(pools, fit)
        _settle(free, choose_apart(free.drop("row"), limits, alone, _NO_PAIRS, alone, fit.fit), codes, times)
    else:
        (pool,) = pools
        times += np.bincount(
            limit_rows(pool.ingredient.source, free)["row"].to_numpy(), minlength=rows.height
        )
    codes[times > 0] = _SELECTED
    if "held" in rows.columns:
        codes[(times > 0) & rows["held"].to_numpy()] = _HELD_OUT
    fates = [_mark(pool, rows, codes, times, number) for number, pool in enumerate(pools)]
    return fates, pl.concat(left_out)


def _settle(free: pl.DataFrame, choice: Choice, codes: NDArray[np.uint8], times: NDArray[np.int64]) -> None:
    """Put down what was chosen among the rows that are free."""
    row = free["row"].to_numpy()
    times[row] = choice.times
    codes[row[choice.repeated]] = _REPEATED
    codes[row[choice.stays >= 0]] = _GAVE_WAY


def _list_limits(
    pools: Sequence[Pool], fit: AmountFit | None
) -> list[Callable[[pl.DataFrame], pl.DataFrame]]:
    return [partial(limit_rows, one.ingredient.source, drawn=fit is not None) for one in pools]


def _code_cells(pools: Sequence[Pool], rows: pl.DataFrame, fit: AmountFit) -> pl.Series:
    """The cell of each row, which come source by source."""
    found = []
    for number, pool in enumerate(pools):
        own = pool.fated[rows.filter(pl.col("source") == number)["at"]]
        found.append(fit.code_cells(number, pool.ingredient, own.select("prompt_id", "variant")))
    return pl.concat(found)


def _tell_left_out(pools: Sequence[Pool], told: pl.DataFrame, label: str, said: pl.Series) -> pl.DataFrame:
    """The columns LEFT_OUT of those candidates of which something is said."""
    names = [pool.ingredient.name for pool in pools]
    rows = told.with_columns(reason=said).filter(pl.col("reason").is_not_null())
    source = pl.col("source").replace_strict(range(len(names)), names, return_dtype=pl.String)
    return rows.select("sample_id", source, pl.lit(label).alias("label"), "reason")


def _keep_apart(
    pools: Sequence[Pool], free: pl.DataFrame, told: pl.DataFrame, apart: Apart, fit: AmountFit | None
) -> tuple[Choice, pl.Series]:
    """What is chosen of the candidates that are free; of each that gives way to what, in words. told: of each what `Apart` has."""
    ingredients = [pool.ingredient for pool in pools]
    limits, take = _list_limits(pools, fit), None if fit is None else fit.fit
    by = told["prompt_id" if apart.of == "prompt" else "sample_id"]
    units = by.rank("dense").cast(pl.Int64).to_numpy() - 1
    units = rank_units(told, units, apart.stays)[units]  # from here on a unit's number is its rank
    firsts = told.with_columns(pl.Series("unit", units)).unique("unit", keep="first", maintain_order=True)
    rank = np.arange(firsts.height)
    rows = free.drop("row")
    with apart.open_pairs(ingredients, firsts.sort("unit").drop("unit")) as find_pairs:
        pairs = find_pairs(rank)
        while True:
            choice = choose_apart(rows, limits, units, pairs, rank, take)
            # Of a great many that are alike not all pairs are told at first; those of the set that are left are.
            more = find_pairs(np.unique(units[choice.is_selected]))
            if not len(more):
                break
            pairs = np.concatenate([pairs, more])
    gave_way = choice.stays >= 0
    stays = told[np.maximum(choice.stays, 0)]
    names = [one.name for one in ingredients]
    source = stays["source"].replace_strict(range(len(names)), names, return_dtype=pl.String)
    what = "prompt" if apart.of == "prompt" else "response"
    said = pl.select(
        pl.format("near_duplicate: its {} is like that of {} of {}", pl.lit(what), stays["sample_id"], source)
    ).to_series()
    return choice, pl.select(pl.when(pl.Series(gave_way)).then(said)).to_series()


def _describe(pools: Sequence[Pool], rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """What tells which candidates are alike or contaminated, and ranks them; nothing where that is not asked."""
    if not rules.labels:
        return rows.clear()
    columns = ("sample_id", "prompt_id", "variant", "part", "correct")
    return pl.concat(
        pool.fated[rows.filter(pl.col("source") == number)["at"]].select(
            pl.lit(number, pl.UInt32).alias("source"), *columns
        )
        for number, pool in enumerate(pools)
    )


def _mark(
    pool: Pool, rows: pl.DataFrame, codes: NDArray[np.uint8], times: NDArray[np.int64], number: int
) -> pl.DataFrame:
    """A source's samples with the final fates of its candidates, the place of each in the set, and how many times it is there."""
    own = rows.filter(pl.col("source") == number)
    at, count = own["at"].to_numpy(), pool.fated.height
    code, place = np.full(count, _SETTLED, np.uint8), np.zeros(count, np.uint64)
    code[at], place[at] = codes[own["row"]], own["place"]
    often = np.zeros(count, np.uint32)
    often[at] = times[own["row"]]
    told = pl.Series(code)
    fate, by = pl.col("fate"), pl.col("by")
    for number, (word, label) in _FATES.items():
        fate = pl.when(told == number).then(pl.lit(word)).otherwise(fate)
        by = pl.when(told == number).then(pl.lit(label)).otherwise(by)
    return pool.fated.with_columns(
        fate.alias("fate"), by.alias("by"), pl.Series("place", place), pl.Series("times", often)
    )
