"""A file's rows or record batches, whatever its kind, and what a damaged file says."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from lzma import LZMAError
from typing import Final

import pyarrow as pa

from curate.readers.formats.arrow_files import read_arrow_rows, read_batches
from curate.readers.formats.csv_files import read_table
from curate.readers.formats.json_files import read_json
from curate.readers.formats.opening import OpenFile, open_file
from curate.readers.formats.places import Place, say_error, unreachable
from curate.readers.row import Row
from filters.errors import UserError

_ARROW: Final = ("parquet", "arrow file", "arrow stream")
_CUT: Final = ("ended before the end", "Truncated", "ends inside")


def read_file(place: Place, split: str = "train") -> Iterator[Row]:
    """The rows of a file, read as what it is. `split` chooses where one JSON object holds several by name."""
    last = None
    file = _open(place)
    try:
        for row in _read(file, split):
            last = row.place
            yield row
    except _damage() as error:
        raise _refuse_damage(place, last, error) from None
    finally:
        file.bytes.close()


def has_types(place: Place) -> bool:
    """Whether a file is Parquet or Arrow, whose columns have types of their own."""
    file = _open(place)
    file.bytes.close()
    return file.kind in _ARROW


def read_file_batches(place: Place) -> Iterator[pa.RecordBatch]:
    """The record batches of a Parquet or Arrow file, their rows in the order of `read_file`."""
    try:
        yield from read_batches(_open(place))
    except _damage() as error:
        raise _refuse_damage(place, None, error) from None


def _read(file: OpenFile, split: str) -> Iterator[Row]:
    if file.kind in _ARROW:
        return read_arrow_rows(file)
    if file.kind == "table":
        return read_table(file)
    return iter(()) if file.kind == "empty" else read_json(file, split)


def _open(place: Place) -> OpenFile:
    try:
        return open_file(place)
    except _damage() as error:
        raise _refuse_damage(place, None, error) from None


def _damage() -> tuple[type[Exception], ...]:
    return unreachable(EOFError, zlib.error, LZMAError, pa.ArrowException)


def _refuse_damage(place: Place, last: str | None, error: BaseException) -> UserError:
    """What to say of a file that is damaged or closed to us; `last` is the place of the last row that was whole."""
    said = say_error(error)
    if isinstance(error, EOFError) or any(word in said for word in _CUT):
        after = f"after {last.removeprefix(place.name + ', ')}" if last else "before the end of row 1"
        return UserError(f"{place.name}: the file is cut off {after} ({said}). Get it whole again.")
    return UserError(
        f"{place.name}: cannot be read ({said})"
        + (f", after {last.removeprefix(place.name + ', ')}." if last else ".")
    )
