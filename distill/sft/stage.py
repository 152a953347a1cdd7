"""`distill`: supervised fine-tuning of a student on a set with TRL, which is all that R1's students got.

Where a teacher's distribution is to be matched instead, the training is that of `distill.matching`.

Heavy imports wait until there is something to train, so that naming options or finding a finished model
costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table

from distill.common.launch import TrainResult, get_rank, run_training
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan


@dataclass(frozen=True, slots=True)
class DistillResult(TrainResult):
    """A fine-tuned model, with a table of how the training went."""

    def render(self) -> Iterator[RenderableType]:
        """The training in one row; nothing in the other processes of a training on several GPUs."""
        if get_rank() == 0:
            yield _table(self)


def distill_student(options: DistillOptions) -> DistillResult:
    """Fine-tune a student on a set of prompts and completions, with all weights or with LoRA.

    Reads RUN/sets/DATASET, or a file with the columns prompt and completion. Writes RUN/models/NAME: weights,
    tokenizer, chat template and r1curate.json. Running it again finds the finished model, or resumes an
    interrupted training from its last checkpoint.

    Example: r1curate distill --run runs/r1 --dataset sft --model Qwen/Qwen2.5-Math-1.5B --name qwen-1.5b
    """
    room = "sft" if options.method == "sft" else "matching"
    return DistillResult(*run_training(options, make_plan, "distill.sft", f"distill.{room}.training"))


def _table(result: DistillResult) -> Table:
    about = result.about
    table = Table("model", "method", "rows", "left out", "tokens", "steps", "last loss", "seconds")
    table.add_row(
        result.folder.name,
        about["kind"],
        f"{about['rows']:,}",
        f"{about['left_out']:,}",
        f"{about['tokens']:,}",
        f"{about['steps']:,}",
        f"{about['loss'][-1]['loss']:.3f}",
        f"{about['seconds']:.0f}",
    )
    return table
