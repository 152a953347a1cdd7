"""The options that all trainings share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Final, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
)

from curate.options import StageOptions


class LoraOptions(BaseModel):
    """Train low-rank adapters instead of all weights; at the end they are merged into the model, or kept apart."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    rank: int = Field(default=32, gt=0)
    """Rank of the adapters."""
    alpha: float = Field(default=32.0, gt=0)
    """The adapters' output is scaled by alpha / rank."""
    targets: str | tuple[str, ...] = "all-linear"
    """The ends of the names of the modules that get an adapter, or one regular expression of whole names; all-linear means every linear layer except the head."""
    merge: bool = True
    """Merge the adapters into the saved model, which then loads like any other. Otherwise the model's folder holds the adapters alone, to load with peft on top of the base model."""

    @field_validator("targets")
    @classmethod
    def _require_pattern(cls, targets: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if not targets:
            raise ValueError("it is empty: nothing would be trained")
        if isinstance(targets, str):
            try:
                re.compile(targets)
            except re.error as error:
                raise ValueError(f"'{targets}' is no regular expression ({error})") from None
        return targets

    @model_serializer(mode="wrap")
    def _without_what_is_usual(self, dump: SerializerFunctionWrapHandler) -> dict[str, object]:
        # Models that were trained before there was the option are found by the same key.
        values: dict[str, object] = dump(self)
        return {name: value for name, value in values.items() if name != "merge" or value is False}


class TrainingOptions(StageOptions):
    """Which model is trained, how its weights are held, and where the result goes."""

    flags: ClassVar[Mapping[str, str]] = {"lora_rank": "lora.rank"}

    run: Path
    """The run folder; created if it does not exist."""
    model: str = Field(min_length=1)
    """The model to train: a folder or a Hub id of a Qwen, Llama or other causal language model."""
    name: str
    """Name of the trained model in the run."""
    revision: str | None = None
    """The model's Hub commit, branch or tag."""
    template: str | None = None
    """A Jinja chat template, by file or by built-in name (e.g. r1-zero), that replaces the model's own and is saved with it."""
    micro_batch_size: int | None = Field(default=None, gt=0)
    """Rows per device in one forward pass; affects speed and memory only. Default: as many as the longest row allows."""
    weight_decay: float = Field(default=0.0, ge=0)
    """Weight decay of AdamW."""
    seed: int = 0
    """Seed of the order of rows, of sampling, and of LoRA's initial weights."""
    dtype: Literal["auto", "bfloat16", "float32"] = "auto"
    """Type of the weights during training. auto: float32, with bfloat16 autocast on a GPU. bfloat16: half the memory, but weights and moments in bfloat16 too, which lose updates smaller than 1/256 of a weight. The model is saved in its own type."""
    gradient_checkpointing: bool | None = None
    """Recompute activations in the backward pass to save memory. Default: only on a GPU."""
    save_minutes: float = Field(default=30, ge=0)
    """Minutes between checkpoints; an interrupted training resumes from the last one."""
    dry_run: bool = False
    """Only check and estimate: say what would be trained on and what it needs, train nothing, write nothing. Exits 2 where the training would be refused."""
    gpus: int | None = Field(default=None, ge=0)
    """GPUs to plan for, and with `on` ray to train on; 0 is a CPU. Default: those of this machine, or of the cluster."""
    gpu_memory: float | None = Field(default=None, gt=0)
    """Memory of each of these GPUs in GiB, e.g. 80. Default: what this machine's GPUs have."""
    shard: Literal["auto", "none", "fsdp2", "zero3"] = "auto"
    """How weights, gradients and optimizer are spread over several GPUs. none: a full copy on each. fsdp2: PyTorch's sharding. zero3: DeepSpeed's. auto: none where that fits, else fsdp2."""
    on: str = "local"
    """Where the training runs: local, on this machine; slurm, on all machines of the allocation, or of the step that this command is a task of; ray, on the cluster that RAY_ADDRESS names, or ray:ADDRESS, on `gpus` of its GPUs or all. The run folder must lie where all machines see it."""
    report_to: tuple[str, ...] = ()
    """Experiment trackers to report to, e.g. tensorboard or wandb; they must be installed. Repeatable."""
    lora: LoraOptions | None = None


PLACES: Final = frozenset({"run", "name", "model", "revision", "template"})
"""Options that say where things are; the content of what they name is part of a training's key instead."""
SPEED: Final = frozenset(
    {
        *("micro_batch_size", "gradient_checkpointing", "save_minutes", "report_to"),
        *("dry_run", "gpus", "gpu_memory", "shard", "on"),
    }
)
"""Options that change how fast a training goes, or whether, and nothing about its result."""
