"""A JSON file that is one object: columns, rows by number, a wrapper around rows, or a single row. What may be two of these is one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from curate.readers.formats.split_words import SPLIT_OF_WORD
from filters.errors import UserError

_WRAPPERS: Final = ("data", "rows", "examples", "items", "records", "samples", "instances")
_ASKED: Final = frozenset(
    (
        "prompt",
        "question",
        "problem",
        "instruction",
        "messages",
        "conversations",
        "conversation",
        "response",
        "completion",
    )
)
"""Columns that a row has and that nobody gives to what stands around rows."""

_TURN_KEYS: Final = frozenset(("role", "from"))


def rows_of_object(value: Mapping[str, Any], name: str, split: str) -> Sequence[Mapping[str, Any]]:
    """The rows that one object holds. `split` chooses where it holds several splits.

    Raises UserError where the split is not there, or its cells were cut off.
    """
    if splits := _find_splits(value):
        if split not in splits:
            raise UserError(
                f"'{name}' has no split '{split}'; there are: {', '.join(splits)}. Name one: --split {next(iter(splits))}"
            )
        return splits[split]
    wrapped = [key for key in _WRAPPERS if _is_rows(value.get(key))]
    if len(wrapped) == 1 and not _ASKED & value.keys():
        return _unwrap_server_rows(value[wrapped[0]], name)
    if {"columns", "data"} <= value.keys() <= {"columns", "data", "index"} and _is_table(value):
        return [dict(zip(value["columns"], cells, strict=True)) for cells in value["data"]]
    return _rows_of_columns(value)


def _rows_of_columns(value: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    cells = list(value.values())
    if cells and all(isinstance(cell, list) for cell in cells) and not any(map(_is_turns, cells)):
        if len({len(cell) for cell in cells}) == 1:
            return [dict(zip(value, row, strict=True)) for row in zip(*cells, strict=True)]
    elif cells and all(isinstance(cell, dict) and cell for cell in cells):
        if all(key.isdecimal() for key in value) and not all(key.isdecimal() for key in cells[0]):
            return cells  # pandas' orient="index"
        if all(cell.keys() == cells[0].keys() for cell in cells) and all(key.isdecimal() for key in cells[0]):
            return [{name: cell[key] for name, cell in value.items()} for key in cells[0]]
    return [value]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _is_turns(cell: list[Any]) -> bool:
    """Whether a list is the turns of one conversation: not a column, of which each cell is a row's."""
    return bool(cell) and all(isinstance(turn, dict) and _TURN_KEYS & turn.keys() for turn in cell)


def _is_table(value: Mapping[str, Any]) -> bool:
    """Whether it is pandas' orient="split"."""
    names, rows = value["columns"], value["data"]
    return (
        isinstance(names, list) and isinstance(rows, list)
        and all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
        and all(isinstance(row, list) and len(row) == len(names) for row in rows)
    )  # fmt: skip


def _find_splits(value: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    if (
        value
        and all(key in SPLIT_OF_WORD for key in value)
        and all(_is_rows(rows) for rows in value.values())
    ):
        return dict(value)
    return {}


def _unwrap_server_rows(rows: list[dict[str, Any]], name: str) -> Sequence[Mapping[str, Any]]:
    """Rows as the Hub's rows service gives them, or as they are."""
    if not all({"row_idx", "row"} <= row.keys() and isinstance(row["row"], dict) for row in rows):
        return rows
    for row in rows:
        if row.get("truncated_cells"):
            raise UserError(
                f"{name}, row {row['row_idx']}: the Hub's service cut off its cells {', '.join(row['truncated_cells'])}. Download the set's own files."
            )
    return [row["row"] for row in rows]
