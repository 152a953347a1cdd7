"""pass@k is the share of all draws of k samples that hold a correct one, counted here one by one."""

from itertools import combinations
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distill.evaluation.pass_at_1 import estimate_pass_at_1, estimate_pass_at_k, list_k

GRADES = st.lists(st.none() | st.booleans(), min_size=1, max_size=7)


def draw_all(grades: list[bool], k: int) -> float:
    draws = [any(draw) for draw in combinations(grades, k)]
    return sum(draws) / len(draws)


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (1, [1]), (3, [1, 2]), (8, [1, 2, 4, 8]), (10, [1, 2, 4, 8, 10]), (64, [1, 2, 4, 8, 10, 16, 32, 64]),
        (200, [1, 2, 4, 8, 10, 16, 32, 64, 100, 128]),
    ],
)  # fmt: skip
def test_which_k_are_told(samples: int, told: list[int]):
    assert list_k(samples) == told


def test_pass_at_k_by_hand():
    # Of 4 samples with 1 correct, 3 of 6 pairs hold it.
    found = estimate_pass_at_k([[True, False, False, False], [False] * 4], 2)
    assert (found.value, found.counted, found.left_out) == (0.25, 2, 0)
    assert found.bounds == (0.25, 0.25)


@given(GRADES, st.integers(1, 7))
@settings(deadline=None)
def test_it_is_the_share_of_all_draws_of_decided_samples(grades: list[bool | None], k: int):
    decided = [ok for ok in grades if ok is not None]
    found = estimate_pass_at_k([grades], k)
    if len(decided) < k:
        assert (found.value, found.left_out) == (None, 1)
    else:
        assert found.value is not None and isclose(found.value, draw_all(decided, k), abs_tol=1e-12)


@given(st.lists(GRADES, max_size=5))
@settings(deadline=None)
def test_at_1_it_is_pass_at_1(prompts: list[list[bool | None]]):
    one, other = estimate_pass_at_k(prompts, 1), estimate_pass_at_1(prompts)
    assert (one.counted, one.left_out) == (other.counted, other.left_out)
    for key in ("value", "low", "high"):
        assert getattr(one, key) == pytest.approx(getattr(other, key))
    assert one.bounds == pytest.approx(other.bounds)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_more_draws_find_more(grades: list[bool]):
    values = [estimate_pass_at_k([grades], k).value for k in range(1, len(grades) + 1)]
    assert all(value is not None for value in values)
    assert values == sorted(values, key=float)  # type: ignore[arg-type]
    assert values[-1] == float(any(grades))


@given(
    st.lists(st.lists(st.none() | st.booleans(), min_size=4, max_size=4), min_size=1, max_size=4),
    st.integers(1, 4),
)
@settings(deadline=None)
def test_whatever_the_undecided_are_it_lies_within_the_bounds(prompts: list[list[bool | None]], k: int):
    low, high = estimate_pass_at_k(prompts, k).bounds
    for said in (False, True):
        known = estimate_pass_at_k([[said if ok is None else ok for ok in grades] for grades in prompts], k)
        assert known.value is not None and low - 1e-9 <= known.value <= high + 1e-9
        assert known.bounds == pytest.approx((known.value, known.value))
    assert known.value == pytest.approx(high), "all undecided ones correct"


def test_a_prompt_that_its_few_decided_samples_would_settle_is_left_out():
    """Only correct ones can settle it: counted, they would make the mean too high."""
    found = estimate_pass_at_k([[True, None, None, None], [False, None, None, None]], 4)
    assert (found.value, found.left_out, found.bounds) == (None, 2, (0.5, 1.0))


def test_many_samples_are_exact():
    found = estimate_pass_at_k([[True] + [False] * 1999], 1000)
    assert found.value == pytest.approx(0.5)
