"""`grpo`: train a teacher on rewards that checks give, the very checks that later judge its samples.

Group Relative Policy Optimization (DeepSeekMath, arXiv 2402.03300) as DeepSeek-R1 used it (arXiv 2501.12948):
each prompt is sampled many times and each sample rewarded; samples that earned more than the mean of their
group become more likely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from statistics import fmean

from rich.console import RenderableType
from rich.table import Table

from curate.memory.find_shape import Shapes
from curate.memory.preview import show_preview
from curate.store.layout import name_run
from distill.common.launch import TrainResult, get_rank, run_training
from distill.grpo.memory import preview_memory, require_memory
from distill.grpo.options import GrpoOptions
from distill.grpo.plan import collect_prompts, make_plan
from filters.errors import UserError


@dataclass(frozen=True, slots=True)
class GrpoResult(TrainResult):
    """A model trained with GRPO, with a table of how the training went."""

    def render(self) -> Iterator[RenderableType]:
        """The training in one row; nothing in the other processes of a training on several GPUs or machines."""
        if get_rank() == 0 and self.about:
            yield _table(self)


@dataclass(frozen=True, slots=True)
class GrpoDryRun(GrpoResult):
    """What a dry run gives: where the model would go, and how many prompts there are. What it needs was shown on standard error."""

    def render(self) -> Iterator[RenderableType]:
        """What would be trained on."""
        general = self.about["general_prompts"]
        beside = f" and {general:,} general ones" if general else ""
        yield f"'{self.folder.name}' would be trained on {self.about['prompts']:,} prompts{beside}; nothing was trained."


def train_grpo(options: GrpoOptions) -> GrpoResult:
    """Train a model with GRPO: sample each prompt many times, reward the samples with checks, reinforce the better ones.

    Reads prompts with the columns prompt and answer (rename with --map). Writes RUN/models/NAME: weights,
    tokenizer, chat template, r1curate.json and rollouts.jsonl. Running it again finds the finished model, or
    resumes an interrupted training from its last checkpoint.

    Example: r1curate grpo --run runs/r1 --prompts problems.jsonl --model Qwen/Qwen2.5-7B --preset r1-zero
    """
    if options.dry_run:
        return _run_dry(options)
    made = run_training(options, make_plan, "distill.grpo", "distill.grpo.training", require_memory)
    return GrpoResult(*made)


def _run_dry(options: GrpoOptions) -> GrpoDryRun:
    """Show what the training needs, and look at its prompts; UserError where it would be refused."""
    refusal = show_preview(preview_memory(options, Shapes()))
    reasoning, general = collect_prompts(options)
    if refusal is not None:
        raise UserError(refusal)
    import_module("distill.grpo.dry_run").require_trainable(options, reasoning, general)
    folder = name_run(options.run).model(options.name)
    return GrpoDryRun(folder, {"prompts": len(reasoning), "general_prompts": len(general)}, False)


def _table(result: GrpoResult) -> Table:
    """The first and the last tenth of the training, side by side."""
    curve = result.about["curve"]
    tenth = max(1, len(curve) // 10)
    names = [f"reward {name}" for name in result.about["rewards"]]
    table = Table("model", "steps", "reward", *result.about["rewards"], "tokens", "seconds")

    def change(name: str) -> str:
        ends = [
            [p[name] for p in part if p.get(name) is not None] for part in (curve[:tenth], curve[-tenth:])
        ]
        digits = 0 if name == "tokens" else 2
        return " -> ".join(f"{fmean(values):,.{digits}f}" if values else "-" for values in ends)

    changes = [change(name) for name in ("reward", *names, "tokens")]
    table.add_row(
        result.folder.name, f"{result.about['steps']:,}", *changes, f"{result.about['seconds']:.0f}"
    )
    return table
