"""`distill`: supervised fine-tuning of a student on a set with TRL, which is all that R1's students got.

Where a teacher's distribution is to be matched instead, the training is that of `distill.matching`.

Heavy imports wait until there is something to train, so that naming options or finding a finished model
costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module

from rich.console import RenderableType
from rich.table import Table

from distill.common.launch import TrainResult, get_rank, run_training
from distill.sft.inspection import Inspection
from distill.sft.inspection_tables import render_inspection
from distill.sft.memory import require_memory, show_memory
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from filters.errors import UserError


@dataclass(frozen=True, slots=True)
class DistillResult(TrainResult):
    """A fine-tuned model, with a table of how the training went."""

    def render(self) -> Iterator[RenderableType]:
        """The training in one row; nothing in the other processes of a training on several GPUs or machines."""
        if get_rank() == 0 and self.about:
            yield _table(self)


@dataclass(frozen=True, slots=True)
class DryRunResult(DistillResult):
    """What would be trained on. folder: where the model would go; about: the inspection as JSON; unfit, too_large: why nothing would be trained, or None."""

    inspection: Inspection
    unfit: str | None
    too_large: str | None

    def render(self) -> Iterator[RenderableType]:
        """What was found, and whether there would be a training."""
        yield from render_inspection(self.inspection)
        yield f"\n{_tell_end(self)}"

    @property
    def exit_code(self) -> int:
        """2 where the training would be refused."""
        return 0 if self.unfit is None and self.too_large is None else 2


def distill_student(options: DistillOptions) -> DistillResult:
    """Fine-tune a student on a set of prompts and completions, with all weights or with LoRA.

    Reads RUN/sets/DATASET, or a file with the columns prompt and completion. Writes RUN/models/NAME: weights,
    tokenizer, chat template and r1curate.json. Running it again finds the finished model, or resumes an
    interrupted training from its last checkpoint.

    Every row is first looked at as the student will get it; rows that would teach nothing or the wrong thing refuse
    the training, unless --drop-bad leaves them out. --dry-run shows what was found and trains nothing.

    Example: r1curate distill --run runs/r1 --dataset sft --model Qwen/Qwen2.5-Math-1.5B --name qwen-1.5b
    """
    if options.dry_run:
        return _run_dry(options)
    return DistillResult(
        *run_training(options, make_plan, "distill.sft", f"distill.{_room(options)}.training", require_memory)
    )


def _room(options: DistillOptions) -> str:
    """The room whose training this is; named, since the rooms above this one are not imported."""
    return "sft" if options.method == "sft" else "matching"


def _run_dry(options: DistillOptions) -> DryRunResult:
    """The check and the estimate alone; the check by a module that imports torch. What is needed goes to standard error.

    A model that is not here has an estimate all the same, where its shape is known.
    """
    try:
        plan = make_plan(options)
        found: Inspection = import_module(f"distill.{_room(options)}.dry_run").inspect_plan(plan)
    except UserError:
        too_large = show_memory(options)
        if too_large is not None:
            raise UserError(too_large) from None
        raise
    too_large = show_memory(options, found.longest or None)
    unfit = found.explain_refusal(drop_bad=options.drop_bad)
    return DryRunResult(plan.folder, found.describe(), False, found, unfit, too_large)


def _tell_end(result: DryRunResult) -> str:
    found, total = result.inspection, result.inspection.total
    if result.unfit is not None:
        kinds = ", ".join([*found.set_faults, *found.row_faults])
        drop = " --drop-bad leaves out the bad rows." if total.bad and not found.set_faults else ""
        return f"'{found.student}' would not be trained on '{found.set}': {kinds}.{drop}"
    if result.too_large is not None:
        return f"'{found.student}' would not be trained: {result.too_large}"
    left_out = {"with a fault": total.bad, "too long": total.too_long}
    told = "".join(f", {rows:,} {why} left out" for why, rows in left_out.items() if rows)
    return f"'{found.student}' would be trained on {total.used:,} of {total.rows:,} rows{told}; nothing was trained."


def _table(result: DistillResult) -> Table:
    about = result.about
    table = Table("model", "method", "rows", "left out", "tokens", "steps", "last loss", "seconds")
    left_out = [f"{rows:,} {kind}" for kind, rows in about["left_out_by"].items() if rows]
    table.add_row(
        result.folder.name,
        about["kind"],
        f"{about['rows']:,}",
        "\n".join(left_out) or "0",
        f"{about['tokens']:,}",
        f"{about['steps']:,}",
        f"{about['loss'][-1]['loss']:.3f}",
        f"{about['seconds']:.0f}",
    )
    return table
