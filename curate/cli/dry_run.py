"""`run --dry-run`: what every stage of a plan would need and come to, and whether one would be refused, before any work.

Each command that has something to tell names a function for it, as a string, so that planning imports nothing heavy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.table import Table

from curate.cli.commands import PREVIEWS
from curate.cli.recipe_plan import Stage
from curate.console import show, write_message
from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine, find_machine
from curate.memory.preview import NO_GPU, Preview
from curate.planning.cluster import Cluster
from curate.store.layout import Run, open_run
from filters.errors import UserError

Told = tuple[str, Preview]
"""A stage's title, and what is known of it."""


def show_plan_needs(
    stages: Sequence[Stage], run: Run, pilot: Path | None = None, cluster: Cluster | None = None
) -> list[str]:
    """Show on standard error what the stages need of memory and will come to; why stages would be refused.

    pilot: a run whose samples tell what one costs; by default those that `run` has. cluster: where it is to run.
    """
    from curate.planning.needs_table import render_needs
    from curate.planning.plan import PlannedStage, estimate_recipe

    machine = _find_machine(stages) if cluster is None else cluster.machine
    told, refusals = preview_stages(stages, machine)
    if told:
        show(*_render(told, machine))
    planned = [PlannedStage(_name(stage), stage.kind, stage.options) for stage in stages]
    needs = estimate_recipe(planned, run, run if pilot is None else open_run(pilot), cluster)
    show(*render_needs(needs, cluster))
    refusals = [*dict.fromkeys([*refusals, *needs.refusals])]
    for refusal in refusals:
        write_message(f"r1curate: {refusal}")
    return refusals


def _name(stage: Stage) -> str:
    """What a run's timings call it."""
    return f"{stage.kind} {getattr(stage.options, 'name', None) or ''}".rstrip()


def preview_stages(stages: Sequence[Stage], machine: Machine) -> tuple[list[Told], list[str]]:
    """What is known of each stage that needs memory for a model, in order; and why stages would be refused.

    A model that an earlier stage makes has the shape of the one it is made from.
    """
    shapes, told, refusals = Shapes(), [], []
    for number, stage in enumerate(stages, 1):
        title = f"{number} {_name(stage)}"
        if stage.kind not in PREVIEWS:
            continue
        try:
            preview = _call(stage, shapes, machine)
        except UserError as error:
            refusals.append(f"stage {title}: {error}")
            told.append((title, Preview(notes=(str(error),))))
            continue
        refusals += [f"stage {title}: {refusal}" for refusal in preview.refusals]
        if preview.estimates or preview.notes:
            told.append((title, preview))
    return told, refusals


def _call(stage: Stage, shapes: Shapes, machine: Machine) -> Preview:
    module, _, function = PREVIEWS[stage.kind].partition(":")
    preview: Preview = getattr(import_module(module), function)(stage.options, shapes, machine)
    return preview


def _find_machine(stages: Sequence[Stage]) -> Machine:
    """The machine that the first training names, for all stages that name none; else this one."""

    def first(name: str) -> Any:
        given = (getattr(stage.options, name, None) for stage in stages)
        return next((value for value in given if value is not None), None)

    return find_machine(first("gpus"), first("gpu_memory"))


def _render(told: Sequence[Told], machine: Machine) -> Iterator[RenderableType]:
    """The trainings in full, every stage in a line, and in words what else is to be known."""
    for title, preview in told:
        if title.split()[1] in ("distill", "grpo"):
            for estimate in preview.estimates:
                yield from estimate.render_parts()
    table = Table("stage", "needs", "there are", "", title=f"GiB per device, for {machine}")
    words = []
    for title, preview in told:
        for estimate in preview.estimates:
            need, there = f"{estimate.compute_need():.1f}", f"{estimate.machine.gib:.1f}"
            table.add_row(title, need, there, estimate.verdict)
            if estimate.possible and (estimate.machine.gpus or not estimate.fits):
                words.append(f"{title.split()[0]} {' '.join([estimate.explain(), *estimate.notes])}")
        words += [f"{title}: {note}" for note in preview.notes]
    yield table
    yield from words
    if not machine.gpus and any(not one.possible for _, preview in told for one in preview.estimates):
        yield NO_GPU
