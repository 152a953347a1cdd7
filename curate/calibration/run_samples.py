"""Responses of a run that versions are made of: drawn by their content keys, the same whatever the order of files and parts is."""

from __future__ import annotations

from typing import Final

import polars as pl

from curate.store.hidden_texts import find_hidden_ids
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import PROMPT_KEY, find_prompts, read_prompt_key
from curate.store.schema import LATER_COLUMNS, sample_from_row
from filters.types import Sample

DRAWN: Final = 250
"""Responses that are read: some say nothing, so these are more than are wanted."""


def draw_samples(run: Run, name: str) -> list[Sample]:
    """Up to `DRAWN` whole responses of `samples(name)`, one a prompt, whose texts may be shown."""
    parts = list_parts(run.samples(name))
    if not parts:
        return []
    hidden = list(find_hidden_ids(run, name))
    rows = scan_files(parts, LATER_COLUMNS)
    shown = rows.filter(~pl.col("sample_id").is_in(hidden), pl.col("finish").fill_null("stop") == "stop")
    first = shown.group_by("prompt_id").agg(pl.col("sample_id").min()).sort("prompt_id").head(DRAWN).collect()
    wanted = rows.filter(pl.col("sample_id").is_in(first["sample_id"].to_list()))
    found = wanted.unique("sample_id").sort("prompt_id").collect()
    prompts = find_prompts(run.prompts(name), found.select(PROMPT_KEY).lazy())
    return [sample_from_row(row, prompts[read_prompt_key(row)]) for row in found.iter_rows(named=True)]
