"""A row with its place, which every refusal names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from filters.errors import UserError

CHECKED_COLUMNS = ("tests", "entry_point", "starter_code", "checker", "time_limit", "memory_limit")
"""The columns that tests of programs are read from, by the names that most sets have for them."""
KNOWN_COLUMNS = ("id", "prompt", "answer", "response", "domain", "language", *CHECKED_COLUMNS)
"""The columns that mean something to us; a file's others travel along."""


class Row(NamedTuple):
    """A row and its place, for messages: `file, line 3`."""

    place: str
    values: Mapping[str, Any]


def require_columns(row: Row, names: Iterable[str]) -> None:
    """Refuse a row that lacks a column."""
    for name in names:
        if name not in row.values:
            there = ", ".join(row.values) or "none"
            raise UserError(
                f"{row.place}: there is no column '{name}'; there are: {there}. "
                f"Name yours with --map {name}=COLUMN."
            )


def cell_to_text(value: Any) -> str | None:
    """A cell as text; what is neither text nor number is written as JSON."""
    if value is None or isinstance(value, str):
        return value
    return (
        str(value) if isinstance(value, (int, float)) else json.dumps(value, ensure_ascii=False, default=str)
    )


def number_rows(rows: Iterable[Mapping[str, Any]], source: str) -> Iterator[Row]:
    """Rows with their number, from 1, as their place."""
    return (Row(f"{source}, row {number}", row) for number, row in enumerate(rows, 1))
