"""`distill_student`: fine-tune a student on a set with TRL's SFT, which is all that the paper's students got.

Heavy imports wait until there is something to train, so that naming options or finding a finished model
costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field
from rich.console import RenderableType
from rich.table import Table

from curate.store.layout import Run
from distill.common import job
from distill.sft.corpus import find_set, set_digest
from filters.digest import digest


class DistillOptions(job.TrainingOptions):
    """Fine-tune a student on a set. The defaults are the paper's, where it tells."""

    name: str = "student"
    """What the trained model is called in the run."""
    dataset: str = "sft"
    """A set of the run, or a Parquet or JSON Lines file or folder with the columns prompt and completion."""
    epochs: float = Field(3, gt=0)
    """Times the whole set is seen; the paper says 2 to 3, and sets smaller than its 800,000 rows want more."""
    learning_rate: float | None = Field(None, gt=0)
    """The highest learning rate, from which a cosine falls to a tenth; none takes the paper's for a student of that name or size, ten times that with LoRA."""
    batch_size: int = Field(64, gt=0)
    """Rows an optimiser step, over all devices."""
    max_length: int = Field(32768, gt=0)
    """Longest row in tokens; longer ones are left out whole and counted."""
    warmup: float = Field(0.03, ge=0, lt=1)
    """Share of the steps in which the learning rate rises from 0."""


@dataclass(frozen=True, slots=True)
class SftPlan(job.Plan):
    """A plan with the set to train on."""

    options: DistillOptions
    set: Path
    set_digest: str


@dataclass(frozen=True, slots=True)
class DistillResult(job.TrainResult):
    """A trained model, with a table of how the training went."""

    def render(self) -> Iterator[RenderableType]:
        """The training in one row; nothing in the other processes of a training on several GPUs."""
        if job.rank() == 0:
            yield _table(self)


def distill_student(options: DistillOptions) -> DistillResult:
    """Fine-tune a student on a set of prompts and completions, with all weights or with LoRA.

    Reads RUN/sets/DATASET, or a file with the columns prompt and completion. Writes RUN/models/NAME: weights,
    tokenizer, chat template and r1curate.json. A rerun finds the model there; a killed run goes on.

    Example: r1curate distill --run runs/r1 --dataset sft --model Qwen/Qwen2.5-Math-1.5B --name qwen-1.5b
    """
    return DistillResult(*job.run_training(options, make_plan, "distill.sft", "distill.sft.training"))


def make_plan(options: DistillOptions) -> SftPlan:
    """Find the set, the student and the template. Raises UserError where one is not there."""
    folder, base, template = job.resolve_start(options)
    source = find_set(Run(options.run), options.dataset)
    content = set_digest(source)
    how = options.model_dump(mode="json", exclude={*job.PLACES, *job.SPEED, "dataset"})
    return SftPlan(
        folder, base, digest("distill", how, base.key, template, content), options, source, content
    )


def _table(result: DistillResult) -> Table:
    about = result.about
    table = Table("model", "rows", "left out", "tokens", "steps", "last loss", "seconds")
    table.add_row(
        result.folder.name,
        f"{about['rows']:,}",
        f"{about['left_out']:,}",
        f"{about['tokens']:,}",
        f"{about['steps']:,}",
        f"{about['loss'][-1]['loss']:.3f}",
        f"{about['seconds']:.0f}",
    )
    return table
