"""Selection within a source: which of its accepted samples are preferred, and how many a set takes of them."""

from __future__ import annotations

import logging
from typing import Final

import numpy as np
import polars as pl

from curate.selection.draws import draw_numbers
from curate.selection.farthest_first import order_unlike
from curate.selection.pass_rate_classes import classify
from curate.selection.sources import Source
from curate.store.layout import Run
from curate.store.parquet import scan_files

logger = logging.getLogger(__name__)

EQUAL: Final = ("prompt_id", "key")
"""What two samples have in common whose responses to one prompt are equal."""
BY_LENGTH: Final = ("shortest", "median")
"""The choices for which the lengths of texts are read."""


def list_candidates(
    run: Run, source: Source, fated: pl.DataFrame, seed: int, rates: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`fated` with those of its accepted samples settled that cannot be taken, and the others in the order of preference.

    fated: what `decide_fates` gives. rates: what `rate_prompts` gives. Of the others: at (the row of `fated`), prompt_id, key,
    of_source, place (its draws), and class, that of its prompt's pass rate, where it matters. Settled are the repeated ones, of a prompt's
    equal responses all but one, and those that were needless while sampling, which are unselected.
    """
    # Names are used again, so that of a million samples no more is held than is needed.
    left = fated.with_row_index("at").filter(pl.col("fate") == "accepted")
    columns = ["at", "prompt_id", "index", "length", "key"]
    if source.choose == "diverse":
        columns += ["sample_id", "part"]
    left = left.select(columns).hstack(draw_numbers(left["sample_id"], seed))
    if source.choose == "first":
        left = _leave_out_needless(run, source.name, left)
    repeated, open_now = np.zeros(fated.height, np.bool_), np.zeros(fated.height, np.bool_)
    repeated[left["at"]] = True
    # The same words twice teach nothing new: one of a prompt's equal responses is enough.
    order = ["index", "of_prompt"] if source.choose == "first" else ["of_prompt"]
    left = left.sort(order).unique(EQUAL, keep="first", maintain_order=True)
    repeated[left["at"]] = False
    open_now[left["at"]] = True
    settled = pl.when(pl.Series(open_now)).then(pl.lit("accepted")).when(pl.Series(repeated))
    fate = settled.then(pl.lit("repeated")).otherwise(pl.lit("unselected"))
    fate = pl.when(pl.col("fate") == "accepted").then(fate).otherwise("fate").alias("fate")
    left = _prefer(run, source, left, rates)
    kept = ("at", *EQUAL, "of_source", "place", *(["class"] if source.choose == "balanced" else []))
    return fated.with_columns(fate), left.select(kept)


def limit_rows(source: Source, candidates: pl.DataFrame, drawn: bool = False) -> pl.DataFrame:
    """Those of a source's candidates that the set takes, as many as its limits let; one that is repeated, several times.

    candidates: in the order of preference, as `list_candidates` gives them, or some of them in this order. Where there is a column
    `held`, those of held-out prompts are taken as `per_prompt` lets, beside the others. drawn: whether they are wanted in the order
    in which a source gives them. Where amounts are by tokens, with `tokens`.
    """
    if source.per_prompt is not None:
        candidates = candidates.filter(pl.int_range(pl.len()).over("prompt_id") < source.per_prompt)
    if not drawn and not source.is_limited:
        return candidates
    if "held" not in candidates.columns:
        return _draw_rows(source, candidates)
    held = pl.col("held")
    return pl.concat([_draw_rows(source, candidates.filter(~held)), candidates.filter(held)])


def _draw_rows(source: Source, candidates: pl.DataFrame) -> pl.DataFrame:
    """As many rows as a source's own amounts let, in the order in which it gives them."""
    copies = [candidates.with_columns(pl.lit(copy).alias("copy")) for copy in range(source.repeat)]
    drawn = pl.concat(copies).sort("copy", "of_source")
    if source.choose == "balanced":
        # The first of every class, then the second, and so on: classes that are used up leave their share to the others.
        turn = pl.int_range(pl.len()).over("copy", "class").alias("turn")
        drawn = drawn.with_columns(turn).sort("copy", "turn", "of_source").drop("turn")
    if source.tokens is not None:
        drawn = drawn.filter(pl.col("tokens").cast(pl.Int64).cum_sum() <= source.tokens)
    return (drawn if source.rows is None else drawn.head(source.rows)).drop("copy")


def _prefer(run: Run, source: Source, left: pl.DataFrame, rates: pl.DataFrame) -> pl.DataFrame:
    """Samples of which no two are equal, in the order in which a prompt's are taken. left: in the order of their draws."""
    match source.choose:
        case "shortest":
            return left.sort("length", maintain_order=True)
        case "median":
            middle = pl.col("length").median().over("prompt_id")
            return left.sort((pl.col("length") - middle).abs(), maintain_order=True)
        case "diverse":
            of_many = pl.len().over("prompt_id") > source.per_prompt
            rest, compared = left.filter(~of_many), left.filter(of_many)
            turns = order_unlike(run, source.name, compared)
            return pl.concat([rest, compared.hstack([turns]).sort("turn").drop("turn")])
        case "balanced":
            rated = left.join(rates, on="prompt_id", how="left", maintain_order="left")
            return rated.with_columns(classify(pl.col("rate")).alias("class"))
        case _:
            return left


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
