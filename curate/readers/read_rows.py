"""Rows from wherever people keep them: files of any known format, `datasets` folders, Hub sets.

A malformed line or a missing column is the user's mistake and is refused with its place; what stands inside
a row is data, and never refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
from pydantic import BeforeValidator

from curate.readers.datasets_hub import HUB_SET, read_hub_set
from curate.readers.folders import choose_files
from curate.readers.formats.files import has_types, read_file, read_file_batches
from curate.readers.formats.places import Place, find_place
from curate.readers.row import KNOWN_COLUMNS, Row
from curate.readers.shapes.shapes import is_own_output
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


def read_rows(
    source: str,
    split: str = "train",
    columns: Mapping[str, str] | None = None,
    *,
    config: str | None = None,
) -> Iterator[Row]:
    """The rows of a file, folder, URL or Hub set, renamed by `columns`.

    `split` and `config` choose among what a folder or a Hub set holds; a file is read whole. Raises UserError where either is
    not there, and with its place where something cannot be read.
    """
    mapping = dict(columns or {})
    for name in mapping:
        if name not in KNOWN_COLUMNS:
            raise UserError(
                f"--map {name}=…: '{name}' is not one of the known columns: {', '.join(KNOWN_COLUMNS)}."
            )
    for row in _open_source(source, split, config):
        yield Row(row.place, _rename_columns(row, mapping)) if mapping else row


def _rename_columns(row: Row, mapping: Mapping[str, str]) -> dict[str, Any]:
    values = dict(row.values)
    if "response" in mapping and is_own_output(values):  # which has the one that was judged
        mapping = {ours: theirs for ours, theirs in mapping.items() if ours != "response"}
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


def _open_source(source: str, split: str, config: str | None) -> Iterator[Row]:
    files = _find_files(source, split, config)
    if files is not None:
        return (row for file in files for row in read_file(file, split))
    found = HUB_SET.fullmatch(source)
    assert found is not None
    return read_hub_set(found, split, config)


def read_tables(source: str, split: str = "train", config: str | None = None) -> Iterator[pa.Table] | None:
    """The rows of a source as tables in its own Arrow types, in the order of `read_rows`; None where any file of it has none.

    Parquet, Arrow files and streams, and folders of them have types; text files and Hub sets by name have not. The tables of
    several files may differ in their schemas.
    """
    files = _find_files(source, split, config)
    if files is None or not all(has_types(file) for file in files):
        return None
    return (pa.Table.from_batches([batch]) for file in files for batch in read_file_batches(file))


def _find_files(source: str, split: str, config: str | None) -> list[Place] | None:
    """The files that a source names; None for a Hub set."""
    place = find_place(source)
    if place.is_file():
        if config is not None:
            raise UserError(f"'{place.name}' is one file and has no configurations; leave out --config.")
        return [place]
    if place.is_folder():  # asked last: of a web address it would be the whole page
        return choose_files(place, split, config)
    if place.system is None and HUB_SET.fullmatch(source):
        return None
    if place.system is None and Path(source).exists():
        raise UserError(
            f"'{source}' is a pipe or a device, which can be read but once. Save it to a file and give that."
        )
    if place.system is not None:
        raise UserError(
            f"There is no file or folder at '{place.name}', or it cannot be reached or read from here."
        )
    raise UserError(f"There is no file or folder '{place.name}'.")
