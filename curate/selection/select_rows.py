"""The rows of a set: each source's accepted samples, chosen source after source, or all at once where they are kept apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.selection.choose_apart import Stays, choose_apart, rank_units
from curate.selection.choose_samples import BY_LENGTH, EQUAL, limit_rows, list_candidates
from curate.selection.compare_sources import SourceComparison
from curate.selection.effects import Effect, Measurement, add_effects, measure_effect
from curate.selection.funnel import Funnel, count_fates, counts_tokens, decide_fates
from curate.selection.ingredients import Ingredient
from curate.selection.prompt_rates import RATES, has_stopped_early, rate_prompts, read_shares, share_correct
from curate.store.finished_sets import LEFT_OUT

Of = Literal["prompt", "response"]
FindPairs = Callable[[NDArray[np.int64]], NDArray[np.int64]]
OpenPairs = Callable[[Sequence[Ingredient], pl.DataFrame], AbstractContextManager[FindPairs]]
NEAR_DUPLICATE: Final = "near_duplicate"
CONTAMINATION: Final = "contamination"
_SELECTED, _UNSELECTED, _REPEATED, _CONTAMINATED, _GAVE_WAY, _SETTLED = range(6)
_FATES: Final = {
    _SELECTED: ("selected", ""),
    _UNSELECTED: ("unselected", ""),
    _REPEATED: ("repeated", ""),
    _CONTAMINATED: ("rejected", CONTAMINATION),
    _GAVE_WAY: ("rejected", NEAR_DUPLICATE),
}
"""What becomes of a candidate, as numbers, and how a funnel counts it; settled are the samples that are none."""
_NOBODY: Final = pl.DataFrame(schema=dict.fromkeys(LEFT_OUT, pl.String))


@dataclass(frozen=True, slots=True)
class Apart:
    """How rows of all sources are kept apart. of: whether all samples of a prompt stay or give way together, or each alone. stays: which.

    open_pairs: given the ingredients and a row of each unit, in the order in which they may stay (source, its place among the
    ingredients, sample_id, prompt_id, variant, part), a function that finds, among some units by their numbers, in rising order, the
    pairs that are duplicates, of shape (m, 2).
    """

    of: Of
    stays: Stays
    open_pairs: OpenPairs


@dataclass(frozen=True, slots=True)
class Rules:
    """How rows are selected beside what each source says. comparison: with benchmarks, whose problems no row is to hold."""

    seed: int
    apart: Apart | None = None
    comparison: SourceComparison | None = None

    @property
    def labels(self) -> list[str]:
        """What rejects samples that all checks of their source accept, in order."""
        found = [CONTAMINATION] * (self.comparison is not None)
        return found + [NEAR_DUPLICATE] * (self.apart is not None)


class Selection(NamedTuple):
    """The rows of a set in its order, as `write_set_files` takes them; funnels, effects, and the columns LEFT_OUT of what `Rules` rejects."""

    picked: pl.DataFrame
    funnels: list[Funnel]
    effects: list[Effect]
    left_out: pl.DataFrame


class _Pool(NamedTuple):
    """An ingredient with its samples' fates, its candidates, the pass rates of its prompts, and whether its tokens were counted."""

    ingredient: Ingredient
    fated: pl.DataFrame
    candidates: pl.DataFrame
    rates: pl.DataFrame
    tokens: bool


def select_rows(ingredients: Sequence[Ingredient], rules: Rules) -> Selection:
    """Choose among the accepted samples of all ingredients: a prompt's equal responses are one, then contamination
    rejects, near-duplicates give way, and each source's limits, of a prompt and in all, hold.
    """
    picked, settled, left_out = [], [], []
    taken = pl.DataFrame(schema={"prompt_id": pl.String, "key": pl.UInt64})
    together = [ingredients] if rules.apart is not None else [[one] for one in ingredients]
    for some in together:
        pools = [_make_pool(one, rules.seed) for one in some]
        fates, rejected = _settle_pools(pools, taken, rules)
        left_out.append(rejected)
        for pool, fated in zip(pools, fates, strict=True):
            selected = fated.filter(pl.col("fate") == "selected")
            taken = pl.concat([taken, selected.select(EQUAL)])
            columns = ("sample_id", "prompt_id", "variant", "part", "bytes", "place")
            picked.append(selected.select(pl.lit(pool.ingredient.name).alias("source"), *columns))
            settled.append((_count(pool.ingredient, fated, rules), _measure(pool, fated)))
        del pools, fates
    rows = pl.concat(picked).sort("place", maintain_order=True).drop("place")
    funnels, measured = zip(*settled, strict=True)
    return Selection(rows, list(funnels), add_effects(measured), pl.concat(left_out))


def _make_pool(one: Ingredient, seed: int) -> _Pool:
    run, name, verifier = one.run, one.name, one.verifier
    tokens = counts_tokens(run, name)
    by_length = one.source.choose in BY_LENGTH
    decides = verifier if verifier in one.labels else None
    fated = decide_fates(run, name, one.labels, lengths=by_length or not tokens, verifier=decides)
    shares = pl.DataFrame(schema=RATES)
    if verifier is not None and not has_stopped_early(run, name):
        shares = share_correct(fated) if decides else read_shares(run, name, verifier)
    rates = rate_prompts(run, name, shares)
    fated, candidates = list_candidates(run, one.source, fated, seed, rates)
    return _Pool(one, fated, candidates, rates, tokens)


def _count(one: Ingredient, fated: pl.DataFrame, rules: Rules) -> Funnel:
    funnel = count_fates(one.name, fated, [*one.labels, *rules.labels])
    return funnel if one.imported is None else funnel.add_import(one.imported.describe())


def _measure(pool: _Pool, fated: pl.DataFrame) -> Measurement:
    # By the fates before the choice: a check of the source may be called as what rejects here.
    was_accepted = pool.fated["fate"].is_in(["accepted", "repeated", "unselected"])
    accepted = fated.select("prompt_id", "index", "fate", "by", "tokens", "length").filter(was_accepted)
    return measure_effect(pool.ingredient.run, pool.ingredient.source, accepted, pool.rates, pool.tokens)


def _settle_pools(
    pools: Sequence[_Pool], taken: pl.DataFrame, rules: Rules
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """The fates of all samples of sources that are chosen from together, and what is rejected beside their checks."""
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
    if rules.apart is None:
        (pool,) = pools
        codes[limit_rows(pool.ingredient.source, free)["row"]] = _SELECTED
    else:
        wanted = told[free["row"]]
        stays = _keep_apart(pools, free, wanted, rules.apart, codes)
        left_out.append(_tell_left_out(pools, wanted, NEAR_DUPLICATE, stays))
    fates = [_mark(pool, rows, codes, number) for number, pool in enumerate(pools)]
    return fates, pl.concat(left_out)


def _tell_left_out(pools: Sequence[_Pool], told: pl.DataFrame, label: str, said: pl.Series) -> pl.DataFrame:
    """The columns LEFT_OUT of those candidates of which something is said."""
    names = [pool.ingredient.name for pool in pools]
    rows = told.with_columns(reason=said).filter(pl.col("reason").is_not_null())
    source = pl.col("source").replace_strict(range(len(names)), names, return_dtype=pl.String)
    return rows.select("sample_id", source, pl.lit(label).alias("label"), "reason")


def _keep_apart(
    pools: Sequence[_Pool], free: pl.DataFrame, told: pl.DataFrame, apart: Apart, codes: NDArray[np.uint8]
) -> pl.Series:
    """Set the codes of the candidates that are free; of each that gives way to what, in words. told: of each what `Apart` has."""
    ingredients = [pool.ingredient for pool in pools]
    limits = [partial(limit_rows, one.source) for one in ingredients]
    by = told["prompt_id" if apart.of == "prompt" else "sample_id"]
    units = by.rank("dense").cast(pl.Int64).to_numpy() - 1
    units = rank_units(told, units, apart.stays)[units]  # from here on a unit's number is its rank
    firsts = told.with_columns(pl.Series("unit", units)).unique("unit", keep="first", maintain_order=True)
    rank = np.arange(firsts.height)
    row, rows = free["row"].to_numpy(), free.drop("row")
    with apart.open_pairs(ingredients, firsts.sort("unit").drop("unit")) as find_pairs:
        pairs = find_pairs(rank)
        while True:
            choice = choose_apart(rows, limits, units, pairs, rank)
            # Of a great many that are alike not all pairs are told at first; those of the set that are left are.
            more = find_pairs(np.unique(units[choice.selected]))
            if not len(more):
                break
            pairs = np.concatenate([pairs, more])
    gave_way = choice.stays >= 0
    codes[row[choice.selected]] = _SELECTED
    codes[row[choice.repeated]] = _REPEATED
    codes[row[gave_way]] = _GAVE_WAY
    stays = told[np.maximum(choice.stays, 0)]
    names = [one.name for one in ingredients]
    source = stays["source"].replace_strict(range(len(names)), names, return_dtype=pl.String)
    what = "prompt" if apart.of == "prompt" else "response"
    said = pl.select(
        pl.format("near_duplicate: its {} is like that of {} of {}", pl.lit(what), stays["sample_id"], source)
    ).to_series()
    return pl.select(pl.when(pl.Series(gave_way)).then(said)).to_series()


def _describe(pools: Sequence[_Pool], rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
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


def _mark(pool: _Pool, rows: pl.DataFrame, codes: NDArray[np.uint8], number: int) -> pl.DataFrame:
    """A source's samples with the final fates of its candidates, and the place of each in the set."""
    own = rows.filter(pl.col("source") == number)
    at, count = own["at"].to_numpy(), pool.fated.height
    code, place = np.full(count, _SETTLED, np.uint8), np.zeros(count, np.uint64)
    code[at], place[at] = codes[own["row"]], own["place"]
    told = pl.Series(code)
    fate, by = pl.col("fate"), pl.col("by")
    for number, (word, label) in _FATES.items():
        fate = pl.when(told == number).then(pl.lit(word)).otherwise(fate)
        by = pl.when(told == number).then(pl.lit(label)).otherwise(by)
    return pool.fated.with_columns(fate.alias("fate"), by.alias("by"), pl.Series("place", place))
