"""The classes of pass rate that selection and reports count in: tenths, with none, all and unknown apart."""

from __future__ import annotations

from typing import Final

import polars as pl

DECILES: Final = ("none", *(f"≤{k * 10}%" for k in range(1, 10)), "<100%", "all")
"""The classes of prompts whose pass rate is known; none and all stand apart, because nothing can be learnt from either."""
CLASSES: Final = (*DECILES, "unknown")
"""All classes: prompts without a rate are one of their own."""
UNKNOWN: Final = len(DECILES)
"""The class of prompts without a pass rate."""


def classify(rate: pl.Expr) -> pl.Expr:
    """The number of the class of each pass rate, by its place in CLASSES."""
    tenth = (rate * 10).round(9).ceil().cast(pl.Int32)
    known = pl.when(rate == 0).then(0).when(rate == 1).then(UNKNOWN - 1).otherwise(tenth.clip(1, UNKNOWN - 2))
    return pl.when(rate.is_null()).then(UNKNOWN).otherwise(known).cast(pl.UInt8)


def find_class(rate: float) -> int:
    """The number of the class of one pass rate."""
    return int(pl.select(classify(pl.lit(rate))).item())
