"""The one interval of a share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.intervals import wilson_interval


@pytest.mark.parametrize(
    ("count", "tried", "interval"),
    [
        (0, 0, (0.0, 1.0)),
        (0, 1_000, (0.0, 0.003827)),
        (5, 10, (0.23659, 0.76341)),
        (9, 10, (0.59585, 0.98213)),
        (10, 10, (0.72247, 1.0)),
    ],
)
def test_the_interval_is_wilsons(count, tried, interval):
    assert wilson_interval(count, tried) == pytest.approx(interval, abs=1e-5)


@given(st.integers(1, 10_000).flatmap(lambda tried: st.tuples(st.integers(0, tried), st.just(tried))))
def test_it_holds_the_share_and_mirrors_its_complement(counted):
    count, tried = counted
    low, high = wilson_interval(count, tried)
    assert 0.0 <= low <= count / tried <= high <= 1.0
    assert wilson_interval(tried - count, tried) == pytest.approx((1 - high, 1 - low), abs=1e-12)
