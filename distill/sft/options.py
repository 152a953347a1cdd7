"""The options of `distill`."""

from __future__ import annotations

from pydantic import Field

from distill.common.options import TrainingOptions


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
    """Rows per optimizer step, over all devices."""
    max_length: int = Field(default=32768, gt=0)
    """Longest row in tokens; longer rows are left out whole and counted."""
    warmup: float = Field(default=0.03, ge=0, lt=1)
    """Share of the steps during which the learning rate rises from 0."""
    drop_bad: bool = False
    """Leave out rows that would teach nothing or the wrong thing, and count them by kind; without it they refuse the training."""
    max_too_long: float = Field(default=0.25, ge=0, le=1)
    """Share of the rows that may be longer than max_length; more refuse the training: the longest chains belong to the hardest prompts."""
