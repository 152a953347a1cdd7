"""The prompts of a run by id, and samples joined to them, without holding all of them in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from curate.store.layout import list_parts
from curate.store.parquet import require_parts, scan_files, scan_parts
from curate.store.schema import prompt_from_row
from filters.errors import UserError
from filters.types import Prompt, Sample

_JUDGED: Final = ["sample_id", "response", "index", "tokens", "finish"]
"""The columns of a sample itself beside its prompt, in the order of its fields."""
PROMPT_KEY: Final = (pl.col("prompt_id"), pl.col("variant").fill_null(""))
"""What a sample's prompt is found by."""
Key = tuple[str, str]


def read_prompt_key(row: Mapping[str, Any]) -> Key:
    """The key of a sample's prompt, from the sample's row."""
    return row["prompt_id"], row.get("variant") or ""


class PromptIndex:
    """Which part of a folder holds which prompt, so that finding some of a million does not read all of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        found = scan_files(require_parts(folder), part="part")
        self._index = found.select(pl.col("prompt_id").hash().alias("key"), "part").collect()

    def find(self, wanted: pl.LazyFrame) -> dict[Key, Prompt]:
        """The prompts that a frame's columns `prompt_id` and `variant` mention."""
        ids = wanted.select(PROMPT_KEY).unique().collect()
        keys = ids.select(pl.col("prompt_id").hash().alias("key"))
        holding = self._index.join(keys, on="key", how="semi")["part"].unique(maintain_order=True)
        files = [Path(file) for file in holding] or require_parts(self._folder)[:1]
        return _prompts(scan_files(files, ("variant",)), ids.lazy(), self._folder)


def read_batches(part: Path, prompts: PromptIndex, size: int) -> Iterator[list[Sample]]:
    """The samples of a part in order, joined to their prompts, a batch at a time.

    Only the prompts that the part mentions are held in memory.
    """
    by_id = prompts.find(scan_files([part], ("variant",)))
    file = pq.ParquetFile(part)
    keys = [name for name in ("prompt_id", "variant") if name in file.schema_arrow.names]
    for batch in file.iter_batches(size, columns=[*keys, *_JUDGED]):
        columns = {name: batch[name].to_pylist() for name in (*keys, *_JUDGED)}
        variants = columns.get("variant", [""] * batch.num_rows)
        asked = zip(columns["prompt_id"], variants, strict=True)
        yield [
            Sample(key, by_id[prompt_id, variant or ""], *rest)
            for (prompt_id, variant), key, *rest in zip(
                asked, *(columns[name] for name in _JUDGED), strict=True
            )
        ]


def find_prompts(folder: Path, wanted: pl.LazyFrame) -> dict[Key, Prompt]:
    """The prompts of a folder that a frame's columns `prompt_id` and `variant` mention."""
    asked = wanted.select(PROMPT_KEY).unique()
    return _prompts(scan_parts(folder, later=("variant",)), asked, folder)


def _prompts(prompts: pl.LazyFrame, ids: pl.LazyFrame, folder: Path) -> dict[Key, Prompt]:
    """Prompts by id and variant. Raises UserError where one is not there."""
    keyed = prompts.with_columns(PROMPT_KEY)
    found = keyed.join(ids, on=["prompt_id", "variant"], how="semi").collect()
    known = {read_prompt_key(row): prompt_from_row(row) for row in found.iter_rows(named=True)}
    missing = [key for key in ids.collect().iter_rows() if key not in known]
    if missing:
        raise UserError(f"Prompt {missing[0][0]} is not in '{folder}': this run folder was changed by hand.")
    return known


def read_prompts(folder: Path) -> Iterator[Prompt]:
    """The prompts of a folder, in order."""
    for part in list_parts(folder):
        for batch in pq.ParquetFile(part).iter_batches(1024):
            yield from (prompt_from_row(row) for row in batch.to_pylist())
