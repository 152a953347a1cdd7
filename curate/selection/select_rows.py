"""The rows of a set: each source's accepted samples, chosen source after source, or all at once where they are kept apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.selection.choose_apart import Stays, choose_apart, rank_units
from curate.selection.choose_samples import BY_LENGTH, EQUAL, limit_rows, list_candidates
from curate.selection.effects import Effect, Measurement, add_effects, measure_effect
from curate.selection.funnel import Funnel, count_fates, counts_tokens, decide_fates
from curate.selection.ingredients import Ingredient
from curate.selection.prompt_rates import RATES, has_stopped_early, rate_prompts, read_shares, share_correct

Of = Literal["prompt", "response"]
FindPairs = Callable[[Sequence[Ingredient], pl.DataFrame, Of], tuple[NDArray[np.int64], NDArray[np.int64]]]
FindContaminated = Callable[[Sequence[Ingredient], pl.DataFrame], pl.Series]
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
_NOBODY: Final = pl.DataFrame(schema={"sample_id": pl.String, "stays": pl.String})


@dataclass(frozen=True, slots=True)
class Apart:
    """How rows of all sources are kept apart. of: whether all samples of a prompt stay or give way together, or each alone. stays: which.

    find_pairs: of the candidates of all sources (source, its place among the ingredients, sample_id, prompt_id, variant,
    part), the pairs of units that are duplicates, of shape (m, 2), and the unit of each candidate, from 0. With `prompt` all candidates
    of one prompt_id have one unit.
    """

    of: Of
    stays: Stays
    find_pairs: FindPairs


@dataclass(frozen=True, slots=True)
class Rules:
    """How rows are selected beside what each source says. find_contaminated: which candidates (as `Apart` has them) are rejected as contaminated."""

    seed: int
    apart: Apart | None = None
    find_contaminated: FindContaminated | None = None


class Selection(NamedTuple):
    """The rows of a set in its order, as `write_set_files` takes them; funnels, effects, and who gave way to whom (sample_id, stays)."""

    picked: pl.DataFrame
    funnels: list[Funnel]
    effects: list[Effect]
    gave_way: pl.DataFrame


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
    picked, settled, gave_way = [], [], []
    taken = pl.DataFrame(schema={"prompt_id": pl.String, "key": pl.UInt64})
    together = [ingredients] if rules.apart is not None else [[one] for one in ingredients]
    for some in together:
        pools = [_make_pool(one, rules.seed) for one in some]
        fates, yielded = _settle_pools(pools, taken, rules)
        gave_way.append(yielded)
        for pool, fated in zip(pools, fates, strict=True):
            selected = fated.filter(pl.col("fate") == "selected")
            taken = pl.concat([taken, selected.select(EQUAL)])
            columns = ("sample_id", "prompt_id", "variant", "part", "bytes", "place")
            picked.append(selected.select(pl.lit(pool.ingredient.name).alias("source"), *columns))
            settled.append((_count(pool.ingredient, fated, rules), _measure(pool, fated)))
        del pools, fates
    rows = pl.concat(picked).sort("place", maintain_order=True).drop("place")
    funnels, measured = zip(*settled, strict=True)
    return Selection(rows, list(funnels), add_effects(measured), pl.concat(gave_way))


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
    late = [CONTAMINATION] * (rules.find_contaminated is not None) + [NEAR_DUPLICATE] * (
        rules.apart is not None
    )
    funnel = count_fates(one.name, fated, [*one.labels, *late])
    return funnel if one.imported is None else funnel.add_import(one.imported.describe())


def _measure(pool: _Pool, fated: pl.DataFrame) -> Measurement:
    # By the fates before the choice: a check of the source may be called as what rejects here.
    was_accepted = pool.fated["fate"].is_in(["accepted", "repeated", "unselected"])
    accepted = fated.select("prompt_id", "index", "fate", "tokens", "length").filter(was_accepted)
    return measure_effect(pool.ingredient.run, pool.ingredient.source, accepted, pool.rates, pool.tokens)


def _settle_pools(
    pools: Sequence[_Pool], taken: pl.DataFrame, rules: Rules
) -> tuple[list[pl.DataFrame], pl.DataFrame]:
    """The fates of all samples of sources that are chosen from together, and who gave way to whom."""
    rows = pl.concat(
        [pool.candidates.with_columns(source=pl.lit(number, pl.UInt32)) for number, pool in enumerate(pools)],
        how="diagonal",
    ).with_row_index("row")
    codes = np.full(rows.height, _REPEATED, np.uint8)
    free, told = rows, _describe(pools, rows, rules)
    if rules.find_contaminated is not None:
        found = rules.find_contaminated([pool.ingredient for pool in pools], told)
        codes[found.arg_true()] = _CONTAMINATED
        free = rows.filter(~found)
    if taken.height:
        free = free.join(taken, on=EQUAL, how="anti", maintain_order="left")
    codes[free["row"]] = _UNSELECTED
    gave_way = _NOBODY
    if rules.apart is None:
        (pool,) = pools
        codes[limit_rows(pool.ingredient.source, free)["row"]] = _SELECTED
    else:
        gave_way = _keep_apart(pools, free, told[free["row"]], rules.apart, codes)
    return [_mark(pool, rows, codes, number) for number, pool in enumerate(pools)], gave_way


def _keep_apart(
    pools: Sequence[_Pool], free: pl.DataFrame, told: pl.DataFrame, apart: Apart, codes: NDArray[np.uint8]
) -> pl.DataFrame:
    """Set the codes of the candidates that are free; who gave way to whom. told: of each what `Apart` has."""
    limits = [partial(limit_rows, pool.ingredient.source) for pool in pools]
    pairs, units = apart.find_pairs([pool.ingredient for pool in pools], told, apart.of)
    row = free["row"].to_numpy()
    choice = choose_apart(free.drop("row"), limits, units, pairs, rank_units(told, units, apart.stays))
    gave_way = choice.stays >= 0
    codes[row[choice.selected]] = _SELECTED
    codes[row[choice.repeated]] = _REPEATED
    codes[row[gave_way]] = _GAVE_WAY
    keys = told["sample_id"]
    return pl.DataFrame(
        {"sample_id": keys.filter(pl.Series(gave_way)), "stays": keys[choice.stays[gave_way]]}
    )


def _describe(pools: Sequence[_Pool], rows: pl.DataFrame, rules: Rules) -> pl.DataFrame:
    """What tells which candidates are alike or contaminated, and ranks them; nothing where that is not asked."""
    if rules.apart is None and rules.find_contaminated is None:
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
