"""THE frame of samples joined with their verdicts: everything that needs both reads them here.

Verdicts are found by the sample's id, never by position. A sample without a verdict, or with two, is refused: it
would otherwise count as something that nobody said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.store.layout import Run, list_parts
from curate.store.parquet import count_rows, scan_files
from curate.store.schema import LATER_COLUMNS, VERDICTS
from filters.errors import UserError

Column = str | pl.Expr

VERDICT_FIELDS: Final = ("ok", "reason", "score", "span_start", "span_end")
"""All fields of a verdict, as its row holds them."""
EITHER: Final = "|"
"""In a list of labels, `a|b` is one verdict: a's where it decided, else b's (a rule, then its judge)."""
CONTENT: Final = "=content"
JUDGED_CONTENT: Final = "=judged"
"""The content keys of a sample and of what was judged under its id, while they are compared."""


def verdict_column(label: str, field: str = "ok") -> str:
    """The name of the column that holds a field of a check's verdicts."""
    return f"{label}:{field}"


def join_part(
    run: Run,
    name: str,
    part: Path,
    labels: Iterable[str],
    columns: Sequence[Column],
    fields: Sequence[str] = ("ok",),
    where: pl.Expr | None = None,
) -> pl.DataFrame:
    """The samples of one part, in its order, one row each, with the verdicts of these checks.

    labels: whose verdicts. columns: of the samples, without `sample_id`, which is always the first.
    fields: of each verdict, as columns named by `verdict_column`. where: which samples; all unless given.
    Raises UserError where a sample has no verdict, or more than one, of a label.
    """
    samples = scan_files([part], LATER_COLUMNS)
    if where is not None:
        samples = samples.filter(where)
    try:
        wanted = samples.select("sample_id", *columns, pl.col("content").alias(CONTENT))
        frame = wanted.collect(engine="streaming")
    except pl.exceptions.ColumnNotFoundError as error:
        said = str(error).splitlines()[0]
        raise UserError(
            f"'{part}' has no column {said}; there are: {', '.join(pq.read_schema(part).names)}."
        ) from None
    for label in dict.fromkeys(labels):
        frame = _with_verdicts(frame, part, run.sidecar(name, label, part), name, label, fields)
    return frame.drop(CONTENT)


def join_samples(
    run: Run,
    name: str,
    labels: Iterable[str],
    columns: Sequence[Column],
    fields: Sequence[str] = ("ok",),
    where: pl.Expr | None = None,
) -> pl.DataFrame:
    """What `join_part` gives of all parts, read one after the other: take no texts, or few.

    Raises UserError where `samples(name)` has no parts, or a sample stands in two of them.
    """
    listed = require_samples(run, name)
    labels = list(labels)
    frame = pl.concat([join_part(run, name, part, labels, columns, fields, where) for part in listed])
    require_distinct(frame["sample_id"], run.samples(name))
    return frame


def require_samples(run: Run, name: str) -> list[Path]:
    """The parts of `samples(name)`. Raises UserError where there are none."""
    listed = list_parts(run.samples(name))
    if not listed and name in run.sample_names():
        raise UserError(f"'{run.path}' has no finished samples '{name}' yet.")
    if not listed:
        there = ", ".join(run.sample_names()) or "none"
        raise UserError(f"'{run.path}' has no samples '{name}'; there are: {there}.")
    return listed


def require_distinct(samples: pl.Series, place: Path) -> None:
    """Refuse samples that stand twice, in one part or in two: each would count as two."""
    if samples.n_unique() != len(samples):
        twice = samples.filter(samples.is_duplicated())
        raise UserError(
            f"Sample {twice[0]} is there twice in '{place}': this run folder was changed by hand."
        )


def scan_sidecars(run: Run, name: str, label: str) -> pl.LazyFrame:
    """All verdicts of a check on `samples(name)`, without the samples. Raises UserError where a sidecar is damaged."""
    sidecars = [run.sidecar(name, label, part) for part in list_parts(run.samples(name))]
    for sidecar in sidecars:
        _require_whole(sidecar, name, label)
    return scan_files(sidecars) if sidecars else pl.DataFrame(VERDICTS.empty_table()).lazy()


def holds_verdicts(sidecar: Path) -> bool:
    """Whether a file is whole and has the columns of verdicts, with `ok` as true, false or null."""
    try:
        schema = pq.read_schema(sidecar)
    except (pa.ArrowException, OSError):
        return False
    found = {field.name: field.type for field in schema}
    # Tools that rewrite a file may give text its wider type.
    wide = {name: pa.string() if pa.types.is_large_string(kind) else kind for name, kind in found.items()}
    return all(wide.get(field.name) == field.type for field in VERDICTS if field.name not in LATER_COLUMNS)


def _require_whole(sidecar: Path, name: str, label: str) -> None:
    if not sidecar.exists():
        raise UserError(
            f"'{name}' has no verdicts of '{label}' on all its samples; run verify or filter with it."
        )
    if not holds_verdicts(sidecar):
        raise UserError(f"'{sidecar}' is damaged: {_again(label)}")


def _with_verdicts(
    frame: pl.DataFrame, part: Path, sidecar: Path, name: str, label: str, fields: Sequence[str]
) -> pl.DataFrame:
    _require_whole(sidecar, name, label)
    renamed = [pl.col(field).alias(verdict_column(label, field)) for field in fields]
    verdicts = scan_files([sidecar], ("content",)).select(
        "sample_id", *renamed, pl.col("content").alias(JUDGED_CONTENT)
    )
    wanted = frame.lazy().select("sample_id")
    found = verdicts.join(wanted, on="sample_id", how="semi").collect()
    if found.height != frame.height or found["sample_id"].n_unique() != frame.height:
        require_distinct(frame["sample_id"], part)
        raise UserError(_mismatch(frame["sample_id"], found["sample_id"], sidecar, label))
    if count_rows(sidecar) != count_rows(part):
        raise UserError(f"'{sidecar}' has verdicts on other samples than those of its part: {_again(label)}")
    joined = frame.join(found, on="sample_id", how="left", maintain_order="left")
    other = joined.filter(pl.col(CONTENT) != pl.col(JUDGED_CONTENT))[
        "sample_id"
    ]  # null where format 1 knew none
    if len(other):
        raise UserError(f"'{sidecar}' has a verdict on another text of sample {other[0]}: {_again(label)}")
    return joined.drop(JUDGED_CONTENT)


def _mismatch(samples: pl.Series, verdicts: pl.Series, sidecar: Path, label: str) -> str:
    """A sentence that names the first sample whose verdict is missing, or is there more than once."""
    again = _again(label)
    doubled = verdicts.filter(verdicts.is_duplicated())
    if len(doubled):
        return f"'{sidecar}' has more than one verdict on sample {doubled[0]}: {again}"
    missing = samples.filter(~samples.is_in(verdicts.implode()))
    return f"'{sidecar}' has no verdict on sample {missing[0]}: {again}"


def _again(label: str) -> str:
    return f"run verify or filter with '{label}' again, which replaces it."
