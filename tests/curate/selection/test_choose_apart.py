"""Rows that are alike keep apart: whoever a row gives way to is in the set, whatever the limits, sources and pairs."""

from functools import partial
from typing import Any

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.selection.choose_apart import RULES, Choice, choose_apart, rank_units
from curate.selection.choose_samples import limit_rows
from curate.selection.draws import draw_numbers
from curate.selection.sources import Source
from filters.digest import digest

KEYS = ("source", "prompt_id", "key")
row_list = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4), st.integers(0, 5), st.booleans()), max_size=30, unique_by=lambda r: r[:3]
)  # fmt: skip
pair_list = st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=25)
limit_list = st.lists(
    st.tuples(st.none() | st.integers(1, 2), st.none() | st.integers(1, 4)), min_size=3, max_size=3
)


def make_rows(drawn: list[tuple[int, int, int, bool]]) -> pl.DataFrame:
    """Candidates of three sources, of five prompts that they share, source after source in the order of their draws."""
    rows = pl.DataFrame(
        [(s, f"p{p}", k, digest(s, p, k), ok) for s, p, k, ok in drawn],
        {"source": pl.UInt32, "prompt_id": pl.String, "key": pl.UInt64, "sample_id": pl.String, "correct": pl.Boolean},
        orient="row",
    )  # fmt: skip
    return rows.hstack(draw_numbers(rows["sample_id"], 0)).sort("source", "of_prompt")


class World:
    """Rows, their units and pairs of these, and the limits of their sources."""

    def __init__(self, drawn: Any, pairs: Any, limits: Any, by_prompt: bool, rule: Any) -> None:
        self.rows = make_rows(drawn)
        names = self.rows["prompt_id" if by_prompt else "sample_id"]
        self.names = sorted(set(names))
        number = {name: at for at, name in enumerate(self.names)}
        self.units = np.array([number[name] for name in names], np.int64)
        count = max(1, len(self.names))
        self.pairs = np.array([(a % count, b % count) for a, b in pairs if a % count != b % count], np.int64)
        self.pairs = self.pairs.reshape(-1, 2) if len(self.names) else np.empty((0, 2), np.int64)
        self.sources = [Source(source=str(n), per_prompt=k, rows=m) for n, (k, m) in enumerate(limits)]
        self.rule = rule

    def choose(self) -> Choice:
        rank = rank_units(self.rows, self.units, self.rule)
        return choose_apart(
            self.rows, [partial(limit_rows, one) for one in self.sources], self.units, self.pairs, rank
        )


worlds = st.builds(World, row_list, pair_list, limit_list, st.booleans(), st.sampled_from(RULES))


@settings(deadline=None, max_examples=300)
@given(worlds)
def test_what_gave_way_has_its_like_in_the_set_and_no_two_in_it_are_alike(world: World):
    found = world.choose()
    gave_way = found.stays >= 0
    assert (
        not (found.is_selected & found.repeated).any()
        and not (gave_way & (found.is_selected | found.repeated)).any()
    )
    alike = {frozenset(pair) for pair in world.pairs.tolist()}
    for row in np.flatnonzero(gave_way):
        stays = found.stays[row]
        assert found.is_selected[stays]
        assert frozenset((int(world.units[row]), int(world.units[stays]))) in alike
    there = set(world.units[found.is_selected].tolist())
    assert not any(pair <= there for pair in alike)
    chosen = world.rows.filter(pl.Series(found.is_selected))
    assert chosen.select("prompt_id", "key").is_unique().all()
    for number, source in enumerate(world.sources):
        own = chosen.filter(pl.col("source") == number)
        assert source.rows is None or own.height <= source.rows
        most = own.group_by("prompt_id").len()["len"].max() or 0
        assert source.per_prompt is None or most <= source.per_prompt
    equal = world.rows.join(chosen, on=["prompt_id", "key"], how="semi")
    assert set(equal["sample_id"]) == set(
        world.rows.filter(pl.Series(found.is_selected | found.repeated))["sample_id"]
    )


@settings(deadline=None, max_examples=100)
@given(worlds, st.randoms())
def test_neither_the_numbers_of_units_nor_the_order_of_pairs_matters(world: World, random: Any):
    before = world.choose()
    order = list(range(len(world.names)))
    random.shuffle(order)
    world.units = np.array(order, np.int64)[world.units] if len(world.units) else world.units
    pairs = [tuple(random.sample([order[a], order[b]], 2)) for a, b in world.pairs]
    random.shuffle(pairs)
    world.pairs = np.array(pairs, np.int64).reshape(-1, 2)
    after = world.choose()
    assert (before.is_selected == after.is_selected).all() and (before.stays == after.stays).all()
    assert (before.repeated == after.repeated).all()


@settings(deadline=None, max_examples=100)
@given(worlds)
def test_without_pairs_as_many_as_the_limits_let(world: World):
    """As where each source is chosen from alone, without what those before it gave."""
    world.pairs = np.empty((0, 2), np.int64)
    found = world.rows.filter(pl.Series(world.choose().is_selected))
    taken = world.rows.clear()
    for number, source in enumerate(world.sources):
        own = world.rows.filter(pl.col("source") == number).join(taken, on=["prompt_id", "key"], how="anti", maintain_order="left")  # fmt: skip
        taken = pl.concat([taken, limit_rows(source, own)])
    assert set(found["sample_id"]) == set(taken["sample_id"])


def test_the_rule_says_which_of_two_stays_and_the_others_break_ties():
    rows = make_rows([(0, 0, 0, False), (1, 1, 0, True), (1, 1, 1, False), (2, 2, 0, True)])
    units = rows["prompt_id"].str.slice(1).cast(pl.Int64).to_numpy()
    first = {rule: [int(n) for n in np.argsort(rank_units(rows, units, rule))] for rule in RULES}
    assert first == {"first_source": [0, 1, 2], "most_samples": [1, 0, 2], "verified": [1, 2, 0]}
