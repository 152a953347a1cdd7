"""The options of `distill`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from distill.common.options import SPEED, TrainingOptions


class DistillOptions(TrainingOptions):
    """Fine-tune a student on a set. The defaults are those of the DeepSeek-R1 paper where it gives any."""

    name: str = "student"
    """Name of the trained model in the run."""
    dataset: str = "sft"
    """A set of the run, or a Parquet or JSON Lines file or folder with the columns prompt and completion."""
    epochs: float = Field(default=3, gt=0)
    """Passes over the whole set. The paper uses 2 to 3 for its 800,000 rows; smaller sets need more."""
    learning_rate: float | None = Field(default=None, gt=0)
    """Peak learning rate, decayed by a cosine to a tenth. Default: the paper's for a student of this name or size, ten times that with LoRA."""
    batch_size: int = Field(default=64, gt=0)
    """Rows per optimizer step, over all devices, however many there are."""
    max_length: int = Field(default=32768, gt=0)
    """Longest row in tokens; longer rows are left out whole and counted."""
    warmup: float = Field(default=0.03, ge=0, lt=1)
    """Share of the steps during which the learning rate rises from 0."""
    micro_batch_size: int | None = Field(default=None, gt=0)
    """The most rows per device in one forward pass; affects speed and memory only. Default: as many as micro_batch_tokens allows."""
    micro_batch_tokens: int | None = Field(default=None, gt=0)
    """The most tokens per device in one forward pass, padding included; a longer row goes alone. Default: 16384 or the longest row on a GPU, 1024 on a CPU."""
    padding_free: bool | None = None
    """Train on rows laid end to end, none of which sees another, instead of padding them. Default: where the model's family is known to allow it and the device is fast at it."""
    offload_activations: bool = False
    """Keep the activations between layers in the CPU's memory, for rows that are too long for the GPU's; slower."""
    shard: Literal["auto", "none", "fsdp2", "zero3"] = "auto"
    """How several GPUs share the model and its optimizer: not at all (each holds all of it), by torch's FSDP2, or by DeepSpeed's ZeRO-3, which must be installed. auto: fsdp2 where one GPU cannot hold all of it."""


FASTER: Final = SPEED | {"micro_batch_tokens", "padding_free", "offload_activations", "shard"}
"""Options that change how fast a fine-tuning goes and what memory it takes, and its result by rounding at most."""
