import random
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distill.evaluation.pass_at_1 import (
    estimate_cons_at_k,
    estimate_paired_difference,
    estimate_pass_at_1,
)


def test_pass_at_1_is_the_mean_of_the_prompts_shares():
    found = estimate_pass_at_1([[True, True], [True, False], [False, False, False, False]])
    assert found.value == pytest.approx(0.5)
    # Shares 1, 0.5, 0: standard deviation 0.5, t(2) = 4.3027, reach 1.24: clipped at both ends.
    assert (found.low, found.high, found.counted) == (0.0, 1.0, 3)


def test_pass_at_1_interval_by_hand():
    found = estimate_pass_at_1([[True, False]] * 5 + [[True, True]] * 5)
    # Shares 0.5 and 1, five each: standard deviation 0.263523, t(9) = 2.2622, reach 0.188517.
    assert found.value == pytest.approx(0.75)
    assert (found.low, found.high) == (pytest.approx(0.561483, abs=1e-5), pytest.approx(0.938517, abs=1e-5))


def test_more_samples_of_the_same_prompts_do_not_narrow_the_interval():
    few = estimate_pass_at_1([[True], [False], [True], [False]])
    many = estimate_pass_at_1([[True] * 64, [False] * 64, [True] * 64, [False] * 64])
    assert (few.low, few.high) == (many.low, many.high)


@pytest.mark.parametrize(("ok", "low", "high"), [(False, 0.0, 0.0295), (True, 0.9705, 1.0)])
def test_all_alike_is_bounded_by_the_rule_of_three(ok, low, high):
    found = estimate_pass_at_1([[ok, ok]] * 100)
    assert found.value == float(ok)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_one_prompt_says_next_to_nothing():
    found = estimate_pass_at_1([[True, False]])
    assert (found.value, found.low, found.high) == (0.5, pytest.approx(0.025), pytest.approx(0.975))


def test_undecided_samples_are_left_out_counted_and_bounded():
    found = estimate_pass_at_1([[True, None], [False, False], [None, None]])
    assert (found.value, found.counted, found.left_out) == (0.5, 2, 1)
    assert found.bounds == (pytest.approx(0.5 / 3), pytest.approx(2 / 3))


@pytest.mark.parametrize("prompts", [[], [[]], [[None], []]])
def test_of_nothing_decided_there_is_no_value_and_everything_is_possible(prompts):
    found = estimate_pass_at_1(prompts)
    assert (found.value, found.low, found.high, found.bounds) == (None, 0.0, 1.0, (0.0, 1.0))
    assert (found.counted, found.left_out) == (0, len(prompts))


def test_the_interval_covers_the_truth_about_19_times_in_20():
    draw = random.Random(5)
    hits = 0
    for _ in range(400):
        rates = [draw.choice((0.1, 0.5, 0.9)) for _ in range(40)]
        found = estimate_pass_at_1([[draw.random() < rate for _ in range(8)] for rate in rates])
        hits += found.low <= 0.5 <= found.high
    assert 0.92 <= hits / 400 <= 0.98


def test_cons_at_k_takes_the_majority_and_shares_ties():
    right = [(0, True), (0, True), (1, False)]
    tie = [(0, True), (1, False)]
    wrong = [(0, True), (1, False), (1, False)]
    assert estimate_cons_at_k([right]).value == 1.0
    assert estimate_cons_at_k([tie]).value == 0.5
    assert estimate_cons_at_k([wrong]).value == 0.0
    assert estimate_cons_at_k([right, tie, wrong]).value == pytest.approx(0.5)


def test_a_wrong_sample_without_an_answer_does_not_vote():
    assert estimate_cons_at_k([[(0, True), (None, False), (None, False)]]).value == 1.0
    assert estimate_cons_at_k([[(None, False), (None, False)]]).value == 0.0


def test_votes_that_are_unknown_decide_nothing_and_leave_out_what_they_could_change():
    safe, close = [(0, True)] * 5 + [(1, False)] * 2, [(0, True)] * 3 + [(1, False)]
    missing = [(None, None)] * 2
    found = estimate_cons_at_k([safe + missing, close + missing])
    assert (found.value, found.counted, found.left_out, found.bounds) == (1.0, 1, 1, (0.5, 1.0))
    # Right, but no answer can be found in it: no ground to call the majority wrong.
    unread = estimate_cons_at_k([[(None, True)] * 7 + [(0, False)]])
    assert (unread.value, unread.left_out, unread.bounds) == (None, 1, (0.0, 1.0))


def test_cons_at_k_leaves_out_an_undecided_winner():
    found = estimate_cons_at_k([[(0, None), (0, None), (1, True)], [(0, True)]])
    assert (found.value, found.counted, found.left_out) == (1.0, 1, 1)
    assert found.bounds == (0.5, 1.0)


@given(
    st.lists(
        st.lists(st.tuples(st.none() | st.integers(0, 2), st.none() | st.booleans()), max_size=6), max_size=5
    )
)
@settings(deadline=None)
def test_no_vote_whatever_ends_without_an_estimate(prompts):
    """And whatever the undecided answers are: what comes of it lies within the bounds."""
    found = estimate_cons_at_k(prompts)
    assert found.counted + found.left_out == len(prompts)
    assert (found.value is None) == (found.counted == 0)
    for said in (False, True):
        known = estimate_cons_at_k([decide(votes, said) for votes in prompts])
        assert found.bounds[0] <= known.bounds[0] + 1e-9
        assert known.bounds[1] <= found.bounds[1] + 1e-9


def decide(votes, said: bool):
    """The undecided votes decided; equal answers are equally right, so one that is decided has decided its class."""
    decided = {answer for answer, ok in votes if answer is not None and ok is not None}
    return [(answer, said if ok is None and answer not in decided else ok) for answer, ok in votes]


def test_pairing_narrows_the_interval():
    draw = random.Random(1)
    hard = [draw.random() for _ in range(100)]
    before = [[draw.random() < 0.8 * p for _ in range(16)] for p in hard]
    after = [[draw.random() < 0.8 * p + 0.2 for _ in range(16)] for p in hard]
    gain = estimate_paired_difference(before, after)
    assert gain.value == pytest.approx(fmean(map(fmean, after)) - fmean(map(fmean, before)))
    one, two = estimate_pass_at_1(before), estimate_pass_at_1(after)
    assert gain.high - gain.low < 0.5 * (two.high - two.low + one.high - one.low)
    assert gain.low > 0


def test_two_models_that_never_differ_may_still_differ_a_little():
    same = [[True], [False]] * 50
    gain = estimate_paired_difference(same, same)
    assert (gain.value, gain.low, gain.high) == (
        0.0,
        pytest.approx(-0.0295, abs=1e-4),
        pytest.approx(0.0295, abs=1e-4),
    )


def test_only_prompts_decided_in_both_are_paired():
    gain = estimate_paired_difference([[True], [None], [False]], [[True], [True], [True]])
    assert (gain.value, gain.counted, gain.left_out) == (0.5, 2, 1)
    assert gain.bounds == (pytest.approx(1 / 3), pytest.approx(2 / 3))
    with pytest.raises(ValueError, match="cannot be paired"):
        estimate_paired_difference([[True]], [])
