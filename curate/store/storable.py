"""The one edge at which Python values become Arrow tables, whatever characters a file, a model or a server gave.

A lone surrogate cannot be written as UTF-8. JSON can name it by an escape, so JSON of a run keeps it (see
`curate.store.whole_files.write_json`); a table holds U+FFFD in its place. Ids are made of the text as it was given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

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
    """A table from columns by name, or from rows, with every text made storable."""
    build = pa.Table.from_pydict if isinstance(values, Mapping) else pa.Table.from_pylist
    try:
        return build(values, schema)
    except UnicodeEncodeError:  # rare, and looking at every text would cost more than building the table
        return build(_make_storable(values), schema)
