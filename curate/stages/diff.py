"""`diff`: what became different between two runs, or two sets, row by row, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl
from rich.console import RenderableType
from rich.table import Table

from curate.comparison.compare import compare_places
from curate.comparison.differences import Comparison
from curate.options import StageOptions
from curate.stage_results import StageResult
from curate.store.whole_files import write_aside
from filters.errors import UserError

OUTPUTS: Final = (".jsonl", ".parquet")
"""How the name of an output may end."""
EXAMPLES: Final = 3
"""Ids that are shown of the rows that differ for one reason."""
SHOWN: Final = 12
"""Characters of an id that are shown: `explain` finds it by them."""
SHORT: Final = 60
"""Characters of a value that are shown."""


class DiffOptions(StageOptions):
    """Compare two runs or two sets."""

    arguments = ("before", "after")

    before: str
    """A run folder, the folder of a set, a published one, or a Parquet file."""
    after: str
    """What it is compared with: the same kind of thing."""
    dataset: str | None = None
    """Of runs, compare only the set of this name."""
    name: str | None = None
    """Of runs, compare only the samples of this name, and their verdicts. Default: all samples and all sets."""
    out: Path | None = None
    """Output file for all differences, one a line (.jsonl or .parquet)."""


@dataclass(frozen=True, slots=True)
class DiffResult(StageResult):
    """What was compared. out: the file that all differences were written to."""

    comparisons: Sequence[Comparison]
    out: Path | None = None

    def render(self) -> Iterator[RenderableType]:
        """Of each comparison its rows, its settings, and why rows differ, with a few examples."""
        for one in self.comparisons:
            yield _rows_table(one)
            if one.settings:
                yield _settings_table(one)
            if one.rows.height:
                yield _reasons_table(one)
            yield from one.notes
        if not any(one.rows.height or one.settings for one in self.comparisons):
            yield "There is no difference."
        if self.out is not None:
            yield f"all differences: {self.out}"


def compare_results(options: DiffOptions) -> DiffResult:
    """Compare two runs or two sets: which rows came, went and changed, which verdict, option or limit that is by, and which settings differ.

    Reads two run folders (all their samples and sets, or --name, or --dataset), or two sets: of a run, published, or Parquet whose
    rows have ids. Writes nothing, or all differences to --out. Ends with 0 whether or not they differ.

    Example: r1curate diff runs/monday runs/tuesday --dataset sft --out changes.jsonl
    """
    if options.dataset is not None and options.name is not None:
        raise UserError("diff compares a set or samples: give either --dataset NAME or --name NAME.")
    if options.out is not None and options.out.suffix not in OUTPUTS:
        raise UserError(f"--out {options.out}: the name must end in {' or '.join(OUTPUTS)}.")
    if options.out is not None and not options.out.absolute().parent.is_dir():
        raise UserError(f"--out {options.out}: there is no folder '{options.out.absolute().parent}'.")
    found = compare_places(options.before, options.after, options.dataset, options.name)
    if options.out is not None:
        _write(found, options.out)
    return DiffResult(found, options.out)


def _write(found: Sequence[Comparison], out: Path) -> None:
    """All differences: those of settings, with their names under `why`, before those of rows."""
    frames = []
    for one in found:
        schema = one.rows.schema
        settings = pl.DataFrame(
            [("setting", None, None, *setting) for setting in one.settings], schema=schema, orient="row"
        )
        frames.append(pl.concat([settings, one.rows]).select(pl.lit(one.title).alias("of"), pl.all()))
    with write_aside(out) as aside:
        if out.suffix == ".parquet":
            pl.concat(frames).write_parquet(aside)
        else:
            pl.concat(frames).write_ndjson(aside)


def _rows_table(one: Comparison) -> Table:
    table = Table("rows before", "went", "came", "rows after", "changed", title=one.title)
    numbers = (one.before, one.count("went"), one.count("came"), one.after, one.count("changed"))
    table.add_row(*(f"{number:,}" for number in numbers))
    return table


def _settings_table(one: Comparison) -> Table:
    table = Table("setting", "before", "after", title=f"{one.title}: made with other settings")
    for setting in one.settings:
        table.add_row(setting.what, *(_cut(value) for value in setting[1:]))
    return table


def _reasons_table(one: Comparison) -> Table:
    """Differences by why, the commonest first, with what is said of the first row of each."""
    table = Table("change", "why", "rows", "for example", title=f"{one.title}: why")
    groups = one.rows.group_by("change", "why").agg(
        pl.len(), pl.col("id").unique(maintain_order=True).head(EXAMPLES), pl.col("before", "after").first()
    )
    for change, why, rows, ids, before, after in groups.sort(
        "change", "len", "why", descending=[True, True, False]
    ).iter_rows():
        example = _cut(before or after)
        if change == "changed":
            example = " -> ".join(_cut(one) or "nothing" for one in (before, after))
        first, *others = (key if len(key) <= SHOWN else f"{key[:SHOWN]}…" for key in ids)
        said_of = f"{first}: {example}" if example else first
        mark = "; " if example else ", "
        table.add_row(change, why or "", f"{rows:,}", mark.join(filter(None, (said_of, ", ".join(others)))))
    return table


def _cut(text: str | None) -> str:
    """A value as it is shown: one line, cut; empty where there is none."""
    line = " ".join((text or "").split())
    return line if len(line) <= SHORT else f"{line[: SHORT - 1]}…"
