"""Selection: which accepted samples of a source a set takes, with the limits per prompt and in all."""

from __future__ import annotations

import logging

import numpy as np
import polars as pl

from curate.selection.draws import draw_numbers
from curate.selection.sources import Source
from curate.store.layout import Run
from curate.store.parquet import scan_files

logger = logging.getLogger(__name__)

EQUAL = ("prompt_id", "key")
"""What two samples have in common whose responses to one prompt are equal."""


def choose_samples(
    run: Run, source: Source, fated: pl.DataFrame, seed: int, taken: pl.DataFrame
) -> pl.DataFrame:
    """`fated`, its accepted samples resolved into selected, repeated and unselected; with the random `place` of the selected ones.

    fated: what `decide_fates` gives. taken: the columns EQUAL of what the set has from other sources.
    """
    # Names are used again, so that of a million samples no more is held than is needed.
    chosen = fated.with_row_index("at").filter(pl.col("fate") == "accepted")
    chosen = chosen.select("at", "prompt_id", "index", "length", "key").hstack(
        draw_numbers(chosen["sample_id"], seed)
    )
    if source.choose == "first":
        chosen = _leave_out_needless(run, source.name, chosen)
    first = {"random": ["of_prompt"], "shortest": ["length", "of_prompt"], "first": ["index"]}[source.choose]
    # The same words twice teach nothing new: one of a prompt's equal responses is enough.
    repeated = np.zeros(fated.height, np.bool_)
    repeated[chosen["at"]] = True
    chosen = chosen.sort(first).unique(EQUAL, keep="first", maintain_order=True)
    if taken.height:
        chosen = chosen.join(taken, on=EQUAL, how="anti", maintain_order="left")
    repeated[chosen["at"]] = False
    if source.per_prompt is not None:
        chosen = chosen.filter(pl.int_range(pl.len()).over("prompt_id") < source.per_prompt)
    if source.rows is not None:
        chosen = chosen.sort("of_source").head(source.rows)
    selected, place = np.zeros(fated.height, np.bool_), np.zeros(fated.height, np.uint64)
    selected[chosen["at"]], place[chosen["at"]] = True, chosen["place"]
    told = pl.when(pl.Series(selected)).then(pl.lit("selected"))
    fate = told.when(pl.Series(repeated)).then(pl.lit("repeated")).otherwise(pl.lit("unselected"))
    return fated.with_columns(
        pl.when(pl.col("fate") == "accepted").then(fate).otherwise("fate").alias("fate"),
        pl.Series("place", place),
    )


def _leave_out_needless(run: Run, name: str, accepted: pl.DataFrame) -> pl.DataFrame:
    """Leave out the samples beyond the index where sampling stopped: of these only the short ones had ended.

    See curate.sampling.stopping. When a later check rejects some of the first, no other may slip in for them.
    """
    path = run.pass_rates(name)
    if not (run.generation(name).exists() and path.exists()):
        return accepted
    rates = scan_files([path])
    if "stopped_at" not in rates.collect_schema().names():
        if rates.select(pl.col("enough").any()).collect().item():
            logger.warning(
                f"An earlier version did not record where the sampling of '{name}' stopped, so that choose=first may "
                "prefer short chains: run generate again, which records it."
            )
        return accepted
    stops = rates.filter(pl.col("stopped_at").is_not_null()).select("prompt_id", "stopped_at").collect()
    beyond = accepted.join(stops, on="prompt_id").filter(pl.col("index") > pl.col("stopped_at"))
    return accepted.join(beyond, on="at", how="anti", maintain_order="left")
