"""The options of `grpo`."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from curate.readers.read_rows import ColumnMap
from curate.store.model_info import RENAMED_GRPO_OPTIONS
from distill.common.options import TrainingOptions
from distill.grpo.presets import Preset, apply_preset
from distill.grpo.rewards import Reward


class PromptsOptions(BaseModel):
    """Prompts beside the others."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    prompts: str
    """A file, datasets folder or Hub data set with the column prompt."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of the prompts, as ours=theirs."""
    split: str = "train"
    """The split of a data set."""
    config: str | None = None
    """The configuration of a data set that has several."""
    limit: int | None = Field(default=None, gt=0)
    """Use only the first N prompts."""


class GeneralOptions(PromptsOptions):
    """General prompts beside the reasoning ones, as in the paper's RL for all scenarios, and when they join."""

    share: float = Field(default=0.5, gt=0, lt=1)
    """Share of general prompts per step."""
    last_steps: int | None = Field(default=None, gt=0)
    """Use general prompts, and the rewards on them, in the last N steps only; the paper: 400 of 1,700. Default: in all steps."""

    def step_shares(self) -> dict[str, Any]:
        """How many of a step's prompts are general, and from which step on."""
        return {"share": self.share, "last_steps": self.last_steps}


class PolicySampling(BaseModel):
    """How the policy's responses are sampled."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: float = Field(default=1.0, gt=0)
    """Sampling temperature. The paper uses 1, and 0.7 in its last stage."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Nucleus sampling: the smallest set of tokens with this much probability."""
    top_k: int | None = Field(default=None, gt=0)
    """Sample from the k most likely tokens only. Default: from all."""
    max_tokens: int = Field(default=32768, gt=0)
    """Longest response in tokens."""


class RolloutOptions(BaseModel):
    """Which engine samples the policy during training."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    kind: Literal["auto", "transformers", "vllm", "server"] = "auto"
    """vllm: inside the training processes, on their GPUs. server: a running vLLM server on GPUs of its own. transformers: its own generate. auto: vllm on GPUs if installed, else transformers."""
    server: str = "http://127.0.0.1:8000"
    """Base URL of the server, started as `VLLM_SERVER_DEV_MODE=1 vllm serve MODEL --weight-transfer-config '{"backend":"nccl"}' --logprobs-mode processed_logprobs --max-logprobs -1 --generation-config vllm`."""
    transfer_port: int = Field(default=51216, gt=0, lt=65536)
    """Port of this machine through which the server gets the weights after each step; two trainings at once need two."""
    gpu_memory: float | None = Field(default=None, gt=0, lt=1)
    """Share of each GPU's memory that vllm takes beside the training. Default: what the training leaves."""
    tensor_parallel: int | None = Field(default=None, gt=0)
    """GPUs that share one copy of the model in vllm. Default: the fewest that leave its cache enough room."""
    sleep: bool | None = None
    """vllm gives its memory back while the weights are trained. Default: on GPUs."""


class GrpoOptions(TrainingOptions):
    """Train a model with GRPO. The defaults are DeepSeek-R1's."""

    flags: ClassVar = {
        **TrainingOptions.flags,
        "temperature": "sampling.temperature",
        "max_tokens": "sampling.max_tokens",
        "general": "general.prompts",
        "coding": "coding.prompts",
        "rollout": "rollout.kind",
    }
    renamed: ClassVar = RENAMED_GRPO_OPTIONS

    name: str = "teacher"
    """Name of the trained model in the run."""
    prompts: str
    """A file (JSON Lines, JSON, CSV, Parquet), datasets folder or Hub data set with the columns prompt and answer."""
    preset: Preset = "r1"
    """Published settings for every option that is not given: r1, r1-zero, dapo or dr-grpo."""
    reward: tuple[Reward, ...] = Field(
        default=("math_answer", "format", "language_share"), validate_default=True
    )
    """A check as a reward, as NAME or NAME:option=value,…; the first one decides what is correct. Repeatable."""
    limit: int | None = Field(default=None, gt=0)
    """Use only the first N prompts."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of the prompts, as ours=theirs. Repeatable."""
    split: str = "train"
    """The split of a data set."""
    config: str | None = None
    """The configuration of a data set that has several."""
    rates: str | None = None
    """Name of samples in the run: use only prompts whose pass rate among them lies within pass_rate. Default: all prompts."""
    pass_rate: tuple[float, float] = (0.05, 0.95)
    """Lowest and highest pass rate of the prompts that `rates` selects; as a flag, given twice."""
    steps: int = Field(default=1000, gt=0)
    """Optimizer steps. The paper's R1-Zero took 10,400."""
    prompts_per_step: int = Field(default=32, gt=0)
    """Prompts per optimizer step."""
    group_size: int = Field(default=16, ge=2)
    """Samples per prompt; rewards are compared within this group."""
    rollout_steps: int = Field(default=1, gt=0)
    """Optimizer steps per rollout of the policy. The paper uses each rollout of 8,192 samples for 16 steps."""
    learning_rate: float = Field(default=3e-6, gt=0)
    """Learning rate, constant."""
    kl_coefficient: float = Field(default=0.001, ge=0, allow_inf_nan=False)
    """KL coefficient (beta): weight of the divergence from the reference model; at 0 there is no reference model."""
    reference_steps: int | None = Field(default=400, gt=0)
    """Replace the reference model by the policy every N steps; null in a recipe keeps the first one. No effect with LoRA or a KL coefficient of 0."""
    clip_range: float = Field(default=10.0, gt=0, allow_inf_nan=False)
    """PPO clip range (epsilon): how far a token's probability ratio may move from 1 before its gradient is cut."""
    clip_range_high: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """PPO clip range above 1. Default: clip_range."""
    loss: Literal["grpo", "dapo", "dr_grpo", "bnpo"] = "grpo"
    """How the loss is averaged over tokens: grpo per sample, dapo over the batch, dr_grpo by a constant, bnpo over the micro batch."""
    scale_rewards: bool = True
    """Divide advantages by the standard deviation of the rewards in their group."""
    mask_truncated: bool = False
    """Exclude samples that were cut off at max_tokens from the loss."""
    stop_on_trouble: bool = False
    """Stop when the training diagnostics find trouble (collapse, no signal, special think tags, …) instead of only logging it."""
    workers: int | None = Field(default=None, gt=0)
    """Worker processes that run checks. Default: one per core."""
    sampling: PolicySampling = PolicySampling()
    general: GeneralOptions | None = None
    coding: PromptsOptions | None = None
    rollout: RolloutOptions = RolloutOptions()

    @property
    def reference_interval(self) -> int | None:
        """Steps after which the reference model is replaced; None where it stays, or there is no separate one."""
        return self.reference_steps if self.kl_coefficient and self.lora is None else None

    @model_validator(mode="before")
    @classmethod
    def _apply_preset(cls, values: Any) -> Any:
        return apply_preset(values) if isinstance(values, dict) else values
