"""The rows of a set: each source's accepted samples, chosen source after source, or all at once where one bounds another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from curate.selection.choose_samples import BY_LENGTH, EQUAL, list_candidates
from curate.selection.composition import Composition, Part, compose, count_part
from curate.selection.count_tokens import require_counts, require_one_counter
from curate.selection.effects import Effect, Measurement, add_effects, measure_effect
from curate.selection.fit_amounts import AmountFit
from curate.selection.funnel import Funnel, count_fates, counts_tokens, decide_fates
from curate.selection.ingredients import Ingredient, find_kind
from curate.selection.list_rows import list_rows
from curate.selection.prompt_rates import RATES, has_stopped_early, rate_prompts, read_shares, share_correct
from curate.selection.rules import Rules
from curate.selection.settle_pools import Pool, settle_pools
from curate.selection.sources import Source


class Selection(NamedTuple):
    """The rows of a set in its order, as `write_set_files` takes them; funnels, effects, and the columns LEFT_OUT of what `Rules` rejects.

    held_out: rows of held-out prompts, in the same form.
    """

    picked: pl.DataFrame
    funnels: list[Funnel]
    effects: list[Effect]
    left_out: pl.DataFrame
    composition: Composition
    held_out: pl.DataFrame


def select_rows(ingredients: Sequence[Ingredient], rules: Rules) -> Selection:
    """Choose among the accepted samples of all ingredients: a prompt's equal responses are one, then contamination
    rejects, near-duplicates give way, and each source's limits, of a prompt and in all, and those of the whole hold.

    Raises UserError where amounts are by tokens that nobody counted alike, or shares cannot be held.
    """
    sources = [one.source for one in ingredients]
    fit = None
    if rules.amounts.bounds_whole(sources):
        fit = AmountFit(rules.amounts, sources, [find_kind(one) for one in ingredients])
    picked, settled, left_out = [], [], []
    taken = pl.DataFrame(schema={"prompt_id": pl.String, "key": pl.UInt64})
    together = [ingredients] if rules.apart is not None or fit is not None else [[one] for one in ingredients]
    for some in together:
        pools = [_make_pool(one, rules, sources) for one in some]
        if fit is not None and fit.unit == "tokens" and rules.counter is None:
            require_one_counter(ingredients)
        fates, rejected = settle_pools(pools, taken, rules, fit)
        left_out.append(rejected)
        for pool, fated in zip(pools, fates, strict=True):
            chosen = fated.filter(pl.col("fate").is_in(["selected", "held_out"]))
            taken = pl.concat([taken, chosen.select(EQUAL)])
            picked.append(list_rows(pool.ingredient, chosen, rules.seed, rules.counter is not None))
            part = count_part(pool.ingredient.name, chosen, pool.tokens)
            settled.append((_count(pool.ingredient, fated, part, rules), _measure(pool, fated), part))
        del pools, fates
    rows = pl.concat(picked).sort("place", maintain_order=True).drop("place")
    funnels, measured, parts = zip(*settled, strict=True)
    train, held = rows, rows.clear()
    if rules.holdout is not None:
        train, held = rows.filter(~pl.col("held")), rows.filter("held")
    composition = compose(ingredients, parts, funnels, rules.counter, fit)
    if rules.holdout is not None:
        composition.held_out = {"rows": held.height, "prompts": held["prompt_id"].n_unique()}
    return Selection(train, list(funnels), add_effects(measured), pl.concat(left_out), composition, held)


def _make_pool(one: Ingredient, rules: Rules, sources: Sequence[Source]) -> Pool:
    run, name, verifier = one.run, one.name, one.verifier
    tokens = rules.counter is not None or counts_tokens(run, name)
    by_length = one.source.choose in BY_LENGTH
    decides = verifier if verifier in one.labels else None
    fated = decide_fates(run, name, one.labels, lengths=by_length or not tokens, verifier=decides)
    by_tokens = rules.amounts.needs_tokens(sources)
    if rules.counter is not None:
        fated = rules.counter.count_accepted(one, fated)
    elif by_tokens:
        require_counts(one, fated)
    shares = pl.DataFrame(schema=RATES)
    if verifier is not None and not has_stopped_early(run, name):
        shares = share_correct(fated) if decides else read_shares(run, name, verifier)
    rates = rate_prompts(run, name, shares)
    fated, candidates = list_candidates(run, one.source, fated, rules.seed, rates)
    if by_tokens:
        candidates = candidates.with_columns(fated["tokens"].gather(candidates["at"]))
    if rules.holdout is not None:
        held = rules.holdout.find_held(one)
        candidates = candidates.with_columns(pl.col("prompt_id").is_in(held.implode()).alias("held"))
    return Pool(one, fated, candidates, rates, tokens)


def _count(one: Ingredient, fated: pl.DataFrame, part: Part, rules: Rules) -> Funnel:
    funnel = count_fates(one.name, fated, [*one.labels, *rules.labels]).model_copy(
        update={"repeats": part.repeats}
    )
    return funnel if one.imported is None else funnel.add_import(one.imported.describe())


def _measure(pool: Pool, fated: pl.DataFrame) -> Measurement:
    # By the fates before the choice: a check of the source may be called as what rejects here.
    was_accepted = pool.fated["fate"].is_in(["accepted", "repeated", "unselected"])
    accepted = fated.select("prompt_id", "index", "fate", "by", "tokens", "length").filter(was_accepted)
    return measure_effect(pool.ingredient.run, pool.ingredient.source, accepted, pool.rates, pool.tokens)
