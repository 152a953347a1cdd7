"""Intervals of shares: the one place where 95% is turned into numbers."""

from __future__ import annotations

from math import sqrt
from typing import Final

Z_95: Final = 1.959964
"""The normal quantile of a two-sided 95% interval."""


def wilson_interval(count: int, tried: int) -> tuple[float, float]:
    """The 95% score interval of the share `count / tried`: honest at 0 and 1, where the usual one is a point.

    (0, 1) where nothing was tried. Source: E. B. Wilson, 1927, Journal of the American Statistical Association 22.
    """
    if not tried:
        return 0.0, 1.0
    share, weight = count / tried, Z_95 * Z_95 / tried
    middle = (share + weight / 2) / (1 + weight)
    half = Z_95 * sqrt(share * (1 - share) / tried + weight / (4 * tried)) / (1 + weight)
    return (middle - half if count else 0.0), (middle + half if count < tried else 1.0)
