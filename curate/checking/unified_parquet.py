"""One Parquet file from tables whose columns come late, or change from null to a type: its schema is known when all have been seen."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from filters.errors import UserError

FAULTS = (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, UnicodeEncodeError, OverflowError)
"""What Arrow says of values that are not of one type."""


def make_rows_table(rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as a table of the types that their values have; a row that lacks a column has null there.

    Raises one of FAULTS where a column's values are not of one type.
    """
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: pa.array([row.get(name) for row in rows]) for name in names})


def write_unified(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write tables to `path`, with all columns that any of them has. Raises one of FAULTS where their types cannot be one.

    Tables of one schema, as they mostly are, are written once; where schemas differ, each stretch of one is written aside first.
    """
    with tempfile.TemporaryDirectory(prefix=".tables-", dir=path.parent) as folder:
        files: list[Path] = []
        writer: pq.ParquetWriter | None = None
        try:
            for table in tables:
                if writer is None or table.schema != writer.schema:
                    if writer:
                        writer.close()
                    files.append(Path(folder) / str(len(files)))
                    writer = pq.ParquetWriter(files[-1], table.schema)
                writer.write_table(table)
        finally:
            if writer:
                writer.close()
        if len(files) == 1:
            files[0].replace(path)
        else:
            _merge(path, files)


def _merge(path: Path, files: Sequence[Path]) -> None:
    schema = pa.unify_schemas([pq.read_schema(file) for file in files], promote_options="permissive")
    with pq.ParquetWriter(path, schema) as writer:
        for file in files:
            for batch in pq.ParquetFile(file).iter_batches(10_000):
                found = [schema.empty_table(), pa.Table.from_batches([batch])]
                writer.write_table(pa.concat_tables(found, promote_options="permissive").cast(schema))


def refuse_types(out: Path, error: Exception) -> UserError:
    """The sentence for rows that are not of one schema."""
    return UserError(
        f"{out}: the rows do not fit one Parquet schema ({str(error).splitlines()[0]}); use .jsonl."
    )
