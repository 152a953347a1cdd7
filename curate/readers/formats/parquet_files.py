"""Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq

from curate.readers.row import Row
from filters.errors import UserError


def read_parquet(path: Path) -> Iterator[Row]:
    """The rows of a Parquet file, some in memory at a time."""
    try:
        file = pq.ParquetFile(path)
    except (OSError, ValueError) as error:
        raise UserError(f"{path}: not a Parquet file ({str(error).splitlines()[0]}).") from None
    number = 0
    for batch in file.iter_batches(1024):
        for row in batch.to_pylist():
            number += 1
            yield Row(f"{path}, row {number}", row)
