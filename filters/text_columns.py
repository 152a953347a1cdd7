r"""Texts as one polars column, so that a cheap look at a whole batch costs one call.

Patterns for polars' engine must not hold `\b`: beside text that is not ASCII it makes them a hundred times
slower. A gate may match too much, never too little; what it matches is read again with Python's engine.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl


def make_text_column(texts: Sequence[str]) -> pl.Series:
    """The texts in their order; lone surrogates, which no Arrow string can hold, become question marks."""
    try:
        return pl.Series(texts, dtype=pl.String)
    except UnicodeEncodeError:
        return pl.Series([text.encode("utf-8", "replace").decode() for text in texts], dtype=pl.String)


def make_gate(pattern: str) -> str:
    """A pattern for Python in the form that polars' engine matches fast: ignoring case, without word boundaries."""
    return "(?i)" + pattern.replace(r"\b", "")
