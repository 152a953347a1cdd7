"""`report`: what a run did, in the terminal and as one HTML file that can be kept or sent."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import RenderableType

from curate.console import emit
from curate.folder import Run, open_run, writing_aside
from curate.options import StageOptions
from curate.reporting.facts import Facts, read_facts
from curate.reporting.page import render
from curate.reporting.terminal import final_tables, full_tables


class ReportOptions(StageOptions):
    """Show what a run did."""

    arguments = ("run",)

    run: Path
    """The run folder."""
    html: Path | None = None
    """Where the HTML file goes; RUN/report.html unless given."""


def report(options: ReportOptions) -> None:
    """Show what a run did: models, pass@1, funnels, verdicts, lengths, training, and samples to read.

    Reads RUN. Writes one HTML file that needs no network.

    Example: r1curate report runs/r1 --html r1.html
    """
    run = open_run(options.run)
    facts = read_facts(run)
    emit(*full_tables(facts), f"report: {_write(facts, options.html or run.path / 'report.html')}")


def final_screen(run: Run) -> list[RenderableType]:
    """The end of a run: its report is written; each model's pass@1 before and after, the funnels, where it is."""
    path = _write(read_facts(run), run.path / "report.html")
    return [*final_tables(run), f"report: {path}"]


def _write(facts: Facts, path: Path) -> Path:
    with writing_aside(path) as aside:
        aside.write_text(render(facts, time.strftime("%Y-%m-%d %H:%M")), encoding="utf-8")
    return path
