"""`explain`: everything the run knows of one sample, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import Field
from rich.console import RenderableType
from rich.text import Text

from curate.options import StageOptions
from curate.reporting.explanation import describe_row, find_samples, trace_table
from curate.selection.loose_sets import count_undrawn, find_rejected, find_rows, list_rejected
from curate.stage_results import StageResult
from curate.store.layout import Run, open_run
from filters.digest import SHORT_KEY
from filters.errors import UserError

SHOWN: Final = 4
"""Samples shown in full when an id stands for a prompt with many."""


class ExplainOptions(StageOptions):
    """Trace one row."""

    arguments = ("id",)

    id: str = Field(min_length=1)
    """A sample's or prompt's id (six characters of its start are enough), or the id of a row of the prompts' source."""
    run: Path | None = None
    """The run folder."""
    set: Path | None = None
    """The folder of a set that mix made from files alone."""


@dataclass(frozen=True, slots=True)
class ExplainResult(StageResult):
    """The samples that an id stands for: each one's name in the run, and its row; else the rows that gave none."""

    run: Run
    samples: Sequence[tuple[str, Mapping[str, Any]]]
    rejected: Sequence[Mapping[str, Any]] = ()

    def render(self) -> Iterator[RenderableType]:
        """The first few in full."""
        for name, row in self.samples[:SHOWN]:
            yield trace_table(self.run, name, dict(row))
        if len(self.samples) > SHOWN:
            yield f"… and {len(self.samples) - SHOWN} more samples: give a sample's id to see one of them."
        for about in self.rejected[:SHOWN]:
            yield Text("{row} gave no sample of '{source}': {fate}, {reason}.".format(**about))


@dataclass(frozen=True, slots=True)
class ExplainedRows(StageResult):
    """The rows of a set that an id stands for, and what is known of those that were left out."""

    folder: Path
    rows: Sequence[Mapping[str, Any]]
    rejected: Sequence[Mapping[str, Any]]

    def render(self) -> Iterator[RenderableType]:
        """The first few in full."""
        for row in self.rows[:SHOWN]:
            yield from describe_row(self.folder, row)
        if len(self.rows) > SHOWN:
            yield f"… and {len(self.rows) - SHOWN} more rows: give a row's id to see one of them."
        for about in self.rejected[:SHOWN]:
            yield Text("{row} of '{source}' is not in the set: {fate}, {reason}.".format(**about))


def explain_sample(options: ExplainOptions) -> ExplainResult | ExplainedRows:
    """Show where a row comes from: its prompt, response, every verdict with its span, and its fate.

    Reads RUN, or a set that mix made from files alone. Writes nothing.

    Example: r1curate explain 3f9a1c --run runs/r1
    """
    if (options.run is None) == (options.set is None):
        raise UserError("explain looks into a run or a set: give either --run RUN or --set FOLDER.")
    if options.set is not None:
        return explain_row(options.set, options.id)
    assert options.run is not None
    run = open_run(options.run)
    found = list(find_samples(run, options.id))
    names = ("sample_id", "prompt_id", "source_id")
    whole = [one for one in found if options.id in (one[1].get(name) for name in names)]
    rejected = [] if whole else list(list_rejected(run, options.id))
    if (
        whole or rejected or len(options.id) < SHORT_KEY
    ):  # a whole id is meant before the beginning of another
        found = whole
    if not found and not rejected:
        raise UserError(f"'{options.run}' holds no sample, prompt or source row with the id '{options.id}'.")
    return ExplainResult(run, found, rejected)


def explain_row(folder: Path, key: str) -> ExplainedRows:
    """Show a row of a set that `mix` made from files alone: its texts, and where they come from."""
    rows, rejected = find_rows(folder, key).to_dicts(), find_rejected(folder, key)
    if not rows and not rejected:
        undrawn = count_undrawn(folder)
        more = f" It may be one of the {undrawn:,} that were accepted and not drawn." if undrawn else ""
        raise UserError(f"'{folder}' holds no row, prompt or source row with the id '{key}'.{more}")
    return ExplainedRows(folder, rows, rejected)
