"""What each choice promises of the samples it takes, whatever lies in the run and in whatever order."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.options import fill
from curate.selection.choose_samples import limit_rows, list_candidates
from curate.selection.pass_rate_classes import CLASSES, classify
from curate.selection.sources import Source
from curate.stages.mix import MixOptions
from curate.store.layout import Run
from filters.digest import digest
from filters.errors import UserError

NOWHERE = Run(Path("/nowhere"))
KINDS = ("random", "shortest", "first", "median", "balanced")
SCHEMA = {"sample_id": pl.String, "prompt_id": pl.String, "index": pl.Int32, "length": pl.UInt32, "key": pl.UInt64, "part": pl.UInt32, "fate": pl.String}  # fmt: skip

samples = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 9), st.sampled_from(["accepted", "accepted", "rejected"])), max_size=40
)  # fmt: skip


def make_fates(drawn: list[tuple[int, int, str]]) -> pl.DataFrame:
    """Samples of six prompts; those of one length of a prompt are equal."""
    rows = [
        (digest(at), f"p{prompt}", at, length, length, 0, fate)
        for at, (prompt, length, fate) in enumerate(drawn)
    ]
    return pl.DataFrame(rows, SCHEMA, orient="row")


def make_rates(known: list[float | None]) -> pl.DataFrame:
    rates = {"prompt_id": [f"p{n}" for n in range(len(known))], "rate": known}
    return pl.DataFrame(rates, {"prompt_id": pl.String, "rate": pl.Float64}).drop_nulls()


def choose(source: Source, fated: pl.DataFrame, rates: pl.DataFrame, seed: int = 0) -> pl.DataFrame:
    """The samples that are taken, and of each whether there is room for it."""
    settled, candidates = list_candidates(NOWHERE, source, fated, seed, rates)
    assert (
        settled.filter(pl.col("fate") == "accepted")["sample_id"].to_list()
        == fated[candidates["at"].sort()]["sample_id"].to_list()
    )
    return fated[limit_rows(source, candidates)["at"]]


rated = st.lists(st.sampled_from([None, 0.0, 0.3, 1.0]), min_size=6, max_size=6).map(make_rates)


@settings(deadline=None, max_examples=80)
@given(
    samples, rated, st.sampled_from(KINDS), st.integers(1, 4), st.integers(1, 12), st.integers(0, 3), st.randoms()
)  # fmt: skip
def test_as_many_as_the_limits_let_and_the_same_in_any_order(
    drawn: Any, rates: Any, choice: Any, per_prompt: int, rows: int, seed: int, random: Any
):
    fated = make_fates(drawn)
    source = Source(source="t", name="t", choose=choice, per_prompt=per_prompt, rows=rows)
    found = choose(source, fated, rates, seed)
    distinct = fated.filter(pl.col("fate") == "accepted").unique(["prompt_id", "key"])
    room = (
        distinct.group_by("prompt_id").len().select(pl.col("len").clip(upper_bound=per_prompt).sum()).item()
    )
    assert found.height == min(rows, room or 0)
    assert found.group_by("prompt_id").len().filter(pl.col("len") > per_prompt).is_empty()
    assert found.select("prompt_id", "key").is_unique().all()
    assert set(found["fate"]) <= {"accepted"}
    order = list(range(fated.height))
    random.shuffle(order)
    again = choose(source, fated[order], rates, seed)
    assert set(again["sample_id"]) == set(found["sample_id"])


@settings(deadline=None, max_examples=60)
@given(samples, st.sampled_from(["shortest", "median", "first"]), st.integers(1, 3))
def test_those_that_are_taken_are_nearest_to_what_was_asked(drawn: Any, choice: Any, per_prompt: int):
    fated = make_fates(drawn)
    source = Source(source="t", name="t", choose=choice, per_prompt=per_prompt)
    found = choose(source, fated, make_rates([None]))
    for (prompt,), there in fated.filter(pl.col("fate") == "accepted").group_by("prompt_id"):
        distinct = there.sort("index").unique("key", keep="first")
        middle = distinct["length"].median()
        far = {"shortest": pl.col("length"), "first": pl.col("index"), "median": (pl.col("length") - middle).abs()}[choice]  # fmt: skip
        taken = found.filter(pl.col("prompt_id") == prompt)
        rest = distinct.filter(~pl.col("key").is_in(taken["key"].implode()))
        if rest.height:
            assert taken.select(far.max()).item() <= rest.select(far.min()).item()


@settings(deadline=None, max_examples=80)
@given(samples, rated, st.integers(1, 30))
def test_balanced_rows_are_as_even_over_the_pass_rates_as_the_accepted_ones_allow(
    drawn: Any, rates: Any, rows: int
):
    fated = make_fates(drawn)
    found = choose(Source(source="t", name="t", choose="balanced", rows=rows), fated, rates)
    by_class = classify(pl.col("rate"))
    there = fated.filter(pl.col("fate") == "accepted").unique(["prompt_id", "key"])
    there, taken = (one.join(rates, on="prompt_id", how="left").select(by_class.alias("c")) for one in (there, found))  # fmt: skip
    room, used = (dict(one["c"].value_counts().iter_rows()) for one in (there, taken))
    most = max(used.values(), default=0)
    for number, count in room.items():
        assert used.get(number, 0) >= min(count, most - 1), CLASSES[number]


def test_classes_stand_apart_where_nothing_can_be_learnt_and_where_nothing_is_known():
    rates = pl.DataFrame({"rate": [None, 0.0, 1e-9, 0.1, 0.1000001, 0.95, 0.9999999, 1.0, 0.3, 1 / 3]})
    numbers = rates.select(classify(pl.col("rate"))).to_series()
    named = ["unknown", "none", "≤10%", "≤10%", "≤20%", "<100%", "<100%", "all", "≤30%", "≤40%"]
    assert [CLASSES[number] for number in numbers] == named


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("t:choose=median,rows=5", "say how many, as per_prompt=4"),
        ("t:choose=diverse", "say how many, as per_prompt=4"),
        ("t:choose=balanced,per_prompt=2", "say how many, as rows=10000"),
    ],
)
def test_a_choice_that_would_choose_nothing_is_refused(source: str, said: str):
    with pytest.raises(UserError, match=said):
        fill(MixOptions, {"run": "r", "source": [source]}, "mix")
