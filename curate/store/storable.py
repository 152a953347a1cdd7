"""The one edge at which Python values become Arrow tables, whatever characters a file, a model or a server gave.

A lone surrogate cannot be written as UTF-8. JSON can name it by an escape, so JSON of a run keeps it (see
`curate.store.whole_files.write_json`); a table holds U+FFFD in its place. Ids are made of the text as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any, Final

import numpy as np
import polars as pl
import pyarrow as pa

from filters.types import make_storable


def _make_storable(value: Any) -> Any:
    """A value with every text inside it as UTF-8 can hold it."""
    if isinstance(value, str):
        return make_storable(value)
    if isinstance(value, Mapping):
        return {key: _make_storable(inner) for key, inner in value.items()}
    return [_make_storable(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def make_table(values: Mapping[str, Any] | Sequence[Mapping[str, Any]], schema: pa.Schema) -> pa.Table:
    """A table from columns by name, or from rows, with every text made storable; a row may lack columns."""
    columns = (
        values
        if isinstance(values, Mapping)
        else {name: [row.get(name) for row in values] for name in schema.names}
    )
    return pa.Table.from_arrays(
        [_make_array(columns[field.name], field.type) for field in schema], schema=schema
    )


def join_texts(stored: Sequence[bytes]) -> pa.StringArray:
    """A column of texts that are encoded already; together they have less than 2 GiB."""
    starts = np.fromiter(accumulate(map(len, stored), initial=0), np.int32, len(stored) + 1)
    return pa.StringArray.from_buffers(len(stored), pa.py_buffer(starts), pa.py_buffer(b"".join(stored)))


def _make_array(values: Any, kind: pa.DataType) -> pa.Array:
    try:
        return _build(values, kind)
    except UnicodeEncodeError:  # rare, and looking at every text would cost more than building the column
        return _build(_make_storable(values), kind)


def _build(values: Any, kind: pa.DataType) -> pa.Array:
    """A column. By polars, because pyarrow imports pandas to look at a list, which takes a quarter of a second."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values.cast(kind)
    if kind in _BY_POLARS:
        return pl.Series(values, dtype=_BY_POLARS[kind]).to_arrow().cast(kind)
    if pa.types.is_list(kind) and all(value is not None for value in values):
        inner = [one for value in values for one in value]
        starts = _build(list(accumulate(map(len, values), initial=0)), pa.int32())
        return pa.ListArray.from_arrays(starts, _build(inner, kind.value_type), type=kind)
    if pa.types.is_struct(kind) and all(value is not None for value in values):
        return pa.StructArray.from_arrays(
            [_build([value.get(field.name) for value in values], field.type) for field in kind],
            fields=list(kind),
        )
    return pa.array(values, kind)


_BY_POLARS: Final[Mapping[pa.DataType, pl.DataType | type[pl.DataType]]] = {
    pa.string(): pl.String,
    pa.large_string(): pl.String,
    pa.int32(): pl.Int32,
    pa.int64(): pl.Int64,
    pa.float64(): pl.Float64,
    pa.bool_(): pl.Boolean,
}
