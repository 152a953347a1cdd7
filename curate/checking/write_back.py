"""A plain file's rows written back, in order and untouched, with their verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from curate.readers.row import Row
from curate.store.joined import join_part, verdict_column
from curate.store.layout import Run, list_parts
from curate.store.parquet import split_chunks
from curate.store.whole_files import write_aside
from filters.errors import UserError

ROWS: Final = 10_000
"""Rows written at once to Parquet."""
FIELDS: Final = ("ok", "score", "reason")
"""The keys of a verdict in a file."""


def write_back(run: Run, name: str, rows: Iterable[Row], labels: Sequence[str], out: Path) -> None:
    """Write each row with {label: {ok, score, reason}} as `verdicts`, and `kept`: whether every verdict is true.

    rows: those that `samples(name)` were imported from, in the same order.
    """
    paired = zip(rows, _verdicts(run, name, labels), strict=True)
    checked = ({**row.values, **verdicts} for row, verdicts in paired)
    with write_aside(out) as aside:
        if out.suffix == ".jsonl":
            with aside.open("w", encoding="ascii") as file:
                file.writelines(json.dumps(row, default=str) + "\n" for row in checked)
        else:
            _write_parquet(aside, checked, out)


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]], named: Path) -> None:
    writer = None
    try:
        for chunk in split_chunks(rows, ROWS):
            table = pa.Table.from_pylist(chunk, writer.schema if writer else None)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError) as error:
        raise UserError(f"{named}: the rows do not fit one Parquet schema ({error}); use .jsonl.") from None
    finally:
        if writer:
            writer.close()


def _verdicts(run: Run, name: str, labels: Sequence[str]) -> Iterator[dict[str, Any]]:
    """For each row in order: its verdicts, and whether every one is true."""
    for part in list_parts(run.samples(name)):
        for row in join_part(run, name, part, labels, (), FIELDS).iter_rows(named=True):
            verdicts = {
                label: {field: row[verdict_column(label, field)] for field in FIELDS} for label in labels
            }
            yield {"verdicts": verdicts, "kept": all(found["ok"] is True for found in verdicts.values())}
