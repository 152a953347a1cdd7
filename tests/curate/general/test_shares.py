"""Shares of categories become whole numbers of prompts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.general.shares import OTHERS, allot
from curate.options import fill
from curate.stages.generate import GenerateOptions
from filters.errors import UserError


def test_a_limit_is_split_by_shares_and_what_cannot_be_filled_is_known():
    quotas = allot({"writing": 100, "facts": 5, "chat": 50}, {"writing": 0.5, "facts": 0.2}, 60)
    assert [(q.category, q.wanted, q.taken) for q in quotas] == [
        ("facts", 12, 5),
        ("writing", 30, 30),
        (OTHERS, 18, 18),
    ]


def test_without_a_limit_all_shares_are_filled():
    quotas = allot({"writing": 100, "facts": 5}, {"writing": 0.5, "facts": 0.5}, None)
    assert [(q.category, q.wanted) for q in quotas] == [("facts", 5), ("writing", 5)]


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ({"writing": 0.7, "facts": 0.4}, "The shares add up to 1.1; together they are at most 1"),
        ({"writing": 0.0}, "--share writing=0: a share is above 0"),
        ({"poems": 0.5}, "there are no prompts of that category; there are: facts, writing"),
        ({"writing": 0.5, "facts": 0.2}, "add up to 0.7, and there are no prompts of other categories"),
    ],
)
def test_shares_that_cannot_be_are_refused(shares, said):
    with pytest.raises(UserError, match=said):
        allot({"writing": 10, "facts": 10}, shares, None)


def test_they_are_written_as_category_and_share():
    given = {"run": "r", "prompts": "p", "kind": "general"}
    options = fill(GenerateOptions, {**given, "general": {"share": ["a=b=0.25", "writing=0.5"]}}, "test")
    assert options.general.share == {"a=b": 0.25, "writing": 0.5}
    with pytest.raises(UserError, match="not of the form category=share"):
        fill(GenerateOptions, {**given, "general": {"share": ["writing"]}}, "test")
    with pytest.raises(UserError, match=r"general\.share is for general prompts; give --kind general"):
        fill(GenerateOptions, {"run": "r", "prompts": "p", "general": {"share": ["writing=1"]}}, "test")


@st.composite
def shared(draw):
    there = draw(st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 300), min_size=1))
    names = draw(st.lists(st.sampled_from(sorted(there)), unique=True, min_size=1))
    weights = draw(st.lists(st.integers(1, 50), min_size=len(names), max_size=len(names)))
    whole = sum(weights) + (draw(st.integers(1, 50)) if len(names) < len(there) else 0)
    return there, {name: weight / whole for name, weight in zip(names, weights, strict=True)}


@settings(max_examples=60, deadline=None)
@given(shared(), st.one_of(st.none(), st.integers(1, 500)))
def test_numbers_are_within_one_prompt_of_their_shares(case, limit):
    there, shares = case
    quotas = allot(there, shares, limit)
    total = sum(quota.wanted for quota in quotas)
    assert limit is None or total == limit
    rest = 1 - sum(shares.values())
    for quota in quotas:
        share = rest if quota.category is OTHERS else shares[quota.category]
        assert abs(quota.wanted - share * total) < 1
        assert quota.taken <= quota.there
        assert limit is not None or quota.taken == quota.wanted
