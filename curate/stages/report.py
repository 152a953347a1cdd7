"""`report`: what a run did, in the terminal and as one HTML file that can be kept or sent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType

from curate.options import StageOptions
from curate.reporting.page import render_page
from curate.reporting.run_facts import Facts, read_facts
from curate.reporting.terminal import final_tables, full_tables
from curate.stage_results import StageResult
from curate.store.layout import Run, open_run
from curate.store.whole_files import write_aside


class ReportOptions(StageOptions):
    """Show what a run did."""

    arguments = ("run",)

    run: Path
    """The run folder."""
    html: Path | None = None
    """Where the HTML file goes. Default: RUN/report.html."""


@dataclass(frozen=True, slots=True)
class ReportResult(StageResult):
    """What the run says of itself, and the HTML file that shows it."""

    facts: Facts
    html: Path

    def render(self) -> Iterator[RenderableType]:
        """All tables, and where the file is."""
        yield from full_tables(self.facts)
        yield f"report: {self.html}"


@dataclass(frozen=True, slots=True)
class FinalReport(ReportResult):
    """The same at the end of a recipe, in short."""

    def render(self) -> Iterator[RenderableType]:
        """Each model's pass@1 before and after, the funnels, and where the file is."""
        yield from final_tables(self.facts.run)
        yield f"report: {self.html}"


def write_report(options: ReportOptions) -> ReportResult:
    """Show what a run did: models, pass@1, funnels, verdicts, lengths, training, and samples to read.

    Reads RUN. Writes one HTML file that needs no network.

    Example: r1curate report runs/r1 --html r1.html
    """
    run = open_run(options.run)
    facts = read_facts(run)
    return ReportResult(facts, _write_page(facts, options.html or run.report))


def write_final_report(run: Run) -> FinalReport:
    """The report at the end of a recipe."""
    facts = read_facts(run)
    return FinalReport(facts, _write_page(facts, run.report))


def _write_page(facts: Facts, path: Path) -> Path:
    with write_aside(path) as aside:
        aside.write_text(render_page(facts, time.strftime("%Y-%m-%d %H:%M")), encoding="utf-8")
    return path
