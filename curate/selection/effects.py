"""What a selection does to a source: rows, prompts, lengths and difficulty of what was accepted against what was selected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import polars as pl
from pydantic import BaseModel
from rich.table import Table

from curate.intervals import format_percent
from curate.selection.pass_rate_classes import CLASSES, UNKNOWN, classify
from curate.selection.prompt_rates import has_stopped_early
from curate.selection.sources import Source
from curate.store.layout import Run
from curate.store.parquet import scan_files

ALL: Final = "all"
"""What the effect on all sources together is called."""


class Sizes(BaseModel):
    """Some samples of a source: how many, how long and how hard.

    total, mean, median, p95: of their lengths, None where there are none, or not in one unit. pass_rate: the mean over rows of
    their prompts' rates, of those that have one. classes: rows by class of pass rate, as CLASSES names them.
    """

    rows: int
    prompts: int
    total: int | None = None
    mean: float | None = None
    median: float | None = None
    p95: float | None = None
    pass_rate: float | None = None
    classes: list[int]


class Effect(BaseModel):
    """What was accepted of a source, and what was selected of that. unit: of lengths: tokens, or characters where nobody counted."""

    source: str
    unit: str | None
    accepted: Sizes
    selected: Sizes
    notes: list[str] = []


class Measurement(NamedTuple):
    """An effect with what is needed to add it to others: each accepted row's size and fate, each prompt's numbers."""

    effect: Effect
    lengths: pl.DataFrame
    prompts: pl.DataFrame


def measure_effect(
    run: Run, source: Source, accepted: pl.DataFrame, rates: pl.DataFrame, tokens: bool
) -> Measurement:
    """The effect on one source. accepted: the samples that its checks accept, with their final fates. rates: what `rate_prompts` gives. tokens: whether they were counted."""
    selected = (pl.col("fate") == "selected").alias("selected")
    length = pl.col("tokens" if tokens else "length").cast(pl.Int64).alias("length")
    accepted = accepted.select("prompt_id", "index", "fate", "by", selected, length)
    counted = accepted.group_by("prompt_id").agg(pl.len().alias("accepted"), pl.col("selected").sum())
    rated = counted.join(rates, on="prompt_id", how="left")
    prompts = rated.select(pl.col("prompt_id").hash().alias("prompt"), "rate", "accepted", "selected")
    lengths = accepted.select("selected", "length")
    effect = _describe(source.name, "tokens" if tokens else "characters", lengths, prompts)
    if run.generation(source.name).exists() and has_stopped_early(run, source.name):
        effect.notes.append(_tell_stop(run, source, effect, accepted))
    effect.notes.extend(_tell_shifts(source, effect, accepted))
    return Measurement(effect, lengths, prompts)


def add_effects(measured: Sequence[Measurement]) -> list[Effect]:
    """The effect on each source, and on all together where there are several. Lengths are added up only where all have one unit."""
    effects = [one.effect for one in measured]
    if len(effects) < 2:
        return effects
    units = {effect.unit for effect in effects}
    lengths, prompts = (
        pl.concat(frames) for frames in zip(*((m.lengths, m.prompts) for m in measured), strict=True)
    )
    return [*effects, _describe(ALL, units.pop() if len(units) == 1 else None, lengths, prompts)]


def _describe(source: str, unit: str | None, lengths: pl.DataFrame, prompts: pl.DataFrame) -> Effect:
    every = pl.lit(True)
    sizes = [
        _size(lengths.filter(some)["length"] if unit else None, prompts, column)
        for some, column in ((every, "accepted"), (pl.col("selected"), "selected"))
    ]
    return Effect(source=source, unit=unit, accepted=sizes[0], selected=sizes[1])


def _size(lengths: pl.Series | None, prompts: pl.DataFrame, column: str) -> Sizes:
    number = pl.col(column)
    there = prompts.filter(number > 0)
    rated = there.filter(pl.col("rate").is_not_null())
    rows = int(rated[column].sum())
    # Rounded, since the order in which floats are added up is not given.
    mean = round(rated.select((pl.col("rate") * number).sum()).item() / rows, 9) if rows else None
    by_class = dict(there.group_by(classify(pl.col("rate")).alias("class")).agg(number.sum()).iter_rows())
    known = {"total": None} if lengths is None or not len(lengths) else _measure(lengths)
    return Sizes(
        rows=int(there[column].sum()),
        prompts=there["prompt"].n_unique(),
        pass_rate=mean,
        classes=[int(by_class.get(number, 0)) for number in range(len(CLASSES))],
        **known,
    )


def _measure(lengths: pl.Series) -> dict[str, float | int | None]:
    quantiles = {"median": 0.5, "p95": 0.95}
    found = {name: lengths.quantile(at, "linear") for name, at in quantiles.items()}
    return {"total": int(lengths.sum()), "mean": float(lengths.mean()), **found}  # type: ignore[arg-type]


def _tell_stop(run: Run, source: Source, effect: Effect, accepted: pl.DataFrame) -> str:
    """What early stopping did to the lengths of the accepted samples; how much, where it is known at which index prompts stopped."""
    said = f"Sampling of '{source.name}' stopped early, and of the samples beyond a prompt's stop the short ones had ended"
    rates, mean = scan_files([run.pass_rates(source.name)]), None
    if "stopped_at" in rates.collect_schema().names():
        stops = rates.filter(pl.col("stopped_at").is_not_null()).select("prompt_id", "stopped_at").collect()
        stopped = accepted.join(stops, on="prompt_id", how="left")
        within = stopped.filter(pl.col("stopped_at").is_null() | (pl.col("index") <= pl.col("stopped_at")))
        mean = within.select(pl.col("length").mean()).item()
    if mean and effect.accepted.mean:
        shift = format_percent(effect.accepted.mean / mean - 1, sign="+")
        said += f": the accepted ones up to it have {mean:,.0f} {effect.unit} on average, all accepted ones {effect.accepted.mean:,.0f} ({shift}%)"
    if source.choose == "first":
        return f"{said}; choose=first takes none of those, so that no sample is in the set for its length."
    return f"{said}; choose=first takes none of those."


def _tell_shifts(source: Source, effect: Effect, accepted: pl.DataFrame) -> Iterator[str]:
    """By how much what is left out for its like, and then the choice, moved the mean length."""
    chosen_from = accepted.filter(pl.col("fate").is_in(["selected", "unselected"]))
    before, after = effect.accepted.mean, effect.selected.mean
    if not before or not after:
        return
    between = chosen_from.select(pl.col("length").mean()).item()
    if chosen_from.height < effect.accepted.rows:
        gone = accepted.filter(pl.col("fate").is_in(["repeated", "held_out", "rejected"]))
        said = {"repeated": "equal responses", "held_out": "held out"}
        named = gone.select(pl.col("fate").replace_strict(said, default=pl.col("by"), return_dtype=pl.String))
        causes = ", ".join(named.to_series().unique().sort())
        yield f"Of '{source.name}' what was left out as {causes} {_tell_moved(before, between, effect)}."
    if effect.selected.rows < chosen_from.height:
        yield f"The selection of '{source.name}' (choose={source.choose}) {_tell_moved(between, after, effect)}."


def _tell_moved(before: float, after: float, effect: Effect) -> str:
    shift = format_percent(after / before - 1, sign="+")
    return f"moved the mean length from {before:,.0f} to {after:,.0f} {effect.unit} ({shift}%)"


def tell_effects(effects: Sequence[Effect]) -> list[str]:
    """The sentences of all effects."""
    return [note for effect in effects for note in effect.notes]


def effects_tables(effects: Sequence[Effect]) -> Iterator[Table]:
    """Effects as tables for the terminal, source by source: sizes; and pass rates, where some are known."""
    numbers = ("rows", "prompts", "length", "mean", "median", "p95")
    sizes = Table("source", "samples", *numbers, title="accepted against selected")
    rates = Table("source", "samples", "mean", *_COARSE, title="rows by the pass rate of their prompts")
    for effect in effects:
        for kind, some in (("accepted", effect.accepted), ("selected", effect.selected)):
            name = effect.source if kind == "accepted" else ""
            total = "" if some.total is None else f"{some.total:,} {effect.unit}"
            values = (some.mean, some.median, some.p95)
            shown = ("" if value is None else f"{value:,.0f}" for value in values)
            sizes.add_row(name, kind, f"{some.rows:,}", f"{some.prompts:,}", total, *shown)
            mean = "" if some.pass_rate is None else f"{format_percent(some.pass_rate)}%"
            counts = (sum(some.classes[number] for number in group) for group in _COARSE.values())
            rates.add_row(name, kind, mean, *(f"{count:,}" if count else "" for count in counts))
        sizes.add_section()
        rates.add_section()
    yield sizes
    if any(sum(effect.accepted.classes[:UNKNOWN]) for effect in effects):
        yield rates


_COARSE: Final = {
    "none": (0,),
    "≤50%": tuple(range(1, 6)),
    "<100%": tuple(range(6, UNKNOWN - 1)),
    "all": (UNKNOWN - 1,),
    "unknown": (UNKNOWN,),
}
"""The classes as a terminal has room for them."""
