"""What one run of the sampler may spend, and what it has done so far."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from filters.types import Status


class Budget(BaseModel):
    """What one call of the command may spend. When it is spent no new sample starts; those in flight are finished."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    samples: int | None = Field(default=None, gt=0)
    """Samples of this call of the command, at most."""
    tokens: int | None = Field(default=None, gt=0)
    """Sampled tokens of this call of the command, at most."""
    minutes: float | None = Field(default=None, gt=0)
    """Minutes of this call of the command, at most; loading the model does not count."""


@dataclass
class Counts:
    """What one run of the sampler did."""

    whole: int = 0
    accepted: int = 0
    partial: dict[Status, int] = field(default_factory=dict)
    reasons: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    prompts: int = 0
    spent: str = ""
    error: str = ""
    seconds: float = 0.0

    def summarize(self) -> str:
        """What was sampled, in a sentence."""
        each = f", {self.tokens / self.accepted:,.0f} per accepted sample" if self.accepted else ""
        partial = "".join(f", {number:,} {status}" for status, number in sorted(self.partial.items()))
        spent = (
            f" The budget of {self.spent} is spent; run the same command again with a new one to go on."
            if self.spent
            else ""
        )
        failed = f" The last failure: {self.error}." if self.error else ""
        return (
            f"{self.whole:,} samples, {self.accepted:,} accepted{partial}: {self.tokens:,} tokens{each}, "
            f"{self.tokens / self.seconds:,.0f} tokens/s, {self.seconds:.1f} s.{failed}{spent}"
        )
