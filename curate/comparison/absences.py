"""Why a side does not have a row that the other one has: what became of the sample there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import polars as pl

from curate.comparison.differences import LONGEST
from curate.comparison.sides import SetSide
from curate.selection.choose_samples import EQUAL
from curate.selection.funnel import decide_fates
from curate.store.finished_sets import read_left_out
from curate.store.hidden_texts import find_hidden_in_runs
from curate.store.joined import EITHER, scan_sidecars
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from filters.errors import UserError

ABSENCE: Final = {"id": pl.String, "why": pl.String, "said": pl.String}
"""The columns of a frame of absences. said: the reason of the check that keeps it out, or null."""
_NONE: Final = pl.DataFrame(schema={"prompt_id": pl.String, "key": pl.UInt64})
FEWER_TIMES: Final = "there, fewer times"
UNKNOWN: Final = "nothing is known of it there"


def explain_absences(side: SetSide, rows: pl.DataFrame, runs: Sequence[Run]) -> pl.DataFrame:
    """Of each of these rows, by its id, why a set does not have it, as ABSENCE. rows: id, prompt_id. runs: of both sides."""
    wanted = rows.unique("id", maintain_order=True)
    if not side.files:
        return _give_reason(wanted, "there is no such set")
    asked = _ask_sources(side, side.run, wanted) if side.run is not None and wanted.height else ()
    beside = [*_find_among(side.files, wanted, FEWER_TIMES), *_find_among(side.held_out, wanted, "held out")]
    found = pl.concat([pl.DataFrame(schema=ABSENCE), *beside, *asked])
    found = found.unique("id", keep="first", maintain_order=True)
    rest = wanted.join(found, on="id", how="anti", maintain_order="left")
    elsewhere = _give_reason(rest, UNKNOWN) if side.run is None else _find_elsewhere(side.run, rest)
    return _hide_reasons(runs, pl.concat([found, elsewhere]))


def _give_reason(rows: pl.DataFrame, why: str) -> pl.DataFrame:
    return rows.select("id", pl.lit(why).alias("why"), pl.lit(None, pl.String).alias("said"))


def _find_among(files: Sequence[Path], wanted: pl.DataFrame, why: str) -> Iterator[pl.DataFrame]:
    """The rows whose ids stand in these files."""
    for file in files:
        ids = scan_files([file]).select(pl.col("id").cast(pl.String)).collect()
        yield _give_reason(wanted.join(ids, on="id", how="semi", maintain_order="left"), why)


def _ask_sources(side: SetSide, run: Run, wanted: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What became of the rows that are samples of the set's sources."""
    left_out = read_left_out(run, side.title).select(
        pl.col("sample_id").alias("id"), pl.format("rejected by {}", "label").alias("why"), pl.col("reason").alias("said")
    )  # fmt: skip
    yield left_out.join(wanted.lazy(), on="id", how="semi").collect()
    read: dict[str, pl.DataFrame] = {}
    for name, labels in side.about.get("checks", {}).items():
        try:
            read[name] = decide_fates(run, name, labels).select(
                pl.col("sample_id").alias("id"), "fate", "by", *EQUAL
            )
        except UserError as error:
            yield _find_samples(run, name, wanted, f"its verdicts there cannot be read: {error}")
    ids = scan_files(side.files).select("id").collect()
    taken = pl.concat(
        [fates.join(ids, on="id", how="semi").select(EQUAL) for fates in read.values()] or [_NONE]
    )
    for name, fates in read.items():
        yield from _tell_fates(run, name, fates.join(wanted, on="id", how="semi"), taken)


def _tell_fates(run: Run, name: str, fates: pl.DataFrame, taken: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """What became of samples. taken: of the set's rows, prompt and key of the text."""
    accepted = fates.filter(pl.col("fate") == "accepted")
    equal = accepted.join(taken, on=EQUAL, how="semi", maintain_order="left")
    yield _give_reason(equal, "accepted, equal to another")
    yield _give_reason(accepted, "accepted, not selected")
    others = fates.filter(pl.col("fate") != "accepted")
    for (fate, by), group in others.group_by("fate", "by", maintain_order=True):
        why = f"{fate} by {by}" if by else str(fate)
        said = _read_reasons(run, name, str(by), group["id"], fate == "rejected") if by else None
        told = _give_reason(group, why)
        yield told if said is None else told.drop("said").join(said, on="id", how="left")


def _read_reasons(run: Run, name: str, label: str, ids: pl.Series, rejected: bool) -> pl.DataFrame:
    """The reasons of a check, of `a|b` those of the one that rejected, or of the last."""
    ok = pl.col("ok").eq(False) if rejected else pl.col("ok").is_null()
    found = [
        scan_sidecars(run, name, single)
        .filter(pl.col("sample_id").is_in(ids.implode()) & ok)
        .select(pl.col("sample_id").alias("id"), pl.col("reason").str.slice(0, LONGEST).alias("said"))
        .collect()
        for single in reversed(label.split(EITHER))
    ]
    return pl.concat(found).unique("id", keep="first")


def _find_elsewhere(run: Run, rest: pl.DataFrame) -> pl.DataFrame:
    """What is known of rows that are no samples of a set's sources: samples of others, or that none were made."""
    found = [_find_samples(run, name, rest, f"'{name}' is no source of it") for name in run.sample_names()]
    told = pl.concat([pl.DataFrame(schema=ABSENCE), *found]).unique("id", keep="first", maintain_order=True)
    unsampled = explain_unsampled(run, run.sample_names(), rest.join(told, on="id", how="anti"))
    return pl.concat([told, unsampled])


def _find_samples(run: Run, name: str, wanted: pl.DataFrame, why: str) -> pl.DataFrame:
    """Those of these rows that are samples of a name, all with one reason."""
    files = [*list_parts(run.samples(name)), *list_parts(run.samples(name), PARTIAL)]
    if not files:
        return pl.DataFrame(schema=ABSENCE)
    ids = scan_files(files).select(pl.col("sample_id").alias("id")).join(wanted.lazy(), on="id", how="semi")
    return _give_reason(ids.unique().collect(), why)


def explain_unsampled(run: Run, names: list[str], rows: pl.DataFrame) -> pl.DataFrame:
    """Of each of these rows, which are no whole samples of these names: whether it was begun, its prompt was asked, or neither."""
    begun = [
        scan_files(files).select(pl.col("sample_id").alias("id"), pl.col("status").alias("why")).collect()
        for name in names
        if (files := list_parts(run.samples(name), PARTIAL))
    ]
    asked = [
        scan_files(files).select("prompt_id").unique().collect()
        for name in names
        if (files := list_parts(run.prompts(name)))
    ]
    prompts = pl.concat([pl.DataFrame(schema={"prompt_id": pl.String}), *asked])["prompt_id"]
    statuses = pl.concat([pl.DataFrame(schema={"id": pl.String, "why": pl.String}), *begun])
    known = rows.join(statuses.unique("id", keep="last"), on="id", how="left", maintain_order="left")
    there = pl.col("prompt_id").is_in(prompts.implode())
    other = pl.when(there).then(pl.lit("not sampled")).otherwise(pl.lit("its prompt is not there"))
    return known.select("id", pl.coalesce("why", other).alias("why"), pl.lit(None, pl.String).alias("said"))


def _hide_reasons(runs: Sequence[Run], told: pl.DataFrame) -> pl.DataFrame:
    """Absences without what quotes a text that must not be shown."""
    hidden = find_hidden_in_runs(runs, told["id"].to_list())
    rule = pl.col("said").str.split(":").list.first()
    hides = pl.col("id").is_in(list(hidden))
    return told.with_columns(pl.when(hides).then(rule).otherwise("said").alias("said"))
