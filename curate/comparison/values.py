"""What a column of any kind holds, as a key and as a text: sets come from anywhere, with columns that nobody foresaw."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from polars.datatypes import DataType


def widen_kind(kind: DataType) -> DataType:
    """The kind in which values are compared: of whole numbers, fractions and texts the widest, also inside of others."""
    if kind.is_integer():
        return pl.Int128()
    if kind.is_float():
        return pl.Float64()
    if isinstance(kind, (pl.Categorical, pl.Enum)):
        return pl.String()
    if isinstance(kind, (pl.List, pl.Array)):
        return pl.List(widen_kind(_inner(kind)))
    if isinstance(kind, pl.Struct):
        return pl.Struct({field.name: widen_kind(_kind(field)) for field in kind.fields})
    return kind


def write_text(name: str, kind: DataType) -> pl.Expr:
    """A column as text: of messages who says what, in turn; of bytes, also inside of others, their key."""
    column = pl.col(name)
    if _holds_bytes(kind):
        return pl.when(column.is_not_null()).then(pl.format("bytes {}", column.hash()))
    if isinstance(kind, pl.List) and isinstance(kind.inner, pl.Struct):
        fields = {field.name: field.dtype for field in kind.inner.fields}
        if fields.get("role") == fields.get("content") == pl.String:
            said = [pl.element().struct.field(field).fill_null("") for field in ("role", "content")]
            return column.list.eval(pl.format("{}: {}", *said)).list.join("\n")
    if kind.is_nested() or isinstance(kind, pl.Duration):  # no other way to write it
        return pl.when(column.is_not_null()).then(pl.struct(column).struct.json_encode())
    return column.cast(pl.String)


def _holds_bytes(kind: DataType) -> bool:
    return isinstance(kind, pl.Binary) or any(map(_holds_bytes, _list_inner(kind)))


def _list_inner(kind: DataType) -> Sequence[DataType]:
    if isinstance(kind, (pl.List, pl.Array)):
        return [_inner(kind)]
    return [_kind(field) for field in kind.fields] if isinstance(kind, pl.Struct) else []


def _inner(kind: pl.List | pl.Array) -> DataType:
    return kind.inner if isinstance(kind.inner, DataType) else kind.inner()


def _kind(field: pl.Field) -> DataType:
    return field.dtype if isinstance(field.dtype, DataType) else field.dtype()
