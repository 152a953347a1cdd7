"""CSV files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from curate.readers.formats.json_files import open_bytes
from curate.readers.row import Row
from filters.errors import UserError


def read_csv(path: Path) -> Iterator[Row]:
    """The rows of a CSV file with a header."""
    csv.field_size_limit(2**31 - 1)  # its own limit is 128 KiB, less than a long chain
    with io.TextIOWrapper(open_bytes(path), encoding="utf-8-sig", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 1):
            if None in row or None in row.values():
                raise UserError(f"{path}, row {number}: not as many cells as the header has.")
            yield Row(f"{path}, row {number}", row)
