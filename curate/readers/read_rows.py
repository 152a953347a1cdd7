"""Rows from wherever people keep them: files of any known format, `datasets` folders, Hub sets.

A malformed line or a missing column is the user's mistake and is refused with its place; what stands inside
a row is data, and never refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator

from curate.readers.datasets_hub import HUB_SET, read_folder, read_hub_set
from curate.readers.formats.files import read_file
from curate.readers.row import KNOWN_COLUMNS, Row
from filters.errors import UserError


def _read_map(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, (list, tuple)):
        return value
    for pair in value:
        if "=" not in pair:
            raise ValueError(f"'{pair}' is not of the form ours=theirs")
    return dict(pair.split("=", 1) for pair in value)


ColumnMap = Annotated[dict[str, str], BeforeValidator(_read_map)]
"""Our column's name -> the source's, dotted where it is nested; on the command line, `ours=theirs`."""


def read_rows(source: str, split: str = "train", columns: Mapping[str, str] | None = None) -> Iterator[Row]:
    """The rows of a file, folder or Hub set, renamed by `columns`."""
    mapping = dict(columns or {})
    for name in mapping:
        if name not in KNOWN_COLUMNS:
            raise UserError(
                f"--map {name}=…: '{name}' is not one of the known columns: {', '.join(KNOWN_COLUMNS)}."
            )
    for row in _open_source(source, split):
        yield Row(row.place, _rename_columns(row, mapping)) if mapping else row


def _rename_columns(row: Row, mapping: Mapping[str, str]) -> dict[str, Any]:
    values = dict(row.values)
    found = {ours: _read_path(row, theirs) for ours, theirs in mapping.items()}
    for theirs in mapping.values():
        values.pop(theirs, None)
    return {**values, **found}


def _read_path(row: Row, path: str) -> Any:
    if path in row.values:
        return row.values[path]
    value: Any = row.values
    for step in path.split("."):
        if not (isinstance(value, Mapping) and step in value):
            there = ", ".join(row.values) or "none"
            raise UserError(f"{row.place}: there is no column '{path}' to map; there are: {there}.")
        value = value[step]
    return value


def _open_source(source: str, split: str) -> Iterator[Row]:
    path = Path(source)
    if path.is_dir():
        return read_folder(path, split)
    if path.is_file():
        return read_file(path)
    if found := HUB_SET.fullmatch(source):
        return read_hub_set(found, split)
    raise UserError(f"There is no file or folder '{source}'.")
