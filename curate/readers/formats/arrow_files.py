"""Parquet and Arrow files, as record batches in the file's own types, some rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from curate.readers.formats.opening import OpenFile
from curate.readers.formats.places import BUFFER, say_error
from curate.readers.row import Row
from filters.errors import UserError

BATCH_ROWS: Final = 1024
BATCH_BYTES: Final = 1 << 26
"""About what a batch of rows may hold: fewer rows are read at a time where they are long."""

_ENDS: Final = {
    "parquet": ("Parquet", b"PAR1"),
    "arrow file": ("Arrow", b"ARROW1"),
    "arrow stream": ("Arrow", b"\xff\xff\xff\xff\0\0\0\0"),
}
"""What a kind is called, and the bytes at its end."""


def read_batches(file: OpenFile) -> Iterator[pa.RecordBatch]:
    """The record batches of a Parquet file, an Arrow file or an Arrow stream, in order; one without rows where there are none."""
    name = file.place.name
    if file.is_packed:
        raise UserError(
            f"{name}: a packed {_ENDS[file.kind][0]} file cannot be read in pieces. Unpack it first (gunzip, unzstd, …) and give that."
        )
    file.bytes.close()
    with file.place.open_parts() as source:
        _refuse_cut(name, source, file)
        opened = file.place.path if file.place.system is None else source
        try:
            schema, batches = _open(opened, source, file)
            names = schema.names
        except (pa.ArrowException, OSError, ValueError) as error:
            raise UserError(
                f"{name}: a damaged {_ENDS[file.kind][0]} file ({say_error(error)}). Get it again."
            ) from None
        _refuse_twins(name, names)
        is_empty = True
        for batch in batches:
            is_empty = False
            yield batch
        if is_empty:  # its types are told all the same
            yield pa.RecordBatch.from_pylist([], schema)


def _open(opened: Any, source: Any, file: OpenFile) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    if file.kind == "parquet":
        # Neither of the first two as they are by default: whole column chunks, often the file, would be in memory.
        parquet = pq.ParquetFile(
            opened, buffer_size=BUFFER, pre_buffer=False, page_checksum_verification=True
        )
        return parquet.schema_arrow, parquet.iter_batches(_count_rows(parquet.metadata))
    mapped = (
        pa.memory_map(opened) if isinstance(opened, str) else source
    )  # a batch may be as large as the file
    if file.kind == "arrow stream":
        stream = pa.ipc.open_stream(mapped)
        return stream.schema, _slice(iter(stream))
    arrow = pa.ipc.open_file(mapped)
    return arrow.schema, _slice(arrow.get_batch(at) for at in range(arrow.num_record_batches))


def _count_rows(metadata: Any) -> int:
    """Rows of a batch, by how long those of the file are."""
    groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
    largest = max((group.total_byte_size / group.num_rows for group in groups if group.num_rows), default=1)
    return max(1, min(BATCH_ROWS, int(BATCH_BYTES / max(largest, 1))))


def _slice(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
        batch.validate(full=True)  # lengths that a damaged or a hostile file gives would be believed
        for start in range(0, batch.num_rows, BATCH_ROWS):
            yield batch.slice(start, BATCH_ROWS)


def read_arrow_rows(file: OpenFile) -> Iterator[Row]:
    """The rows of a Parquet or Arrow file, their cells as Python values."""
    name, number = file.place.name, 0
    for batch in read_batches(file):
        for values in _to_rows(name, number, batch):
            number += 1
            yield Row(f"{name}, row {number}", values)


def _to_rows(name: str, before: int, batch: pa.RecordBatch) -> list[dict[str, Any]]:
    try:
        return batch.to_pylist()  # type: ignore[no-any-return]
    except (
        ValueError,
        OverflowError,
        pa.ArrowException,
    ) as error:  # a date after the year 9999, bytes that are no text
        if batch.num_rows > 1:
            half = batch.num_rows // 2
            return _to_rows(name, before, batch.slice(0, half)) + _to_rows(
                name, before + half, batch.slice(half)
            )
        raise UserError(f"{name}, row {before + 1}: a cell cannot be read ({say_error(error)}).") from None


def _refuse_cut(name: str, source: Any, file: OpenFile) -> None:
    """Refuse a file whose end is missing: a stream that stops between two batches would seem whole."""
    no_parts = UserError(
        f"{name}: its server gives no parts of a file, which Parquet and Arrow need. Download it and give the file."
    )
    if not source.seekable():
        raise no_parts
    try:
        size = source.seek(0, 2)
        source.seek(max(0, size - 8))
        end = source.read(8)
        source.seek(0)
    except ValueError:
        raise no_parts from None
    kind, ending = _ENDS[file.kind]
    if not end.endswith(ending) or size < 12:
        raise UserError(
            f"{name}: the {kind} file is cut off: its beginning is there ({size:,} bytes) and its end is not. Download it again."
        )


def _refuse_twins(name: str, names: list[str]) -> None:
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise UserError(
            f"{name}: two columns have the name '{twice[0]}'. Rename one, as a row can hold but one of them."
        )
