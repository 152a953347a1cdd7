"""Selection: which accepted samples of a source a set takes, with the limits per prompt and in all."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from curate.selection.funnel import decide_fates
from curate.selection.sources import Source
from curate.store.layout import Run


def choose_samples(run: Run, source: Source, labels: Sequence[str], seed: int) -> pl.DataFrame:
    """Every sample's fate, `accepted` resolved into selected and unselected."""
    frame = decide_fates(run, source.name, labels).with_columns(order_column(seed))
    accepted = frame.filter(pl.col("fate") == "accepted")
    first = {"random": ["order"], "shortest": ["length", "order"], "first": ["index"]}[source.choose]
    # The same words twice teach nothing new: one of a prompt's equal responses is enough.
    accepted = accepted.sort(first).unique(["prompt_id", "key"], keep="first", maintain_order=True)
    if source.per_prompt is not None:
        accepted = accepted.filter(pl.int_range(pl.len()).over("prompt_id") < source.per_prompt)
    if source.rows is not None:
        accepted = accepted.sort("order").head(source.rows)
    selected = pl.col("sample_id").is_in(accepted["sample_id"].implode())
    is_accepted = pl.col("fate") == "accepted"
    resolved = pl.when(is_accepted & selected).then(pl.lit("selected"))
    return frame.with_columns(
        resolved.when(is_accepted).then(pl.lit("unselected")).otherwise("fate").alias("fate")
    )


def order_column(seed: int) -> pl.Expr:
    """A sample's place in a random order: its key, read from another digit for another seed."""
    return (pl.col("sample_id") + pl.col("sample_id")).str.slice(seed % 32, 32).alias("order")
