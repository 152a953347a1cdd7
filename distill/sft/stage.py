"""`distill`: supervised fine-tuning of a student on a set with TRL, which is all that R1's students got.

Heavy imports wait until there is something to train, so that naming options or finding a finished model
costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table

from curate.store.layout import name_run
from distill.common.launch import TrainResult, get_rank, run_training
from distill.sft.memory import require_memory, show_memory
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from filters.errors import UserError


@dataclass(frozen=True, slots=True)
class DistillResult(TrainResult):
    """A fine-tuned model, with a table of how the training went."""

    def render(self) -> Iterator[RenderableType]:
        """The training in one row; nothing in the other processes of a training on several GPUs."""
        if get_rank() == 0:
            yield _table(self)


@dataclass(frozen=True, slots=True)
class DistillDryRun(DistillResult):
    """What a dry run gives: the folder the model would go to. What it needs was shown on standard error."""

    def render(self) -> Iterator[RenderableType]:
        """That nothing was trained."""
        yield f"'{self.folder.name}' would be trained into {self.folder}; nothing was trained."


def distill_student(options: DistillOptions) -> DistillResult:
    """Fine-tune a student on a set of prompts and completions, with all weights or with LoRA.

    Reads RUN/sets/DATASET, or a file with the columns prompt and completion. Writes RUN/models/NAME: weights,
    tokenizer, chat template and r1curate.json. Running it again finds the finished model, or resumes an
    interrupted training from its last checkpoint.

    Example: r1curate distill --run runs/r1 --dataset sft --model Qwen/Qwen2.5-Math-1.5B --name qwen-1.5b
    """
    if options.dry_run:
        refusal = show_memory(options)
        if refusal is not None:
            raise UserError(refusal)
        return DistillDryRun(name_run(options.run).model(options.name), {}, False)
    made = run_training(options, make_plan, "distill.sft", "distill.sft.training", require_memory)
    return DistillResult(*made)


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
