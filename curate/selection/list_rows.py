"""The rows of a set by their ids and places, each as often as it is taken, before any text is read."""

from __future__ import annotations

import polars as pl

from curate.selection.draws import draw_numbers
from curate.selection.ingredients import Ingredient

_COLUMNS = ("sample_id", "prompt_id", "variant", "part", "bytes", "place", "held", "repeat")


def list_rows(one: Ingredient, chosen: pl.DataFrame, seed: int, counted: bool) -> pl.DataFrame:
    """A source's rows, as `write_set_files` takes them, with their `place` in the order and whether they are `held`.

    chosen: samples with fate, `times` (how often each stands in the set) and place. A row that stands there again has the place
    of a draw of its own. counted: whether their tokens are told anew.
    """
    held = (pl.col("fate") == "held_out").alias("held")
    rows = chosen.with_columns(held, pl.lit(0, pl.UInt32).alias("repeat"))
    again = [rows]
    for number in range(1, int(chosen["times"].to_numpy().max(initial=0))):
        more = rows.filter(pl.col("times") > number)
        place = draw_numbers(more["sample_id"] + f" {number}", seed)["place"]
        again.append(more.with_columns(place, pl.lit(number, pl.UInt32).alias("repeat")))
    columns = (*_COLUMNS, "tokens") if counted else _COLUMNS
    return pl.concat(again).select(pl.lit(one.name).alias("source"), *columns)
