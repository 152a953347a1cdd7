"""Shares held exactly: how much of each cell (a source's rows of one domain and language) a set takes, and how much in all.

Among the rows that there are, the cells' proportions are scaled until every share holds (iterative proportional fitting; Deming
and Stephan 1940), which keeps the odds between cells as they were; then all are scaled by one factor until the scarcest is used up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SWEEPS: Final = 20_000
CLOSE: Final = 1e-9
"""By how much a fitted share may be off: by far less than one row of any set."""


class Division(NamedTuple):
    """Groups that a set is divided into. names: of each, in words. shares: of each, adding up to 1. groups: of each cell."""

    names: Sequence[str]
    shares: Floats
    groups: NDArray[np.int64]

    def add_up(self, amounts: Floats) -> Floats:
        """What cells' amounts come to in each group."""
        return np.bincount(self.groups, amounts, len(self.shares)).astype(np.float64)


class FittedAmounts(NamedTuple):
    """Amounts of all cells. total: what they add up to. scarcest: the cell that is used up and bounds the whole; None where the limit does."""

    amounts: Floats
    total: float
    scarcest: int | None


class UnfilledError(Exception):
    """A group that is to have a share has nothing at all; None where all groups have something, and no set holds all shares at once."""

    def __init__(self, group: str | None) -> None:
        super().__init__(group)
        self.group = group


def fit_shares(available: Floats, divisions: Sequence[Division], limit: float | None) -> FittedAmounts:
    """The largest amounts, of at most `limit` together, that hold every division's shares in the proportions fitted to them.

    available: of each cell, not all 0. Raises UnfilledError where shares cannot be held.
    """
    for one in divisions:
        bare = (one.shares > CLOSE) & (one.add_up(available) == 0)
        if bare.any():
            raise UnfilledError(one.names[int(bare.argmax())])
    proportions = _fit_proportions(available, divisions)
    if proportions is None:
        raise UnfilledError(None)
    used = np.flatnonzero(proportions > 0)
    totals = available[used] / proportions[used]
    total, scarcest = float(totals.min()), int(used[totals.argmin()])
    if limit is not None and limit <= total:
        return FittedAmounts(proportions * limit, float(limit), None)
    return FittedAmounts(np.minimum(proportions * total, available), total, scarcest)


def _fit_proportions(available: Floats, divisions: Sequence[Division]) -> Floats | None:
    """Each cell's part of the whole; None where no set has all these shares."""
    parts: Floats = available / available.sum()
    for _ in range(SWEEPS):
        off = 0.0
        for one in divisions:
            there = one.add_up(parts)
            off = max(off, float(np.abs(there - one.shares).max()))
            parts = (
                parts * np.divide(one.shares, there, out=np.zeros_like(there), where=there > 0)[one.groups]
            )
        if off < CLOSE:
            return parts
    return None


def round_rows(fitted: FittedAmounts, available: Floats, divisions: Sequence[Division]) -> NDArray[np.int64]:
    """Whole rows of each cell. Each group of a single division is within one row of its share; of several, within one row a cell."""
    whole = int(fitted.total + CLOSE * max(1.0, fitted.total))
    wanted = fitted.amounts * (whole / fitted.total)
    rows = np.floor(wanted + CLOSE).astype(np.int64)
    least = [np.floor(one.shares * whole + CLOSE) for one in divisions]
    most = [np.ceil(one.shares * whole - CLOSE) for one in divisions]
    while rows.sum() < whole:
        sums = [one.add_up(rows.astype(np.float64)) for one in divisions]
        free = (rows < available) & (wanted > 0) & (rows < wanted)
        lacks = np.zeros(len(rows))
        for one, there, low, high in zip(divisions, sums, least, most, strict=True):
            free &= (there < high)[one.groups]
            lacks += (there < low)[one.groups]
        if not free.any():
            break
        rows[int(np.where(free, lacks + (wanted - rows), -1.0).argmax())] += 1
    return rows
