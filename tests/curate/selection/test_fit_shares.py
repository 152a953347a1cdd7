"""Shares hold exactly, and the whole is as large as the scarcest lets it be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.selection.fit_shares import Division, UnfilledError, fit_shares, round_rows


def divide(groups: list[int], shares: list[float]) -> Division:
    whole = np.array(shares) / sum(shares)
    return Division([f"group {n}" for n in range(len(shares))], whole, np.array(groups))


weights = st.lists(st.integers(1, 50), min_size=2, max_size=4)


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, list[Division]]:
    """Cells of one division or of two that cross, all of them filled."""
    by_row, by_column = draw(weights), draw(weights)
    rows, columns = np.meshgrid(np.arange(len(by_row)), np.arange(len(by_column)), indexing="ij")
    cells = st.lists(st.integers(1, 500), min_size=rows.size, max_size=rows.size)
    divisions = [divide(rows.ravel().tolist(), by_row), divide(columns.ravel().tolist(), by_column)]
    return np.array(draw(cells), np.float64), divisions[: draw(st.integers(1, 2))]


@settings(deadline=None, max_examples=150)
@given(tables(), st.integers(1, 3000) | st.none())
def test_shares_hold_and_the_scarcest_bounds_the_whole(table, limit):
    available, divisions = table
    fitted = fit_shares(available, divisions, limit)
    assert (fitted.amounts <= available + 1e-6).all()
    for one in divisions:
        assert np.allclose(one.add_up(fitted.amounts), one.shares * fitted.total, atol=1e-5)
    if fitted.scarcest is None:
        assert fitted.total == limit
    else:
        assert fitted.amounts[fitted.scarcest] == pytest.approx(available[fitted.scarcest])
    if len(divisions) == 1:
        most = (divisions[0].add_up(available) / divisions[0].shares).min()
        assert fitted.total == pytest.approx(min(most, limit or most))


@settings(deadline=None, max_examples=150)
@given(tables(), st.integers(1, 3000))
def test_whole_rows_are_within_one_of_their_share(table, limit):
    available, divisions = table
    fitted = fit_shares(available, divisions, limit)
    rows = round_rows(fitted, available, divisions)
    assert (rows <= available).all()
    assert rows.sum() <= fitted.total + 1e-6
    for one in divisions:
        off = np.abs(one.add_up(rows.astype(np.float64)) - one.shares * rows.sum())
        assert (off < 1 + 1e-6).all() if len(divisions) == 1 else (off < len(available)).all()
    if len(divisions) == 1:
        assert rows.sum() == int(fitted.total + 1e-6)


def test_the_odds_between_cells_stay_as_they_were():
    rows, columns = divide([0, 0, 1, 1], [3, 1]), divide([0, 1, 0, 1], [1, 1])
    available = np.array([40.0, 10.0, 30.0, 30.0])
    amounts = fit_shares(available, [rows, columns], None).amounts
    assert amounts[0] * amounts[3] / (amounts[1] * amounts[2]) == pytest.approx(4.0, rel=1e-4)


def test_a_group_of_which_there_is_nothing_is_named():
    with pytest.raises(UnfilledError) as error:
        fit_shares(np.array([5.0, 0.0]), [divide([0, 1], [1, 1])], None)
    assert error.value.group == "group 1"


def test_shares_that_no_set_has_are_refused():
    """All of the second row's are of the first column."""
    available = np.array([5.0, 5.0, 5.0, 0.0])
    with pytest.raises(UnfilledError) as error:
        fit_shares(available, [divide([0, 0, 1, 1], [1, 3]), divide([0, 1, 0, 1], [1, 1])], None)
    assert error.value.group is None
