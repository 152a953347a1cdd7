"""The columns of a run's Parquet files, and the way between rows and the vocabulary's objects."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.folder import parts, writing_aside
from filters.vocabulary import Message, Prompt, Sample, Status, Verdict

MESSAGES: Final = pa.list_(pa.struct([("role", pa.string()), ("content", pa.large_string())]))

PROMPTS: Final = pa.schema(
    [
        ("prompt_id", pa.string()),
        ("source_id", pa.string()),
        ("messages", MESSAGES),
        ("answer", pa.large_string()),
        ("domain", pa.string()),
        ("language", pa.string()),
        ("extra", pa.large_string()),
    ]
)
SAMPLES: Final = pa.schema(
    [
        ("sample_id", pa.string()),
        ("prompt_id", pa.string()),
        ("index", pa.int32()),
        ("response", pa.large_string()),
        ("status", pa.string()),
        ("finish", pa.string()),
        ("prompt_tokens", pa.int32()),
        ("tokens", pa.int32()),
        ("seed", pa.int64()),
        ("error", pa.string()),
    ]
)
VERDICTS: Final = pa.schema(
    [
        ("sample_id", pa.string()),
        ("ok", pa.bool_()),
        ("reason", pa.string()),
        ("score", pa.float64()),
        ("span_start", pa.int64()),
        ("span_end", pa.int64()),
    ]
)


_JUDGED: Final = ["sample_id", "prompt_id", "response", "index", "tokens", "finish"]
"""The columns of a sample itself, in the order of its fields."""


class Record(NamedTuple):
    """One row of a samples part: a sample, and what producing it took."""

    sample: Sample
    status: Status = "whole"
    prompt_tokens: int | None = None
    seed: int | None = None
    error: str | None = None


def storable(text: str) -> str:
    """Text as UTF-8 can hold it: a lone surrogate becomes U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def prompt_row(prompt: Prompt) -> dict[str, Any]:
    """A prompt as a row of PROMPTS."""
    return {
        "prompt_id": prompt.id,
        "source_id": storable(prompt.source_id),
        "messages": [{"role": m["role"], "content": storable(m["content"])} for m in prompt.messages],
        "answer": None if prompt.answer is None else storable(prompt.answer),
        "domain": storable(prompt.domain),
        "language": prompt.language,
        "extra": json.dumps(prompt.extra, ensure_ascii=True, default=str) if prompt.extra else None,
    }


def prompt_of(row: dict[str, Any]) -> Prompt:
    """A row of PROMPTS as a prompt."""
    turns = tuple(Message(role=m["role"], content=m["content"]) for m in row["messages"])
    extra = json.loads(row["extra"]) if row["extra"] else {}
    return Prompt(
        row["prompt_id"], turns, row["answer"], row["source_id"], row["domain"], row["language"], extra
    )


def record_row(record: Record) -> dict[str, Any]:
    """A record as a row of SAMPLES."""
    sample = record.sample
    return {
        "sample_id": sample.id,
        "prompt_id": sample.prompt.id,
        "index": sample.index,
        "response": storable(sample.response),
        "status": record.status,
        "finish": sample.finish,
        "prompt_tokens": record.prompt_tokens,
        "tokens": sample.tokens,
        "seed": record.seed,
        "error": record.error,
    }


def sample_of(row: dict[str, Any], prompt: Prompt) -> Sample:
    """A row of SAMPLES as a sample."""
    return Sample(row["sample_id"], prompt, row["response"], row["index"], row["tokens"], row["finish"])


def verdict_row(sample_id: str, verdict: Verdict) -> dict[str, Any]:
    """A verdict as a row of VERDICTS."""
    start, end = verdict.span or (None, None)
    return {
        "sample_id": sample_id,
        "ok": verdict.ok,
        "reason": storable(verdict.reason),
        "score": verdict.score,
        "span_start": start,
        "span_end": end,
    }


def verdict_table(ids: Sequence[str] | pa.StringArray, verdicts: Sequence[Verdict]) -> pa.Table:
    """The verdicts on some samples as rows of VERDICTS."""
    spans = [verdict.span or (None, None) for verdict in verdicts]
    columns = {
        "sample_id": ids,
        "ok": [verdict.ok for verdict in verdicts],
        "reason": [storable(verdict.reason) for verdict in verdicts],
        "score": [verdict.score for verdict in verdicts],
        "span_start": [span[0] for span in spans],
        "span_end": [span[1] for span in spans],
    }
    return pa.table(columns, VERDICTS)


def verdict_of(row: dict[str, Any]) -> Verdict:
    """A row of VERDICTS as a verdict."""
    span = None if row["span_start"] is None else (row["span_start"], row["span_end"])
    return Verdict(row["ok"], row["reason"], row["score"], span)


def write_part(path: Path, rows: Sequence[dict[str, Any]], schema: pa.Schema, about: Any = None) -> None:
    """Write rows as one Parquet part, whole or not at all; `about` goes into its metadata as JSON."""
    write_table(path, pa.Table.from_pylist(list(rows), schema), about)


def write_table(path: Path, table: pa.Table, about: Any = None) -> None:
    """Write a table as `write_part` does."""
    if about is not None:
        table = table.replace_schema_metadata({"r1curate": json.dumps(about)})
    with writing_aside(path) as aside:
        pq.write_table(table, aside, compression="zstd")


def about_part(path: Path) -> Any:
    """What `write_part` was told about a part."""
    metadata = pq.read_schema(path).metadata or {}
    return json.loads(metadata.get(b"r1curate", b"null"))


def rows_in(path: Path) -> int:
    """How many rows a part holds, from its footer."""
    return int(pq.read_metadata(path).num_rows)


def bytes_in(path: Path) -> int:
    """The size of a part's columns before compression, from its footer."""
    about = pq.read_metadata(path)
    return sum(int(about.row_group(group).total_byte_size) for group in range(about.num_row_groups))


class PromptIndex:
    """Which part of a folder holds which prompt, so that finding some of a million does not read all of them."""

    def __init__(self, folder: Path) -> None:
        found = pl.scan_parquet(parts(folder), include_file_paths="part")
        self._index = found.select(pl.col("prompt_id").hash().alias("key"), "part").collect()

    def find(self, wanted: pl.LazyFrame) -> dict[str, Prompt]:
        """The prompts that a frame's `prompt_id` column mentions."""
        ids = wanted.unique().collect()
        keys = ids.select(pl.col("prompt_id").hash().alias("key"))
        holding = self._index.join(keys, on="key", how="semi")["part"].unique(maintain_order=True)
        return _prompts(pl.scan_parquet(holding.to_list()), ids.lazy())


def batches(part: Path, prompts: PromptIndex, size: int) -> Iterator[list[Sample]]:
    """The samples of a part in order, joined to their prompts, a batch at a time.

    Only the prompts that the part mentions are held in memory.
    """
    by_id = prompts.find(pl.scan_parquet(part).select("prompt_id"))
    for batch in pq.ParquetFile(part).iter_batches(size, columns=_JUDGED):
        yield [
            Sample(key, by_id[prompt_id], *rest)
            for key, prompt_id, *rest in zip(*(batch[name].to_pylist() for name in _JUDGED), strict=True)
        ]


def prompts_by_id(folder: Path, wanted: pl.LazyFrame) -> dict[str, Prompt]:
    """The prompts of a folder that a frame's `prompt_id` column mentions."""
    return _prompts(scan(folder), wanted.unique())


def _prompts(prompts: pl.LazyFrame, ids: pl.LazyFrame) -> dict[str, Prompt]:
    found = prompts.join(ids, on="prompt_id", how="semi").collect()
    return {row["prompt_id"]: prompt_of(row) for row in found.iter_rows(named=True)}


def scan(folder: Path, kind: str = "part") -> pl.LazyFrame:
    """All parts of a folder as one lazy frame."""
    return pl.scan_parquet(parts(folder, kind))


def read_prompts(folder: Path) -> Iterator[Prompt]:
    """The prompts of a folder, in order."""
    for part in parts(folder):
        for batch in pq.ParquetFile(part).iter_batches(1024):
            yield from (prompt_of(row) for row in batch.to_pylist())


def next_part(folder: Path, kind: str = "part") -> Path:
    """The path of the part that comes after those that are there."""
    existing = parts(folder, kind)
    number = int(existing[-1].stem.rpartition("-")[2]) + 1 if existing else 0
    return folder / f"{kind}-{number:05d}.parquet"


def chunks(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Lists of up to `size` rows."""
    chunk: list[Any] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
