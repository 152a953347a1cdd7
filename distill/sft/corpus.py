"""A set, tokenized once into a memory-mapped file, which keeps memory flat and serves a resumed training too.

Rows that are too long are left out whole and counted, never truncated: a chain of thought without its end
teaches a student not to stop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import pyarrow as pa

from curate.progress import open_meter
from curate.readers.read_rows import read_rows
from curate.readers.row import Row
from curate.store.finished_sets import list_set_files
from curate.store.layout import INSPECTION, Run
from curate.store.parquet import split_chunks
from curate.store.whole_files import read_json, write_aside, write_json
from distill.sft.inspection import Inspection
from distill.sft.inspector import SCHEMA, Inspector
from distill.sft.student import Student, StudentFacts
from distill.sft.tokens import Tokenization
from filters.digest import digest, digest_file
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


def find_set(run: Run, name: str) -> Path:
    """The folder of a run's set by name, else a file or folder by path.

    Raises UserError where there is neither, or the set's files are not those that `mix` wrote.
    """
    if name in run.set_names():
        return list_set_files(run, name)[0].parent
    if Path(name).exists():
        return Path(name)
    made = run.set_names()
    there = f"; the run has: {', '.join(made)}" if made else ""
    raise UserError(f"There is no set '{name}' in '{run.path}' and no file of that name{there}.")


def compute_set_digest(path: Path) -> str:
    """The content key of a set's files, by name and bytes."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return digest([(p.name, digest_file(p)) for p in files if p.name[0] != "."])


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
    known = read_counts(folder, CORPUS)
    if known is not None:
        return known
    with write_aside(folder / CORPUS) as aside:
        with pa.OSFile(str(aside), "wb") as file, pa.ipc.new_stream(file, SCHEMA) as stream:
            inspection = inspect_set(source, tokenization, max_length, facts, admission, stream.write_table)
        inspection.require_teachable(drop_bad=admission.drop_bad)
    for note in inspection.list_notes():
        logger.warning(note)
    write_json(folder / INSPECTION, inspection.describe())
    found = _count(inspection)
    write_counts(folder, CORPUS, found)
    return found


def read_counts(folder: Path, file: str) -> CorpusCounts | None:
    """What became of a set's rows, where its tokenized file is there as it was written; None where it is to be made anew."""
    try:
        counts = read_json(folder / COUNTS)
        if counts is None or counts.pop("bytes") != (folder / file).stat().st_size:
            return None
        return CorpusCounts(**counts)
    except (UserError, OSError, TypeError, AttributeError, KeyError):
        return None


def write_counts(folder: Path, file: str, counts: CorpusCounts) -> None:
    """Keep what became of a set's rows, and the size of the tokenized file."""
    write_json(folder / COUNTS, {**counts._asdict(), "bytes": (folder / file).stat().st_size})


def inspect_set(
    source: Path,
    tokenization: Tokenization,
    max_length: int,
    facts: StudentFacts,
    admission: Admission,
    write: Callable[[pa.Table], None] = lambda table: None,
) -> Inspection:
    """Tokenize a set and look at every row of it; `write` takes the rows to train on."""
    inspector = Inspector(Student(tokenization, facts), source.name, max_length)
    with open_meter(f"tokenizing {source.name}", None) as progress:
        for chunk in split_chunks(_read_set(source), ROWS_A_CHUNK):
            write(inspector.take_chunk(chunk))
            progress.advance(len(chunk))
    return inspector.conclude(admission.max_too_long)


def _count(inspection: Inspection) -> CorpusCounts:
    bad = {kind: found.rows for kind, found in inspection.row_faults.items()}
    total = inspection.total
    nothing = bad.pop("nothing_to_learn", 0)
    return CorpusCounts(
        total.used, total.too_long, nothing, total.tokens, total.learned, inspection.longest, bad
    )


def _read_set(source: Path) -> Iterator[Row]:
    for row in read_rows(str(source)):
        for name in ("prompt", "completion"):
            if name not in row.values:
                there = ", ".join(row.values) or "none"
                raise UserError(f"{row.place}: there is no column '{name}' to train on; there are: {there}.")
        yield row
