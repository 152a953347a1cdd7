"""The options of `distill`."""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from distill.common.options import SPEED, TrainingOptions

ROWS_END_TO_END: Final = ("micro_batch_tokens", "padding_free", "offload_activations")
"""Options of SFT's own trainer."""


class OnPolicyOptions(BaseModel):
    """How the student's own responses are sampled, on which it is then compared with its teacher."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    temperature: float = Field(default=1.0, gt=0)
    """Sampling temperature, also of the two distributions that are compared."""
    max_tokens: int = Field(default=4096, gt=0)
    """Longest response in tokens; one that is cut off there is learned from all the same."""
    samples: int = Field(default=1, gt=0)
    """Responses to a prompt in one step; all of them count as rows of the batch."""
    rollout: Literal["auto", "transformers", "vllm"] = "auto"
    """vllm: inside the training processes, on their GPUs. transformers: its own generate. auto: vllm on GPUs if installed, else transformers."""
    gpu_memory: float = Field(default=0.3, gt=0, lt=1)
    """Share of each GPU's memory that vllm takes beside the training."""
    tensor_parallel: int = Field(default=1, gt=0)
    """GPUs that share one copy of the student in vllm."""


class DistillOptions(TrainingOptions):
    """Fine-tune a student on a set. The defaults are those of the DeepSeek-R1 paper where it gives any."""

    flags: ClassVar = {
        **TrainingOptions.flags,
        "temperature": "on_policy.temperature",
        "max_tokens": "on_policy.max_tokens",
        "samples": "on_policy.samples",
        "rollout": "on_policy.rollout",
    }

    name: str = "student"
    """Name of the trained model in the run."""
    dataset: str = "sft"
    """A set of the run, or a Parquet or JSON Lines file or folder with the columns prompt and completion."""
    method: Literal["sft", "logits", "on_policy"] = "sft"
    """sft: learn the set's completions, as the paper's students did. logits: match the teacher's distribution at each token of these. on_policy: match it at each token of the student's own responses to the set's prompts, whose completions are not used."""
    teacher: str | None = None
    """The model to match with logits and on_policy: a folder or a Hub id, of the same vocabulary as the student."""
    teacher_revision: str | None = None
    """The teacher's Hub commit, branch or tag."""
    divergence: float | None = Field(default=None, ge=0, le=1)
    """What is minimized between teacher and student: 0 is the forward KL (cover all that the teacher would say), 1 the reverse KL (say only what it would), between them the generalized Jensen-Shannon divergence. Default: 0 with logits, 1 with on_policy."""
    epochs: float = Field(default=3, gt=0)
    """Passes over the whole set. The paper uses 2 to 3 for its 800,000 rows; smaller sets need more."""
    learning_rate: float | None = Field(default=None, gt=0)
    """Peak learning rate, decayed by a cosine to a tenth. Default: the paper's for a student of this name or size, ten times that with LoRA; with on_policy 1e-6, as TRL has it, and ten times that with LoRA."""
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
    drop_bad: bool = False
    """Leave out rows that would teach nothing or the wrong thing, and count them by kind; without it they refuse the training."""
    max_too_long: float = Field(default=0.25, ge=0, le=1)
    """Share of the rows that may be longer than max_length (of the prompts, with on_policy, than what max_tokens leaves of it); more refuse the training: the longest chains belong to the hardest prompts."""
    on_policy: OnPolicyOptions = OnPolicyOptions()

    @property
    def beta(self) -> float:
        """The divergence in TRL's terms: 0 forward KL, 1 reverse KL."""
        return (self.method == "on_policy") * 1.0 if self.divergence is None else self.divergence

    @model_validator(mode="after")
    def _refuse_idle_options(self) -> DistillOptions:
        """An option that would have no effect is a misunderstanding, found out after the training otherwise."""
        idle = [
            name for name in ("teacher", "teacher_revision", "divergence") if getattr(self, name) is not None
        ]
        if self.method == "sft" and idle:
            raise ValueError(
                f"{idle[0]} has no effect with method=sft, which learns the set's completions alone: "
                "add method=logits or method=on_policy"
            )
        rows = [
            name for name in ROWS_END_TO_END if getattr(self, name) != type(self).model_fields[name].default
        ]
        if self.method != "sft" and rows:
            raise ValueError(
                f"{rows[0]} has no effect with method={self.method}, whose micro batches are padded rows: "
                "set micro_batch_size"
            )
        if self.method != "sft" and self.teacher is None:
            raise ValueError(f"method={self.method} needs a teacher: a model folder or a Hub id")
        sampling = OnPolicyOptions()
        given = [
            name
            for name in OnPolicyOptions.model_fields
            if getattr(self.on_policy, name) != getattr(sampling, name)
        ]
        if self.method != "on_policy" and given:
            raise ValueError(
                f"on_policy.{given[0]} has no effect with method={self.method}, which samples nothing"
            )
        if self.method == "on_policy" and self.batch_size % self.on_policy.samples:
            raise ValueError(
                f"batch_size={self.batch_size} is not a multiple of samples={self.on_policy.samples}"
            )
        return self


FASTER: Final = SPEED | {"micro_batch_tokens", "padding_free", "offload_activations"}
"""Options that change how fast a fine-tuning goes and what memory it takes, and its result by rounding at most."""
