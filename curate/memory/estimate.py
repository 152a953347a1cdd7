"""An estimate of memory: its parts per device against what there is, whether that fits, and what to do where not.

What is exact (weights, gradients, optimizer) and what is not (activations, what libraries keep) are told apart: only
what exceeds the memory even where everything inexact turns out small is refused, and what comes close is warned of.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import RenderableType
from rich.table import Table

from curate.memory.machine import GIB, Machine
from filters.errors import UserError

logger = logging.getLogger(__name__)

CLOSE: Final = 0.95
"""Share of the memory above which an estimate is close to it: allocators lose some to gaps."""


@dataclass(frozen=True, slots=True)
class Part:
    """What one thing takes on each device.

    gib: as expected. least: in the best case. phases: when it is held; those of a training and of its rollouts.
    """

    name: str
    gib: float
    least: float
    phases: frozenset[str]


TRAIN, SAMPLE = "training", "sampling"
ALWAYS: Final = frozenset({TRAIN, SAMPLE})


def make_part(name: str, size: float, sure: float = 1.0, phases: Sequence[str] = (TRAIN, SAMPLE)) -> Part:
    """A part of so many bytes. sure: the share of it that is needed in the best case, 1 where it is exact."""
    return Part(name, size / GIB, sure * size / GIB, frozenset(phases))


@dataclass(frozen=True, slots=True)
class Estimate:
    """What something needs on each device, against the machine it is for.

    what: for people, with its settings. source: where the model's shape is from. fault: why it cannot be at all,
    whatever the memory. remedy: what to change, in one sentence, where it does not fit. notes: what else to know.
    """

    what: str
    machine: Machine
    parts: tuple[Part, ...]
    source: str = ""
    fault: str | None = None
    remedy: str | None = None
    notes: tuple[str, ...] = ()

    def compute_need(self, phase: str | None = None, *, least: bool = False) -> float:
        """GiB per device; of a phase, or of the one that needs most."""
        phases = [phase] if phase else [TRAIN, SAMPLE]
        return max(
            sum(part.least if least else part.gib for part in self.parts if one in part.phases)
            for one in phases
        )

    @property
    def fits(self) -> bool:
        """Whether it is expected to fit, with some room."""
        return self.fault is None and self.compute_need() <= CLOSE * self.machine.gib

    @property
    def possible(self) -> bool:
        """Whether it may fit in the best case; what is not is refused."""
        return self.fault is None and self.compute_need(least=True) <= self.machine.gib

    @property
    def verdict(self) -> str:
        """Whether it fits, in a word or two."""
        return "fits" if self.fits else "may not fit" if self.possible else "does not fit"

    def explain(self) -> str:
        """Whether it fits, in one sentence with what it is."""
        said = self.explain_fit()
        return f"{self.what}: {said}" if self.fault is not None else f"{self.what} {said}"

    def explain_fit(self) -> str:
        """Whether it fits, with the remedy where it does not."""
        there = f"{self.machine.gib:.0f} GiB"
        on = "on each GPU" if self.machine.gpus else "of RAM"
        if self.fault is not None:
            said = self.fault
        elif self.fits:
            return f"fits: {self.compute_need():.1f} of {there} {on}."
        elif self.possible:
            said = f"may not fit: it needs about {self.compute_need():.1f} of {there} {on}"
        else:
            least = self.compute_need(least=True)
            said = f"does not fit: it needs at least {least:.1f} GiB {on}, and there are {there}"
        return f"{said}; {self.remedy}." if self.remedy else f"{said}."

    def require(self) -> None:
        """Raise UserError where it cannot fit on GPUs; warn where it comes close. On a CPU there is swap: only a warning."""
        if self.fits:
            return
        if not self.possible and (self.machine.gpus or self.fault is not None):
            raise UserError(self.explain())
        logger.warning(self.explain())

    def render(self) -> Iterator[RenderableType]:
        """A table of the parts, and in words whether they fit."""
        yield from self.render_parts()
        yield self.explain()
        yield from self.notes
        if self.source:
            yield f"Shape of the model: {self.source}."

    def render_parts(self) -> Iterator[RenderableType]:
        """A table of the parts, by what is held at once."""
        phases = [phase for phase in (TRAIN, SAMPLE) if any(part.phases == {phase} for part in self.parts)]
        shown = phases if len(phases) > 1 else [None]
        heads = [f"GiB while {phase}" for phase in phases] if len(phases) > 1 else ["GiB"]
        table = Table("", *heads, title=self.what, caption=f"per device, for {self.machine}", min_width=60)
        for column in table.columns[1:]:
            column.justify = "right"
        for part in (part for part in self.parts if part.gib):
            cells = [f"{part.gib:.2f}" if one is None or one in part.phases else "" for one in shown]
            table.add_row(part.name, *cells)
        table.add_section()
        table.add_row("needed", *[f"{self.compute_need(one):.2f}" for one in shown])
        table.add_row("there is", *[f"{self.machine.gib:.2f}" for _ in shown])
        yield table
