"""`explain`: everything the run knows of one sample, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import Field
from rich.console import RenderableType

from curate.options import StageOptions
from curate.reporting.explanation import find_samples, trace_table
from curate.stage_results import StageResult
from curate.store.layout import Run, open_run
from filters.errors import UserError

SHOWN: Final = 4
"""Samples shown in full when an id stands for a prompt with many."""


class ExplainOptions(StageOptions):
    """Trace one row."""

    arguments = ("id",)

    id: str = Field(min_length=1)
    """A sample's or prompt's id (the start of it is enough), or the id of a row of the prompts' source."""
    run: Path
    """The run folder."""


@dataclass(frozen=True, slots=True)
class ExplainResult(StageResult):
    """The samples that an id stands for: each one's name in the run, and its row."""

    run: Run
    samples: Sequence[tuple[str, Mapping[str, Any]]]

    def render(self) -> Iterator[RenderableType]:
        """The first few in full."""
        for name, row in self.samples[:SHOWN]:
            yield trace_table(self.run, name, dict(row))
        if len(self.samples) > SHOWN:
            yield f"… and {len(self.samples) - SHOWN} more samples: give a sample's id to see one of them."


def explain_sample(options: ExplainOptions) -> ExplainResult:
    """Show where a row comes from: its prompt, response, every verdict with its span, and its fate.

    Reads RUN. Writes nothing.

    Example: r1curate explain 3f9a1c --run runs/r1
    """
    run = open_run(options.run)
    found = list(find_samples(run, options.id))
    names = ("sample_id", "prompt_id", "source_id")
    # A whole id is meant before the beginning of another.
    found = [one for one in found if options.id in (one[1].get(name) for name in names)] or found
    if not found:
        raise UserError(f"'{options.run}' holds no sample, prompt or source row with the id '{options.id}'.")
    return ExplainResult(run, found)
