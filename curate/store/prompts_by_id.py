"""The prompts of a run by id, and samples joined to them, without holding all of them in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from curate.store.layout import list_parts
from curate.store.parquet import require_parts, scan_parquet, scan_parts
from curate.store.schema import prompt_from_row
from filters.errors import UserError
from filters.types import Prompt, Sample

_JUDGED: Final = ["sample_id", "prompt_id", "response", "index", "tokens", "finish"]
"""The columns of a sample itself, in the order of its fields."""


class PromptIndex:
    """Which part of a folder holds which prompt, so that finding some of a million does not read all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = scan_parquet(require_parts(folder), include_file_paths="part")
        self._index = found.select(pl.col("prompt_id").hash().alias("key"), "part").collect()

    def find(self, wanted: pl.LazyFrame) -> dict[str, Prompt]:
        """The prompts that a frame's `prompt_id` column mentions."""
        ids = wanted.unique().collect()
        keys = ids.select(pl.col("prompt_id").hash().alias("key"))
        holding = self._index.join(keys, on="key", how="semi")["part"].unique(maintain_order=True)
        files = holding.to_list() or require_parts(self._folder)[:1]
        return _prompts(scan_parquet(files), ids.lazy(), self._folder)


def read_batches(part: Path, prompts: PromptIndex, size: int) -> Iterator[list[Sample]]:
    """The samples of a part in order, joined to their prompts, a batch at a time.

    Only the prompts that the part mentions are held in memory.
    """
    by_id = prompts.find(scan_parquet(part).select("prompt_id"))
    for batch in pq.ParquetFile(part).iter_batches(size, columns=_JUDGED):
        yield [
            Sample(key, by_id[prompt_id], *rest)
            for key, prompt_id, *rest in zip(*(batch[name].to_pylist() for name in _JUDGED), strict=True)
        ]


def find_prompts(folder: Path, wanted: pl.LazyFrame) -> dict[str, Prompt]:
    """The prompts of a folder that a frame's `prompt_id` column mentions."""
    return _prompts(scan_parts(folder), wanted.select("prompt_id").unique(), folder)


def _prompts(prompts: pl.LazyFrame, ids: pl.LazyFrame, folder: Path) -> dict[str, Prompt]:
    """Prompts by id. Raises UserError where one is not there."""
    found = prompts.join(ids, on="prompt_id", how="semi").collect()
    known = {row["prompt_id"]: prompt_from_row(row) for row in found.iter_rows(named=True)}
    missing = [key for key in ids.collect()["prompt_id"] if key not in known]
    if missing:
        raise UserError(f"Prompt {missing[0]} is not in '{folder}': this run folder was changed by hand.")
    return known


def read_prompts(folder: Path) -> Iterator[Prompt]:
    """The prompts of a folder, in order."""
    for part in list_parts(folder):
        for batch in pq.ParquetFile(part).iter_batches(1024):
            yield from (prompt_from_row(row) for row in batch.to_pylist())
