"""What a stage would need, told before it does anything: estimates, what else is to be known, and why it would be refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType

from curate.console import show
from curate.memory.engines import find_engine_estimate
from curate.memory.estimate import Estimate
from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine
from filters.engine import EngineOptions

NO_GPU = (
    "No GPU here: to plan for some, give gpus and gpu_memory (--gpus 8 --gpu-memory 80; of a recipe, "
    "--override grpo.gpus=8 --override grpo.gpu_memory=80)."
)
"""Said where a plan was made for a CPU and does not fit its memory."""
UNKNOWN = "The config of '{model}' cannot be read here, so that what it needs is not told."
"""Said where neither a folder, the Hub's cache, the known shapes nor the Hub has a model."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What is known of a stage before it runs; an empty one where it needs no model here.

    faults: why it would be refused, whatever memory it needs.
    """

    estimates: tuple[Estimate, ...] = ()
    notes: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def refusals(self) -> tuple[str, ...]:
        """Why the stage would be refused; memory is no reason on a CPU, where it may be swapped and a plan is for elsewhere."""
        return self.faults + tuple(
            one.explain()
            for one in self.estimates
            if not one.possible and (one.machine.gpus or one.fault is not None)
        )

    def render(self) -> Iterator[RenderableType]:
        """The estimates, then the notes."""
        for estimate in self.estimates:
            yield from estimate.render()
        yield from self.notes
        if any(not one.machine.gpus and not one.possible for one in self.estimates):
            yield NO_GPU


def preview_engine(
    options: EngineOptions,
    shapes: Shapes,
    machine: Machine,
    longest: int | None,
) -> Preview:
    """What an engine in this process needs; empty for one elsewhere. longest: tokens of a longest response."""
    if options.kind != "vllm" or not options.model:
        return Preview()
    estimate = find_engine_estimate(options, shapes, machine, longest)
    return Preview(notes=(UNKNOWN.format(model=options.model),)) if estimate is None else Preview((estimate,))


def show_preview(preview: Preview) -> str | None:
    """Show it on standard error; why the stage would be refused, or None."""
    show(*preview.render())
    return preview.refusals[0] if preview.refusals else None
