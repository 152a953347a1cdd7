"""A set, tokenized once into a memory-mapped file: memory stays flat, and a resumed run reads it again.

Rows are left out whole and counted, never cut: a chain without its end teaches a student not to stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from curate.engines.identity import file_digest
from curate.progress import open_meter
from curate.readers.prompts import prompt_of
from curate.readers.row import Row
from curate.readers.rows import read_rows
from curate.store.files import read_json, write_aside, write_json
from curate.store.layout import Run
from curate.store.parquet import split_chunks
from distill.sft.tokens import Tokenization
from filters.digest import digest
from filters.errors import UserError
from filters.types import Message

ROWS_A_CHUNK = 512
SCHEMA = pa.schema(
    [("input_ids", pa.list_(pa.int32())), ("labels", pa.list_(pa.int32())), ("length", pa.int32())]
)


class Counts(NamedTuple):
    """What became of a set's rows. tokens: of the used rows; learned: those that bear loss."""

    rows: int
    too_long: int
    nothing_to_learn: int
    tokens: int
    learned: int
    longest: int


def find_set(run: Run, name: str) -> Path:
    """The folder of a run's set by name, else a file or folder by path."""
    if run.has_set(name):
        return run.set(name)
    if Path(name).exists():
        return Path(name)
    made = run.set_names()
    there = f"; the run has: {', '.join(made)}" if made else ""
    raise UserError(f"There is no set '{name}' in '{run.path}' and no file of that name{there}.")


def set_digest(path: Path) -> str:
    """The content key of a set's files, by name and bytes."""
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    return digest([(p.name, file_digest(p)) for p in files if p.name[0] != "."])


def tokenize(source: Path, tokenization: Tokenization, max_length: int, folder: Path) -> Counts:
    """Write `folder`/corpus.arrow, or find it there whole.

    Raises UserError where the set is malformed, or no row can be used.
    """
    counts = read_json(folder / "corpus.json")
    if counts is not None:
        return Counts(**counts)
    with write_aside(folder / "corpus.arrow") as aside:
        found = _write(aside, source, tokenization, max_length)
    if found.rows == 0:
        raise UserError(
            f"No row of '{source}' can be trained on: {found.too_long} are longer than max_length="
            f"{max_length} tokens, {found.nothing_to_learn} have an empty completion."
        )
    write_json(folder / "corpus.json", found._asdict())
    return found


def _write(path: Path, source: Path, tokenization: Tokenization, max_length: int) -> Counts:
    total = Counts(0, 0, 0, 0, 0, 0)
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_stream(file, SCHEMA) as stream,
        open_meter(f"tokenizing {source.name}", None) as progress,
    ):
        for chunk in split_chunks(_pairs(read_rows(str(source))), ROWS_A_CHUNK):
            table, counts = _tokenized(chunk, tokenization, max_length)
            stream.write_table(table)
            longest = max(total.longest, counts.longest)
            total = Counts(*map(sum, zip(total, counts, strict=True)))._replace(longest=longest)
            progress.advance(len(chunk))
    return total


def _tokenized(
    chunk: list[tuple[tuple[Message, ...], str]], tokenization: Tokenization, max_length: int
) -> tuple[pa.Table, Counts]:
    teaching = [pair for pair in chunk if pair[1].strip()]
    examples = tokenization.examples(teaching)
    used = [example for example in examples if len(example.input_ids) <= max_length]
    rows = [{**example._asdict(), "length": len(example.input_ids)} for example in used]
    counts = Counts(
        rows=len(used),
        too_long=len(examples) - len(used),
        nothing_to_learn=len(chunk) - len(teaching),
        tokens=sum(row["length"] for row in rows),
        learned=sum(label >= 0 for example in used for label in example.labels),
        longest=max((row["length"] for row in rows), default=0),
    )
    return pa.Table.from_pylist(rows, SCHEMA), counts


def _pairs(rows: Iterable[Row]) -> Iterator[tuple[tuple[Message, ...], str]]:
    for number, row in enumerate(rows):
        for name in ("prompt", "completion"):
            if name not in row.values:
                there = ", ".join(row.values) or "none"
                raise UserError(f"{row.place}: there is no column '{name}' to train on; there are: {there}.")
        yield prompt_of(row, number).messages, _response(row)


def _response(row: Row) -> str:
    """The text of the one assistant message in `completion`."""
    value: Any = row.values["completion"]
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, Mapping) and value.get("role") == "assistant":
        value = value.get("content") or ""
    if not isinstance(value, str):
        raise UserError(f"{row.place}: 'completion' is not one assistant message with its content.")
    return value
