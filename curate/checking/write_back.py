"""A plain file's samples written back, in order: their rows' columns untouched, with what was judged and the verdicts."""

from __future__ import annotations

import base64
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa

from curate.checking.unified_parquet import FAULTS, make_rows_table, refuse_types, write_unified
from curate.readers.import_samples import ImportCounts
from curate.readers.row import Row
from curate.readers.shapes.cells import is_empty
from curate.readers.shapes.said import read_flag
from curate.readers.shapes.shapes import is_own_output, is_verdicts
from curate.store.given_checks import chain_given
from curate.store.joined import EITHER, join_part, verdict_column
from curate.store.layout import Run, list_parts
from curate.store.parquet import split_chunks
from curate.store.verdicts import NOT_GIVEN, list_deciding_labels, read_checks
from curate.store.whole_files import write_aside
from filters.errors import UserError
from filters.types import make_storable

ROWS: Final = 10_000
"""Rows written at once to Parquet."""
FIELDS: Final = ("ok", "score", "reason")
"""The keys of a verdict in a file."""
OWN: Final = ("generation", "verdicts", "kept")
"""The columns that are written beside a row's own and its response; the first where rows hold several."""
VERDICT: Final = pa.struct([("ok", pa.bool_()), ("score", pa.float64()), ("reason", pa.string())])
"""A verdict in a Parquet file."""


INPUT_CHANGED: Final = "The input was changed while it was checked; run the same command again."
"""What is said where it has other rows than those that were checked."""


class JudgedSample(NamedTuple):
    """What is written beside a sample's row. response: None where the row has none. generation: its place among those of the row, where it holds several."""

    response: str | None
    generation: int | None
    verdicts: dict[str, dict[str, Any]]
    kept: bool
    is_echo: bool = False


class WriteBack:
    """Writes the samples of a file's rows with `response`, `generation`, `verdicts` and `kept`.

    A column of one of these names that means something else is kept as `input_NAME`; `renamed` says which were.
    """

    def __init__(self, run: Run, name: str, counts: ImportCounts, labels: Sequence[str]) -> None:
        """counts: of the import that made `samples(name)`. labels: of the verdicts, which are there."""
        self._run, self._name, self._counts, self._labels = run, name, counts, labels
        chains = [either.split(EITHER) for either in list_deciding_labels(run, name)]
        self._chains = chain_given(chains, labels, read_checks(run, name))
        several = any(place >= 0 for place in counts.places)
        self._own = OWN if several else OWN[1:]
        self.renamed: dict[str, str] = {}

    def write_rows(self, rows: Iterable[Row], out: Path) -> None:
        """Write rows as the output's name says. rows: those that were imported, in the same order."""
        with write_aside(out) as aside:
            if out.suffix != ".parquet":
                with open_lines(aside, out.suffix) as file:
                    file.writelines(to_line(self._put(values, one)) for values, one in self._pair(rows))
                return
            chunks = split_chunks(self._pair(rows), ROWS)
            self._write_parquet((self._make_table(chunk) for chunk in chunks), aside, out)

    def write_tables(self, tables: Iterable[pa.Table], out: Path) -> None:
        """Write the same to Parquet from tables, whose columns keep their types."""
        with write_aside(out) as aside:
            self._write_parquet(self._pair_tables(tables), aside, out)

    def _write_parquet(self, tables: Iterator[pa.Table], aside: Path, out: Path) -> None:
        try:
            write_unified(aside, tables)
        except FAULTS as error:
            raise refuse_types(out, error) from None

    def _pair_tables(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        judged, done = self._judged(), 0
        for table in tables:
            per_row = self._counts.per_row[done : done + table.num_rows]
            done += table.num_rows
            at = [row for row, samples in enumerate(per_row) for _ in range(samples)]
            yield self._append(table.take(pa.array(at, pa.int64())), list(islice(judged, len(at))))
        if done != len(self._counts.per_row):
            raise UserError(INPUT_CHANGED)

    def _make_table(self, chunk: Sequence[tuple[Mapping[str, Any], JudgedSample]]) -> pa.Table:
        """Rows as a table with our columns."""
        rows = [self._put(values, one) for values, one in chunk]
        theirs = [{name: cell for name, cell in row.items() if name not in self._own} for row in rows]
        return self._add(make_rows_table(theirs), [one for _, one in chunk])

    def _append(self, table: pa.Table, judged: Sequence[JudgedSample]) -> pa.Table:
        """The table with our columns; those that have a name of ours and another meaning are renamed."""
        names = table.column_names
        own = "verdicts" in names and _is_verdict_type(table.field("verdicts").type)
        for name in ("response", *self._own):
            if name not in names:
                continue
            ours = _IS_OURS[name](table.field(name).type, own) or (
                name == "kept" and _holds_flags(table[name])
            )
            if ours and name != "response":
                table = table.drop_columns([name])
            elif not ours:
                self.renamed[name] = _find_name(name, names)
                table = table.rename_columns(
                    [self.renamed[name] if n == name else n for n in table.column_names]
                )
        if "response" in table.column_names and any(one.is_echo for one in judged):
            given = zip(table["response"].to_pylist(), judged, strict=True)
            held = pa.array([text if one.is_echo else None for text, one in given], pa.large_string())
            table = table.append_column(_find_name("response", table.column_names), held)
        return self._add(table, judged)

    def _add(self, table: pa.Table, judged: Sequence[JudgedSample]) -> pa.Table:
        verdicts = pa.struct([(label, VERDICT) for label in self._labels])
        columns = {
            "response": pa.array(_list_responses(table, judged), pa.large_string()),
            "generation": pa.array([one.generation for one in judged], pa.int32()),
            "verdicts": pa.array([one.verdicts for one in judged], verdicts),
            "kept": pa.array([one.kept for one in judged], pa.bool_()),
        }
        if all(one.response is None for one in judged):
            del columns["response"]
        for name, column in columns.items():
            if name == "response" and name in table.column_names:
                table = table.set_column(table.column_names.index(name), name, column)
            elif name == "response" or name in self._own:
                table = table.append_column(name, column)
        return table

    def _pair(self, rows: Iterable[Row]) -> Iterator[tuple[Mapping[str, Any], JudgedSample]]:
        judged = self._judged()
        for row, samples in zip_longest(rows, self._counts.per_row):
            if row is None or samples is None:
                raise UserError(INPUT_CHANGED)
            for one in islice(judged, samples):
                yield row.values, one

    def _rename(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A row whose columns that have a name of ours and another meaning are renamed."""
        own = is_own_output(values)
        odd = [n for n in ("response", *self._own) if n in values and not _HOLDS_OURS[n](values[n], own)]
        if not odd:
            return dict(values)
        names = {name: _find_name(name, values) for name in odd}
        self.renamed |= names
        return {names.get(name, name): cell for name, cell in values.items()}

    def _put(self, values: Mapping[str, Any], one: JudgedSample) -> dict[str, Any]:
        put = self._rename(values)
        if one.is_echo and isinstance(values.get("response"), str):
            put.setdefault("input_response", values["response"])  # where the prompt stands
        if one.response is not None:
            put["response"] = _keep_original(values.get("response"), one.response)
        if one.generation is not None:
            put["generation"] = one.generation
        put["verdicts"], put["kept"] = one.verdicts, one.kept
        return put

    def _judged(self) -> Iterator[JudgedSample]:
        places, echoed, bare = enumerate(self._counts.places), self._counts.echoed, self._counts.bare
        for part in list_parts(self._run.samples(self._name)):
            joined = join_part(self._run, self._name, part, self._labels, ("response",), FIELDS)
            for row in joined.iter_rows(named=True):
                verdicts = {
                    label: {field: row[verdict_column(label, field)] for field in FIELDS}
                    for label in self._labels
                    if row[verdict_column(label, "reason")] != NOT_GIVEN
                }
                number, place = next(places)
                kept = all(_is_true(verdicts, chain) for chain in self._chains)
                generation = None if place < 0 else place
                response = None if bare[number] else row["response"]
                yield JudgedSample(response, generation, verdicts, kept, number in echoed)


def _is_true(verdicts: Mapping[str, Mapping[str, Any]], chain: Sequence[str]) -> bool:
    """Whether the first of these checks that decided says true; so it is where a row has verdicts of none of them."""
    given = [verdicts[label]["ok"] for label in chain if label in verdicts]
    return not given or next((ok for ok in given if ok is not None), None) is True


def _list_responses(table: pa.Table, judged: Sequence[JudgedSample]) -> list[str | None]:
    """The responses to write: of a row that was read without one, what stands in its own column."""
    own = table["response"].to_pylist() if "response" in table.column_names else [None] * len(judged)
    return [cell if one.response is None else one.response for one, cell in zip(judged, own, strict=True)]


def _keep_original(given: Any, stored: str) -> str | None:
    """The cell as it came, where it is what was judged: nothing, or a text with half an emoji, which no table holds."""
    if given is None and not stored:
        return None
    return given if isinstance(given, str) and given != stored and make_storable(given) == stored else stored


def to_line(row: Mapping[str, Any]) -> bytes:
    """A row as a line of JSON, in UTF-8; what JSON cannot hold is written as a text."""
    line = json.dumps(row, ensure_ascii=False, default=_to_text)
    for mark in _LINE_ENDS:  # at which other programs, and Python's splitlines, would end the line
        if mark in line:
            line = line.replace(mark, f"\\u{ord(mark):04x}")
    try:
        return f"{line}\n".encode()
    except UnicodeEncodeError:  # half an emoji, which an escape can name
        return (json.dumps(row, default=_to_text) + "\n").encode()


def _to_text(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


@contextmanager
def open_lines(path: Path, suffix: str) -> Iterator[Any]:
    """A file of lines to write, compressed as its name's end, `.gz` or `.zst`, says."""
    if suffix == ".gz":
        with gzip.open(path, "wb") as file:
            yield file
    elif suffix == ".zst":
        with (
            pa.CompressedOutputStream(str(path), "zstd") as stream,
            io.BufferedWriter(stream, 1 << 20) as file,
        ):
            yield file
    else:
        with path.open("wb") as file:
            yield file


def _is_verdict_type(kind: pa.DataType) -> bool:
    return pa.types.is_struct(kind) and all(
        pa.types.is_struct(inner := kind.field(number).type)
        and inner.get_field_index("ok") >= 0
        and inner.get_field_index("reason") >= 0
        for number in range(kind.num_fields)
    )


def _is_text_type(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null)
    return any(is_text(inner) for is_text in texts)


def _holds_flags(column: pa.ChunkedArray) -> bool:
    """Whether a column of texts says yes or no in every row, or nothing."""
    if not _is_text_type(column.type) or pa.types.is_null(column.type):
        return False
    return all(_HOLDS_OURS["kept"](cell, False) for cell in column.unique().to_pylist())


_LINE_ENDS: Final = ("\x85", "\u2028", "\u2029")


def _find_name(name: str, taken: Iterable[str]) -> str:
    """`input_NAME`, with a number where that is taken."""
    known, found, number = set(taken), f"input_{name}", 2
    while found in known:
        found, number = f"input_{name}_{number}", number + 1
    return found


def _is_count(cell: Any) -> bool:
    return is_empty(cell) or (isinstance(cell, (int, float)) and not isinstance(cell, bool))


_HOLDS_OURS: Final[Mapping[str, Callable[[Any, bool], bool]]] = {
    "response": lambda cell, own: cell is None or isinstance(cell, str),
    "verdicts": lambda cell, own: is_empty(cell) or is_verdicts(cell),
    "kept": lambda cell, own: is_empty(cell) or read_flag(cell, numbers=True) is not None,
    "generation": lambda cell, own: own and _is_count(cell),
}
_IS_OURS: Final[Mapping[str, Callable[[pa.DataType, bool], bool]]] = {
    "response": lambda kind, own: _is_text_type(kind),
    "verdicts": lambda kind, own: _is_verdict_type(kind),
    "kept": lambda kind, own: pa.types.is_boolean(kind) or pa.types.is_integer(kind),
    "generation": lambda kind, own: (
        own and (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind))
    ),
}
