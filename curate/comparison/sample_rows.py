"""The samples of two runs side by side: which exist in one only, and of which a check says something else now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from curate.comparison.absences import explain_unsampled
from curate.comparison.differences import LONGEST, Comparison, take_differences
from curate.comparison.settings import compare_making
from curate.store.hidden_texts import find_hidden_in_runs
from curate.store.joined import require_distinct, scan_sidecars
from curate.store.layout import Run, list_parts
from curate.store.parquet import refuse_damaged, scan_files
from curate.store.verdicts import list_labels
from filters.errors import UserError

_WORDS = {True: "true", False: "false"}


def compare_sample_rows(before: Run, after: Run, name: str) -> Comparison:
    """Which whole samples of a name went and came between two runs, and which verdicts on those of both flipped."""
    with refuse_damaged(f"the samples '{name}' of '{before.path}' or '{after.path}'"):
        one, two = (_read(run, name) for run in (before, after))
        notes: list[str] = []
        frames = [
            _tell_absent("went", after, name, one.join(two, on="id", how="anti", maintain_order="left")),
            _tell_absent("came", before, name, two.join(one, on="id", how="anti", maintain_order="left")),
            _compare_texts(one, two),
            *_compare_verdicts(before, after, name, notes),
        ]
    rows = take_differences([frame.with_columns(copy=pl.lit(0)) for frame in frames])
    settings = compare_making(before, after, name)
    found = Comparison(f"samples {name}", one.height, two.height, settings, rows, notes)
    found.require_identity()
    return found


def _read(run: Run, name: str) -> pl.DataFrame:
    """Each whole sample: id, prompt_id, content."""
    files = list_parts(run.samples(name)) if name in run.sample_names() else []
    if not files:
        return pl.DataFrame(schema={"id": pl.String, "prompt_id": pl.String, "content": pl.String})
    rows = scan_files(files, ("content",)).select(pl.col("sample_id").alias("id"), "prompt_id", "content")
    found = rows.collect(engine="streaming")
    require_distinct(found["id"], run.samples(name))
    return found


def _tell_absent(change: str, lacks: Run, name: str, rows: pl.DataFrame) -> pl.DataFrame:
    names = [name] if name in lacks.sample_names() else []
    told = explain_unsampled(lacks, names, rows.select("id", "prompt_id"))
    nothing = pl.lit(None, pl.String)
    return told.select("id", "why", change=pl.lit(change), before=nothing, after=nothing)


def _compare_texts(one: pl.DataFrame, two: pl.DataFrame) -> pl.DataFrame:
    """Samples of one id with other texts, by the keys of these; none where nothing was changed by hand."""
    both = one.join(two, on="id", suffix="_after").filter(pl.col("content") != pl.col("content_after"))
    return both.select(
        "id",
        why=pl.lit("response"),
        change=pl.lit("changed"),
        before=pl.format("text {}", "content"),
        after=pl.format("text {}", "content_after"),
    )


def _compare_verdicts(before: Run, after: Run, name: str, notes: list[str]) -> Iterator[pl.DataFrame]:
    """A frame for each check that both have: the verdicts that flipped. notes: which could not be compared."""
    labels = [_list_known(run, name) for run in (before, after)]
    for label in [label for label in labels[0] if label in labels[1]]:
        try:
            one, two = (_scan(run, name, label) for run in (before, after))
            flipped = one.join(two, on="id", suffix="_after").filter(
                pl.col("ok").ne_missing(pl.col("ok_after"))
            )
            found = flipped.collect(engine="streaming")
        except UserError as error:
            notes.append(f"Verdicts of '{label}' on '{name}' cannot be compared: {error}")
            continue
        hidden = list(find_hidden_in_runs((before, after), found["id"].to_list()))
        yield found.select(
            "id",
            why=pl.lit(label),
            change=pl.lit("changed"),
            before=_say("ok", "reason", hidden),
            after=_say("ok_after", "reason_after", hidden),
        )


def _list_known(run: Run, name: str) -> Sequence[str]:
    return list_labels(run, name) if name in run.sample_names() else []


def _scan(run: Run, name: str, label: str) -> pl.LazyFrame:
    return scan_sidecars(run, name, label).select(pl.col("sample_id").alias("id"), "ok", "reason")


def _say(ok: str, reason: str, hidden: Sequence[str]) -> pl.Expr:
    """A verdict in words; of a text that must not be shown with its rule alone."""
    word = pl.col(ok).replace_strict(_WORDS, default="undecided", return_dtype=pl.String)
    rule = pl.col(reason).str.split(":").list.first()
    said = (
        pl.when(pl.col("id").is_in(list(hidden))).then(rule).otherwise(pl.col(reason).str.slice(0, LONGEST))
    )
    return pl.when(said.fill_null("") == "").then(word).otherwise(pl.format("{}: {}", word, said))
