"""Parquet parts: written whole or not at all, with what made them in their metadata, and scanned lazily."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.store.layout import list_parts
from curate.store.schema import LATER_COLUMNS
from curate.store.storable import make_table
from curate.store.storage import STORAGE
from filters.errors import UserError


def write_part(
    path: Path, rows: Sequence[dict[str, Any]], schema: pa.Schema, about: Any = None, *, new: bool = False
) -> None:
    """Write rows as one Parquet part, whole or not at all; `about` goes into its metadata as JSON.

    new: whether another may want the name, too; FileExistsError then, where it has it.
    """
    write_table(path, make_table(rows, schema), about, new=new)


def write_table(
    path: Path, table: pa.Table, about: Any = None, compression: str = "zstd", *, new: bool = False
) -> None:
    """Write a table as `write_part` does; a copy of something may be compressed faster than well."""
    if about is not None:
        table = table.replace_schema_metadata({"r1curate": json.dumps(about)})
    with STORAGE.create(path) if new else STORAGE.commit(path) as aside:
        pq.write_table(table, aside, compression=compression)


def read_part_info(path: Path) -> Any:
    """What `write_part` was told about a part."""
    metadata = pq.read_schema(path).metadata or {}
    return json.loads(metadata.get(b"r1curate", b"null"))


@contextmanager
def refuse_damaged(what: str) -> Iterator[None]:
    """Turn what Arrow and polars say of Parquet that is cut off or changed into a UserError. what: where it is."""
    try:
        yield
    except (pa.ArrowException, pl.exceptions.PolarsError, OSError) as error:
        said = " ".join(str(error).split())
        raise UserError(
            f"{what} cannot be read ({said[:200].rstrip('.')}): it was damaged, or changed by hand."
        ) from None


def count_rows(path: Path) -> int:
    """How many rows a part holds, from its footer."""
    return int(pq.read_metadata(path).num_rows)


def count_bytes(path: Path) -> int:
    """The size of a part's columns before compression, from its footer."""
    about = pq.read_metadata(path)
    return sum(int(about.row_group(group).total_byte_size) for group in range(about.num_row_groups))


def count_stored_bytes(path: Path) -> int:
    """The size of a part's columns as they stand in the file, from its footer, which is left out."""
    about = pq.read_metadata(path)
    groups = (about.row_group(number) for number in range(about.num_row_groups))
    return sum(
        int(one.column(place).total_compressed_size) for one in groups for place in range(one.num_columns)
    )


def scan_files(files: Sequence[Path], later: Iterable[str] = (), part: str | None = None) -> pl.LazyFrame:
    """Files of a run as one lazy frame, by their very names, without patterns.

    later: columns that must be there, with nulls where a file of format 1 lacks them. part: the name of a column that
    is to hold each row's file.
    """
    names = [set(pq.read_schema(file).names) for file in files]
    wanted = set(later).union(*(found.intersection(LATER_COLUMNS) for found in names))
    if all(wanted <= found for found in names):
        return pl.scan_parquet(list(files), glob=False, include_file_paths=part)
    scans = [
        pl.scan_parquet(file, glob=False, include_file_paths=part).with_columns(
            pl.lit(None, pl.String).alias(column) for column in wanted - found
        )
        for file, found in zip(files, names, strict=True)
    ]
    return pl.concat(scans, how="diagonal")


def scan_parts(folder: Path, kind: str = "part", later: Iterable[str] = ()) -> pl.LazyFrame:
    """All parts of a folder as one lazy frame, as `scan_files` gives it. Raises UserError where there are none."""
    return scan_files(require_parts(folder, kind), later)


def require_parts(folder: Path, kind: str = "part") -> list[Path]:
    """The parts of a folder. Raises UserError where there are none."""
    parts = list_parts(folder, kind)
    if not parts:
        raise UserError(
            f"There is no file {kind}-*.parquet in '{folder}': this run folder was changed by hand."
        )
    return parts


def split_chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of up to `size` rows."""
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
