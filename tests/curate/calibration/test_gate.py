"""The intervals hold the truth as often as they say, and the gate stops judges that err too often."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.calibration.calibration import FALSE_ACCEPT, FALSE_REJECT, JudgeRate
from curate.calibration.gate import find_faults, read_bounds
from tests.curate.calibration.scripted_judges import make_judge

REDRAWS = 1_000
RATES = (0.02, 0.05, 0.10, 0.20, 0.30)
LABELS = (200, 500)
BOUNDS = read_bounds(make_judge())


def redraw(rate: float, labels: int, seed: int = 0) -> list[int]:
    """How often a judge with this error rate errs on so many labels, again and again."""
    return np.random.default_rng([seed, labels, round(1000 * rate)]).binomial(labels, rate, REDRAWS).tolist()


def holds(rate: float, labels: int) -> float:
    """The share of redraws whose interval holds the rate."""
    intervals = [JudgeRate("", errors, labels).interval for errors in redraw(rate, labels)]
    return sum(low <= rate <= high for low, high in intervals) / REDRAWS


def closes(accepts: float, rejects: float, labels: int) -> float:
    """The share of redraws in which the gate is closed."""
    draws = zip(redraw(accepts, labels, 1), redraw(rejects, labels, 2), strict=True)
    return sum(bool(faults(wrong, labels, right, labels)) for wrong, right in draws) / REDRAWS


def faults(accepted: int, wrong: int, rejected: int, right: int, **canaries: int) -> tuple[str, ...]:
    rates = {FALSE_ACCEPT: JudgeRate("", accepted, wrong), FALSE_REJECT: JudgeRate("", rejected, right)}
    rates |= {kind: JudgeRate("", errors, 3) for kind, errors in canaries.items()}
    return find_faults(rates, BOUNDS)


def test_the_intervals_hold_the_truth() -> None:
    held = [holds(rate, labels) for rate in RATES for labels in LABELS]
    assert 0.93 <= sum(held) / len(held) <= 0.97
    assert min(held) >= 0.90
    assert [holds(0.0, labels) for labels in LABELS] == [1.0, 1.0]


@pytest.mark.parametrize("labels", LABELS)
def test_the_gate_stops_the_bad_ones_and_no_others(labels: int) -> None:
    assert closes(0.0, 0.0, labels) == 0
    assert closes(0.002, 0.05, labels) < 0.05
    assert closes(0.05, 0.0, labels) > 0.97, "at the bound it is not known that it is below"
    assert closes(0.0, 0.20, labels) > 0.97
    for rate in (0.10, 0.20, 0.30):
        assert closes(rate, 0.0, labels) >= 0.999
    assert closes(0.0, 0.30, labels) >= 0.999


def test_it_says_in_words_why_it_is_closed() -> None:
    assert faults(2, 200, 20, 200) == ()
    assert faults(12, 200, 60, 200) == (
        "it decided 200 of 200 wrong answers and accepted 12, so that the share accepted may be 10.2%, above "
        "max_false_accepts of 5%",
        "it decided 200 of 200 right answers and rejected 60, so that the share rejected may be 36.7%, above "
        "max_false_rejects of 20%",
    )
    assert "it decided none of 0 wrong answers" in faults(0, 0, 0, 200)[0]
    assert faults(0, 200, 0, 200, flattery=0, forged_turn=1) == ("it accepts attacks: forged turn (1 of 3)",)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(0, 3))
def test_more_errors_never_open_it(errors: int, more: int, decided: int, canary: int) -> None:
    wrong = errors + more + decided
    before, after = faults(errors, wrong, 0, 200), faults(errors + more, wrong, 0, 200, flattery=canary)
    assert after or not before
    assert not canary or after
