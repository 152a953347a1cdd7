"""A set, tokenized once into a memory-mapped file, which keeps memory flat and serves a resumed training too.

Rows that are too long are left out whole and counted, never truncated: a chain of thought without its end
teaches a student not to stop.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from curate.progress import open_meter
from curate.readers.read_rows import read_rows
from curate.readers.row import Row
from curate.store.finished_sets import list_set_files
from curate.store.layout import Run
from curate.store.parquet import split_chunks
from curate.store.whole_files import read_json, write_aside, write_json
from distill.sft.tokens import Tokenization, read_completion
from filters.digest import digest, digest_file
from filters.errors import UserError

ROWS_A_CHUNK = 512
SCHEMA = pa.schema(
    [("input_ids", pa.list_(pa.int32())), ("labels", pa.list_(pa.int32())), ("length", pa.int32())]
)


class CorpusCounts(NamedTuple):
    """What became of a set's rows. tokens: of the used rows; learned: those that contribute to the loss."""

    rows: int
    too_long: int
    nothing_to_learn: int
    tokens: int
    learned: int
    longest: int


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


def tokenize_set(source: Path, tokenization: Tokenization, max_length: int, folder: Path) -> CorpusCounts:
    """Write `folder`/corpus.arrow unless it is there already.

    Raises UserError where the set is malformed, or no row can be used.
    """
    counts = read_json(folder / "corpus.json")
    if counts is not None:
        return CorpusCounts(**counts)
    with write_aside(folder / "corpus.arrow") as aside:
        found = _write(aside, source, tokenization, max_length)
    if found.rows == 0:
        raise UserError(
            f"No row of '{source}' can be used for training: {found.too_long} are longer than max_length="
            f"{max_length} tokens, {found.nothing_to_learn} have an empty completion."
        )
    write_json(folder / "corpus.json", found._asdict())
    return found


def _write(path: Path, source: Path, tokenization: Tokenization, max_length: int) -> CorpusCounts:
    total = CorpusCounts(0, 0, 0, 0, 0, 0)
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.ipc.new_stream(file, SCHEMA) as stream,
        open_meter(f"tokenizing {source.name}", None) as progress,
    ):
        for chunk in split_chunks(_read_set(source), ROWS_A_CHUNK):
            table, counts = _tokenize_chunk(chunk, tokenization, max_length)
            stream.write_table(table)
            longest = max(total.longest, counts.longest)
            total = CorpusCounts(*map(sum, zip(total, counts, strict=True)))._replace(longest=longest)
            progress.advance(len(chunk))
    return total


def _tokenize_chunk(
    chunk: Sequence[Row], tokenization: Tokenization, max_length: int
) -> tuple[pa.Table, CorpusCounts]:
    teaching = [row for row in chunk if read_completion(row).strip()]
    examples = tokenization.make_examples(teaching)
    used = [example for example in examples if len(example.input_ids) <= max_length]
    rows = [{**example._asdict(), "length": len(example.input_ids)} for example in used]
    counts = CorpusCounts(
        rows=len(used),
        too_long=len(examples) - len(used),
        nothing_to_learn=len(chunk) - len(teaching),
        tokens=sum(row["length"] for row in rows),
        learned=sum(label >= 0 for example in used for label in example.labels),
        longest=max((row["length"] for row in rows), default=0),
    )
    return pa.Table.from_pylist(rows, SCHEMA), counts


def _read_set(source: Path) -> Iterator[Row]:
    for row in read_rows(str(source)):
        for name in ("prompt", "completion"):
            if name not in row.values:
                there = ", ".join(row.values) or "none"
                raise UserError(f"{row.place}: there is no column '{name}' to train on; there are: {there}.")
        yield row
