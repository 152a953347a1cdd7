"""`grpo`: train a teacher on rewards that checks give, the very checks that later judge its samples.

Group Relative Policy Optimization (DeepSeekMath, arXiv 2402.03300) as DeepSeek-R1 used it (arXiv 2501.12948):
each prompt is sampled many times and each sample rewarded; samples that earned more than the mean of their
group become more likely.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean

from rich.console import RenderableType
from rich.table import Table

from distill.common.launch import TrainResult, get_rank, run_training
from distill.grpo.options import GrpoOptions
from distill.grpo.plan import make_plan


@dataclass(frozen=True, slots=True)
class GrpoResult(TrainResult):
    """A model trained with GRPO, with a table of how the training went."""

    def render(self) -> Iterator[RenderableType]:
        """The training in one row; nothing in the other processes of a training on several GPUs."""
        if get_rank() == 0:
            yield _table(self)


def train_grpo(options: GrpoOptions) -> GrpoResult:
    """Train a model with GRPO: sample each prompt many times, reward the samples with checks, reinforce the better ones.

    Reads prompts with the columns prompt and answer (rename with --map). Writes RUN/models/NAME: weights,
    tokenizer, chat template, r1curate.json and rollouts.jsonl. Running it again finds the finished model, or
    resumes an interrupted training from its last checkpoint.

    Example: r1curate grpo --run runs/r1 --prompts problems.jsonl --model Qwen/Qwen2.5-7B --preset r1-zero
    """
    return GrpoResult(*run_training(options, make_plan, "distill.grpo", "distill.grpo.training"))


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
