"""A set, tokenized once into a memory-mapped file, which keeps memory flat and serves a resumed training too.

Rows that are too long are left out whole and counted, never truncated: a chain of thought without its end
teaches a student not to stop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Final, NamedTuple, Protocol

import pyarrow as pa

from curate.progress import open_meter
from curate.readers.read_rows import read_rows
from curate.readers.row import Row
from curate.store.hidden_texts import find_hidden_in_run
from curate.store.layout import INSPECTION, SETS, Run
from curate.store.parquet import split_chunks
from curate.store.whole_files import read_json, write_aside, write_json
from distill.sft.inspection import Inspection
from distill.sft.inspector import Inspector
from distill.sft.student import Student, StudentFacts
from distill.sft.tokens import Tokenization
from filters.errors import UserError

logger = logging.getLogger(__name__)

ROWS_A_CHUNK = 512
CORPUS: Final = "corpus.arrow"
COUNTS: Final = "counts.json"
"""Beside the corpus once it is whole."""


class CorpusCounts(NamedTuple):
    """What became of a set's rows. tokens: of the used rows; learned: those that contribute to the loss; bad: left out for other faults, by kind."""

    rows: int
    too_long: int
    nothing_to_learn: int
    tokens: int
    learned: int
    longest: int
    bad: Mapping[str, int] = MappingProxyType({})


class Admission(NamedTuple):
    """What may be left out. drop_bad: rows with a fault; max_too_long: the share of rows that may be longer than the limit."""

    drop_bad: bool = False
    max_too_long: float = 0.25


STRICT: Final = Admission()
"""A fault in any row refuses the set."""
UNKNOWN: Final = StudentFacts()
"""A student of whom only the tokenizer is known."""


def tokenize_set(
    source: Path,
    tokenization: Tokenization,
    max_length: int,
    folder: Path,
    facts: StudentFacts = UNKNOWN,
    admission: Admission = STRICT,
) -> CorpusCounts:
    """Write `folder`/corpus.arrow and what was found while looking at each row, unless they are there already.

    Raises UserError where the set lacks a column, or is not fit to train on.
    """
    inspector = Inspector(Student(tokenization, facts), source.name, max_length)
    return write_corpus(source, inspector, admission, folder / CORPUS)


def inspect_set(
    source: Path, tokenization: Tokenization, max_length: int, facts: StudentFacts, admission: Admission
) -> Inspection:
    """Look at every row of a set as `tokenize_set` does, and write nothing."""
    return inspect_rows(source, Inspector(Student(tokenization, facts), source.name, max_length), admission)


class RowInspector(Protocol):
    """Tokenizes rows and looks at each. schema: of its tables. columns: those that it reads. purpose: what for, after "to"."""

    schema: ClassVar[pa.Schema]
    columns: ClassVar[tuple[str, ...]]
    purpose: ClassVar[str]

    def take_chunk(self, rows: Sequence[Row]) -> pa.Table:
        """The rows to train on, tokenized."""
        ...

    def conclude(self, max_too_long: float) -> Inspection:
        """All that was found. max_too_long: the share of rows that may be longer than the limit."""
        ...


def write_corpus(source: Path, inspector: RowInspector, admission: Admission, place: Path) -> CorpusCounts:
    """Tokenize a set into the file `place` and keep what was found beside it, unless it is there as it was written.

    Raises UserError where the set lacks a column, or is not fit to train on.
    """
    known = _read_counts(place)
    if known is not None:
        return known
    with write_aside(place) as aside:
        with pa.OSFile(str(aside), "wb") as file, pa.ipc.new_stream(file, inspector.schema) as stream:
            inspection = inspect_rows(source, inspector, admission, stream.write_table)
        inspection.require_teachable(drop_bad=admission.drop_bad)
    for note in inspection.list_notes():
        logger.warning(note)
    write_json(place.with_name(INSPECTION), inspection.describe())
    found = _count(inspection)
    write_json(place.with_name(COUNTS), {**found._asdict(), "bytes": place.stat().st_size})
    return found


def inspect_rows(
    source: Path,
    inspector: RowInspector,
    admission: Admission,
    write: Callable[[pa.Table], None] = lambda table: None,
) -> Inspection:
    """Have an inspector look at every row of a set; `write` takes the rows to train on."""
    with open_meter(f"tokenizing {source.name}", None) as progress:
        for chunk in split_chunks(_read_set(source, inspector), ROWS_A_CHUNK):
            write(inspector.take_chunk(chunk))
            progress.advance(len(chunk))
    return _withhold_shown(source, inspector.conclude(admission.max_too_long))


def _withhold_shown(source: Path, inspection: Inspection) -> Inspection:
    """What was found, without the texts of shown rows that a check of the set's run keeps from being repeated."""
    if source.parent.name != SETS:
        return inspection
    hidden = find_hidden_in_run(Run(source.parent.parent), [str(row["id"]) for row in inspection.shown])
    shown = tuple(
        {**row, "pieces": [{"text": hidden[row["id"]], "learned": False, "special": False, "left_out": 0}]}
        if row["id"] in hidden
        else row
        for row in inspection.shown
    )
    return replace(inspection, shown=shown)


def _read_counts(place: Path) -> CorpusCounts | None:
    """What became of a set's rows, where its tokenized file is there as it was written; None where it is to be made anew."""
    try:
        counts = read_json(place.with_name(COUNTS))
        if counts is None or counts.pop("bytes") != place.stat().st_size:
            return None
        return CorpusCounts(**counts)
    except (UserError, OSError, TypeError, AttributeError, KeyError):
        return None


def _count(inspection: Inspection) -> CorpusCounts:
    bad = {kind: found.rows for kind, found in inspection.row_faults.items()}
    total = inspection.total
    nothing = bad.pop("nothing_to_learn", 0)
    if total.repetitions:
        bad = {"repeated": total.repetitions, **bad}
    return CorpusCounts(
        total.used, total.too_long, nothing, total.tokens, total.learned, inspection.longest, bad
    )


def _read_set(source: Path, inspector: RowInspector) -> Iterator[Row]:
    for row in read_rows(str(source)):
        for name in inspector.columns:
            if name not in row.values:
                there = ", ".join(row.values) or "none"
                raise UserError(
                    f"{row.place}: there is no column '{name}' to {inspector.purpose}; there are: {there}."
                )
        yield row
