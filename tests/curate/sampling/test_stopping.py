"""A prompt stops in index order, and its pass rate is not bent by where it stopped."""

import random
from statistics import fmean

import pytest

from curate.sampling.stopping import PromptProgress, StoppingRule, estimate_pass_rate


def test_without_accept_every_prompt_gets_all_its_samples_at_once():
    progress = PromptProgress(StoppingRule(samples=5), {1: True})
    assert progress.next_wave() == [0, 2, 3, 4]
    assert progress.next_wave() == []
    for index in (4, 0, 2, 3):
        assert progress.settle(index, True) == []
    assert progress.next_wave() == []


def test_waves_make_what_is_missing_and_grow():
    progress = PromptProgress(StoppingRule(samples=16, accept=2), {})
    waves = []
    while wave := progress.next_wave():
        waves.append(wave)
        for index in wave:
            progress.settle(index, False)
    assert [len(wave) for wave in waves] == [2, 4, 8, 2]
    assert sorted(index for wave in waves for index in wave) == list(range(16))


def test_it_stops_at_the_kth_accepted_in_index_order():
    progress = PromptProgress(StoppingRule(samples=16, accept=2), {0: False, 1: False})
    progress.next_wave()
    progress.settle(2, False)
    progress.settle(3, False)
    assert progress.next_wave() == [4, 5, 6, 7]
    assert progress.settle(7, True) == []
    assert progress.settle(5, True) == [], "4 and 6 stand before the second accepted, at 7"
    assert progress.enough_at == 7
    assert progress.settle(4, True) == [6], "4 and 5 are enough: 6 is not needed"
    assert progress.running == set()
    assert progress.next_wave() == []


def test_what_is_missing_before_the_kth_accepted_is_made():
    """A server fails long chains sooner than short ones: to leave them out would prefer the short."""
    progress = PromptProgress(StoppingRule(samples=16, accept=2), {0: True, 2: True, 5: True})
    assert not progress.is_finished
    assert progress.next_wave() == [1]
    assert progress.settle(1, True) == []
    assert (progress.enough_at, progress.is_finished, progress.next_wave()) == (1, True, [])


def test_a_prompt_with_some_but_not_enough_is_escalated():
    rule = StoppingRule(samples=4, accept=3, escalate=8)
    some = PromptProgress(rule, {0: True, 1: False, 2: False, 3: False})
    none = PromptProgress(rule, dict.fromkeys(range(4), False))
    assert some.next_wave() == [4, 5]
    assert none.next_wave() == []


def test_a_resumed_prompt_goes_on_where_it_was():
    rule = StoppingRule(samples=16, accept=2)
    assert PromptProgress(rule, {0: True, 1: True}).next_wave() == []
    assert PromptProgress(rule, {0: True, 2: None}).next_wave() == [1]


@pytest.mark.parametrize("accept", [None, 2, 4])
@pytest.mark.parametrize("rate", [0.15, 0.5, 0.9])
def test_the_pass_rate_is_unbiased(accept: int | None, rate: float):
    """Over many prompts whose samples settle in random order; only prompts that all stop are compared."""
    rng = random.Random(7)
    rule = StoppingRule(samples=400 if accept else 16, accept=accept)
    found = []
    for _ in range(1500):
        progress = PromptProgress(rule, {})
        while wave := progress.next_wave():
            order = rng.sample(wave, len(wave))
            for index in order:
                if index in progress.running:
                    progress.settle(index, rng.random() < rate)
        found.append(estimate_pass_rate(rule, progress.verdicts))
    assert fmean(found) == pytest.approx(rate, abs=0.02)


@pytest.mark.parametrize("undecided", [0.0, 0.3])
@pytest.mark.parametrize("rate", [0.05, 0.15, 0.5])
def test_the_pass_rate_is_unbiased_where_some_prompts_are_escalated(rate: float, undecided: float):
    """All prompts count: those that stopped, those that were escalated and stopped then, those that never did."""
    rng, rule, found = random.Random(8), StoppingRule(samples=8, accept=2, escalate=32), []
    for _ in range(12_000):
        progress = PromptProgress(rule, {})
        while wave := progress.next_wave():
            for index in wave:
                if index in progress.running:
                    progress.settle(index, None if rng.random() < undecided else rng.random() < rate)
        found.append(estimate_pass_rate(rule, progress.verdicts))
    known = [one for one in found if one is not None]
    assert len(known) > 0.99 * len(found)
    assert fmean(known) == pytest.approx(rate, abs=0.008)


def test_where_the_rate_is_undefined_it_says_so():
    assert estimate_pass_rate(StoppingRule(accept=1), {0: False, 1: True}) is None
    assert estimate_pass_rate(StoppingRule(samples=2), {0: None, 1: None}) is None
    assert estimate_pass_rate(StoppingRule(samples=3), {0: True, 1: False, 2: None}) == 0.5


def test_of_an_unfinished_prompt_there_is_no_rate():
    """Where a budget or a failure ended it, the short samples are there and the long ones are not."""
    assert estimate_pass_rate(StoppingRule(samples=4), {0: True, 1: True, 3: True}) is None
    assert estimate_pass_rate(StoppingRule(samples=4, accept=3), {0: True, 2: True}) is None
    assert estimate_pass_rate(StoppingRule(samples=2, accept=2, escalate=4), {0: True, 1: False}) is None
    assert estimate_pass_rate(StoppingRule(samples=4, accept=2), {0: True, 1: False, 2: True}) == 0.5
