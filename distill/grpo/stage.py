"""`train_grpo`: train a teacher on rewards that checks give, the very checks that later judge its samples.

Group Relative Policy Optimization (DeepSeekMath, arXiv 2402.03300) as DeepSeek-R1 used it (arXiv 2501.12948):
many samples of a question, each rewarded; what earned more than its group becomes likelier.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from rich.console import RenderableType
from rich.table import Table

from curate.readers.prompts import prompts_of
from curate.readers.rows import ColumnMap, read_rows
from curate.store.layout import Run
from distill.common import job
from distill.grpo.presets import Preset, with_preset
from distill.grpo.rewards import Reward, checked
from distill.grpo.schedule import picked
from filters.digest import digest
from filters.errors import UserError
from filters.spec import require_distinct_labels
from filters.types import Prompt


class GeneralOptions(BaseModel):
    """General prompts beside the reasoning ones, and when they join: the paper's RL for all scenarios."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    prompts: str
    """A file, datasets folder or Hub set with the column prompt."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of the prompts, as ours=theirs."""
    split: str = "train"
    """The split of a data set."""
    limit: int | None = Field(None, gt=0)
    """Only the first so many prompts."""
    share: float = Field(0.5, gt=0, lt=1)
    """Share of a step's questions that is general."""
    last_steps: int | None = Field(None, gt=0)
    """General prompts, and so the rewards on them, join in the last so many steps; the paper: 400 of 1,700. None: from the first."""

    def when(self) -> dict[str, Any]:
        """How many of a step's questions are general, and from when on."""
        return {"share": self.share, "last_steps": self.last_steps}


class PolicySampling(BaseModel):
    """How the policy's responses are drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: float = Field(1.0, gt=0)
    """The paper samples at 1, in its last stage at 0.7."""
    top_p: float = Field(1.0, gt=0, le=1)
    """Nucleus: the smallest set of tokens with this much probability."""
    top_k: int | None = Field(None, gt=0)
    """Only the k likeliest tokens; none means all."""
    max_tokens: int = Field(32768, gt=0)
    """Longest response in tokens."""


class RolloutOptions(BaseModel):
    """What samples the policy while it is trained."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Literal["auto", "transformers", "vllm", "server"] = "auto"
    """vllm: in the training processes, on their GPUs. server: a `trl vllm-serve`. transformers: its generate, as on a CPU. auto: vllm on GPUs where it is installed."""
    server: str = "http://127.0.0.1:8000"
    """Base URL of a `trl vllm-serve --model MODEL --logprobs-mode processed_logprobs`."""
    gpu_memory: float = Field(0.3, gt=0, lt=1)
    """Share of each GPU's memory that vllm takes beside the training."""
    tensor_parallel: int = Field(1, gt=0)
    """GPUs that share one copy of the model in vllm."""


class GrpoOptions(job.TrainingOptions):
    """Train a model on rewards. The defaults are DeepSeek-R1's."""

    flags: ClassVar = {
        **job.TrainingOptions.flags,
        "temperature": "sampling.temperature",
        "max_tokens": "sampling.max_tokens",
        "general": "general.prompts",
        "rollout": "rollout.kind",
    }

    name: str = "teacher"
    """What the trained model is called in the run."""
    prompts: str
    """A file (JSON Lines, JSON, CSV, Parquet), datasets folder or Hub set with the columns prompt and answer."""
    preset: Preset = "r1"
    """Whose settings fill what is not given: r1, r1-zero, dapo or dr-grpo."""
    reward: tuple[Reward, ...] = Field(("math_answer", "format", "language_share"), validate_default=True)
    """A check as a reward, as NAME or NAME:option=value,…; the first says what is correct. Repeatable."""
    limit: int | None = Field(None, gt=0)
    """Only the first so many prompts."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of the prompts, as ours=theirs. Repeatable."""
    split: str = "train"
    """The split of a data set."""
    rates: str | None = None
    """Samples of the run by name: only prompts whose pass rate there lies in pass_rate are taken."""
    pass_rate: tuple[float, float] = (0.05, 0.95)
    """Lowest and highest pass rate of the prompts that `rates` picks; given twice as a flag."""
    steps: int = Field(1000, gt=0)
    """Optimiser steps; the paper's R1-Zero took 10,400."""
    questions: int = Field(32, gt=0)
    """Prompts an optimiser step."""
    samples: int = Field(16, ge=2)
    """Samples of a prompt: the group in which rewards are compared."""
    rollout_steps: int = Field(1, gt=0)
    """Optimiser steps that share one rollout of the policy; the paper's 8,192 outputs are 16."""
    learning_rate: float = Field(3e-6, gt=0)
    """The learning rate, constant."""
    kl: float = Field(0.001, ge=0, allow_inf_nan=False)
    """Weight of the divergence from the reference model; 0 keeps none."""
    reference_steps: int | None = Field(400, gt=0)
    """Steps after which the reference model is replaced by the policy; none keeps the first. Without effect with LoRA or kl 0."""
    clip: float = Field(10.0, gt=0, allow_inf_nan=False)
    """How far a token's probability ratio may leave 1 before its gradient is cut."""
    clip_high: float | None = Field(None, gt=0, allow_inf_nan=False)
    """The same above 1, where it differs."""
    loss: Literal["grpo", "dapo", "dr_grpo", "bnpo"] = "grpo"
    """How tokens are averaged: grpo by sample, dapo over the batch, dr_grpo by a constant, bnpo over the micro batch."""
    scale_rewards: bool = True
    """Divide advantages by the deviation of their group."""
    mask_truncated: bool = False
    """Leave samples that were cut off at max_tokens out of the loss."""
    stop_on_trouble: bool = False
    """Stop when the policy collapses, nothing is learnt or the think tags are special tokens, in place of only saying so."""
    workers: int | None = Field(None, gt=0)
    """Processes that check; none means one a core."""
    sampling: PolicySampling = PolicySampling()
    general: GeneralOptions | None = None
    rollout: RolloutOptions = RolloutOptions()

    @property
    def replaced_after(self) -> int | None:
        """Steps after which the reference model is replaced; none where there is none of its own, or it stays."""
        return self.reference_steps if self.kl and self.lora is None else None

    @model_validator(mode="before")
    @classmethod
    def _filled(cls, values: Any) -> Any:
        return with_preset(values) if isinstance(values, dict) else values


@dataclass(frozen=True, slots=True)
class GrpoPlan(job.Plan):
    """A plan with the prompts to train on."""

    options: GrpoOptions
    reasoning: tuple[Prompt, ...]
    general: tuple[Prompt, ...]


@dataclass(frozen=True, slots=True)
class GrpoResult(job.TrainResult):
    """A trained model, with a table of how the training went."""

    def render(self) -> Iterator[RenderableType]:
        """The training in one row; nothing in the other processes of a training on several GPUs."""
        if job.rank() == 0:
            yield _table(self)


def train_grpo(options: GrpoOptions) -> GrpoResult:
    """Train a model with GRPO: many samples a prompt, rewarded by checks, until the better ones become likelier.

    Reads prompts with the columns prompt and answer (rename with --map). Writes RUN/models/NAME: weights,
    tokenizer, chat template, r1curate.json and rollouts.jsonl. A rerun finds the model there; a killed run goes
    on from its last checkpoint.

    Example: r1curate grpo --run runs/r1 --prompts problems.jsonl --model Qwen/Qwen2.5-7B --preset r1-zero
    """
    return GrpoResult(*job.run_training(options, make_plan, "distill.grpo", "distill.grpo.training"))


def make_plan(options: GrpoOptions) -> GrpoPlan:
    """Find the prompts, the model and the template. Raises UserError where one is not there."""
    require_distinct_labels(checked(options.reward, options.general is not None))
    folder, base, template = job.resolve_start(options)
    reasoning = list(_prompts(options, ("prompt", "answer")))
    if options.rates is not None:
        reasoning = picked(Run(options.run), reasoning, options.rates, *options.pass_rate)
    if not reasoning:
        raise UserError(f"There are no prompts in '{options.prompts}'.")
    general = [] if options.general is None else list(_prompts(options.general, ("prompt",)))
    if options.general is not None and not general:
        raise UserError(f"There are no prompts in '{options.general.prompts}'.")
    if general and options.questions < 2:
        raise UserError("With general prompts a step needs two questions at least: raise --questions.")
    key = digest("grpo", _how(options), base.key, template, _asked(reasoning), _asked(general))
    return GrpoPlan(folder, base, key, options, tuple(reasoning), tuple(general))


def _how(options: GrpoOptions) -> list[Any]:
    """All that decides what a training gives, beside the model and the prompts."""
    apart = {"reward", "general", "reference_steps", "prompts", "map", "split", "limit", "rates", "pass_rate"}
    idle = {*job.PLACES, *job.SPEED, "workers", "stop_on_trouble", "preset", "rollout"}
    # The mean of bnpo is over the rows that a device takes at once.
    micro = options.micro_batch_size if options.loss == "bnpo" else None
    return [
        options.model_dump(mode="json", exclude=apart | idle),
        [spec.key for spec in options.reward],
        None if options.general is None else options.general.when(),
        options.replaced_after,
        micro,
    ]


def _asked(prompts: Sequence[Prompt]) -> list[list[Any]]:
    """What checks may read of prompts, as their key."""
    return [[prompt.id, prompt.language, str(sorted(prompt.extra.items()))] for prompt in prompts]


def _prompts(source: GrpoOptions | GeneralOptions, required: tuple[str, ...]) -> list[Prompt]:
    rows = read_rows(source.prompts, source.split, source.map)
    listed = itertools.islice(prompts_of(rows, required), source.limit)
    return list({prompt.id: prompt for prompt in listed}.values())


def _table(result: GrpoResult) -> Table:
    """The first and the last tenth of the training, side by side."""
    curve = result.about["curve"]
    some = max(1, len(curve) // 10)
    names = [f"reward {name}" for name in result.about["rewards"]]
    table = Table("model", "steps", "reward", *result.about["rewards"], "tokens", "seconds")

    def change(name: str) -> str:
        ends = [[p[name] for p in part if p.get(name) is not None] for part in (curve[:some], curve[-some:])]
        digits = 0 if name == "tokens" else 2
        return " -> ".join(f"{fmean(values):,.{digits}f}" if values else "-" for values in ends)

    told = [change(name) for name in ("reward", *names, "tokens")]
    table.add_row(result.folder.name, f"{result.about['steps']:,}", *told, f"{result.about['seconds']:.0f}")
    return table
