"""File formats by suffix, and what a damaged file says."""

from __future__ import annotations

import csv
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from curate.readers.formats.csv_files import read_csv
from curate.readers.formats.json_files import read_json, read_json_lines
from curate.readers.formats.parquet_files import read_parquet
from curate.readers.row import Row
from filters.errors import UserError


def read_file(path: Path) -> Iterator[Row]:
    """The rows of a file, read as its suffix says."""
    kinds = {".jsonl": read_json_lines, ".json": read_json, ".csv": read_csv, ".parquet": read_parquet}
    suffix = next((s for s in reversed(path.suffixes) if s != ".gz"), "")
    if suffix not in kinds:
        raise UserError(f"'{path}' has an unknown format; known formats: {', '.join(kinds)}, also with .gz.")
    return _refuse_damage(path, kinds[suffix](path))


def _refuse_damage(path: Path, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows, until the file turns out to be damaged or closed to us."""
    try:
        yield from rows
    except (OSError, EOFError, zlib.error, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        said = (getattr(error, "strerror", None) or str(error)).partition("\n")[0]
        raise UserError(f"{path}: cannot be read ({said}).") from None
