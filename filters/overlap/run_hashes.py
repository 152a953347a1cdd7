"""Of each run of numbers a 64-bit number that depends on nothing but them: a polynomial's value, from running sums."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from filters.overlap.word_signs import spread

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)


def hash_runs(values: Hashes, begins: Places, ends: Places) -> Hashes:
    """The hashes of half-open runs of some values, which may be of any length."""
    sums = sum_up(values)
    hashes = sums.take(ends)
    hashes -= sums.take(begins)
    hashes *= _powers(len(values) + 1)[1].take(begins)
    return spread(hashes)


def add_rows(sums: Hashes, n: int) -> Hashes:
    """What the hashes of all runs of n values are before they are spread: one from each place that has so many after it.

    sums: of the values, as `sum_up` makes them.
    """
    rows = sums[n:] - sums[: max(0, len(sums) - n)]
    rows *= _powers(len(sums))[1][: len(rows)]
    return rows


def sum_up(values: Hashes) -> Hashes:
    """The values, each times a power of the base, summed up from the first; one more than there are values."""
    sums = np.empty(len(values) + 1, np.uint64)
    sums[0] = 0
    np.multiply(values, _powers(len(values))[0][: len(values)], out=sums[1:])
    np.cumsum(sums[1:], out=sums[1:])
    return sums


_tables: list[Hashes] = [np.ones(1, np.uint64), np.ones(1, np.uint64)]


def _powers(size: int) -> tuple[Hashes, Hashes]:
    """At least so many powers of the base, and of its inverse, modulo 2^64."""
    if len(_tables[0]) < size:
        length = 1 << (size - 1).bit_length()
        for number, base in enumerate((_BASE, _INVERSE)):
            factors = np.full(length, base, np.uint64)
            factors[0] = 1
            _tables[number] = np.cumprod(factors)
    return _tables[0], _tables[1]
