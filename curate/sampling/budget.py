"""What one run of the sampler may spend, and what it has done so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict, Field

from filters.types import Status


class Budget(BaseModel):
    """What one call of the command may spend, at most. What is missing then is made by the next call."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    samples: int | None = Field(default=None, gt=0)
    """Samples of this call of the command, at most; those that failed are not counted."""
    tokens: int | None = Field(default=None, gt=0)
    """Sampled tokens of this call of the command, at most: a sample starts only where its --max-tokens are left."""
    minutes: float | None = Field(default=None, gt=0)
    """Minutes of this call of the command, at most, loading the model apart; samples that are not whole by then are aborted, and made anew by the next call."""


@dataclass(slots=True)
class Share:
    """What one sampler may spend: all of a budget, or what it is given of it now. None is any number.

    whole: whether nothing will be added, so that what is spent ends the run.
    """

    samples: int | None = None
    tokens: int | None = None
    minutes: float | None = None
    whole: bool = True

    @classmethod
    def of(cls, budget: Budget) -> Share:
        """All of a budget."""
        return cls(budget.samples, budget.tokens, budget.minutes)

    def name_spent(self, longest: int) -> str:
        """Which counted budget has no room for a sample of at most `longest` tokens; empty where none lacks it."""
        if self.samples is not None and self.samples <= 0:
            return "samples"
        return "tokens" if self.tokens is not None and self.tokens < longest else ""

    def give_back(self, samples: int, tokens: int, more: int, longest: int) -> None:
        """Keep what is spent and what so many more requests of at most `longest` tokens may cost, as far as it is there."""
        if self.samples is not None:
            self.samples = min(self.samples, samples + more)
        if self.tokens is not None:
            room = max(0, self.tokens - tokens) // longest
            self.tokens = min(self.tokens, tokens + longest * min(more, room))


@dataclass
class Counts:
    """What one run of the sampler did.

    refused: requests that will never be answered. spent: which budget ended it. missing: prompts that want more.
    """

    whole: int = 0
    accepted: int = 0
    partial: dict[Status, int] = field(default_factory=dict)
    refused: int = 0
    missing: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    tokens: int = 0
    prompts: int = 0
    spent: str = ""
    error: str = ""
    seconds: float = 0.0

    @property
    def paid(self) -> int:
        """Samples that were made, whole or cut short; those that failed are not counted."""
        return self.whole + self.partial.get("stopped", 0) + self.partial.get("cancelled", 0)

    @property
    def undone(self) -> bool:
        """Whether work is left that no budget kept from being done."""
        failed = self.partial.get("failed", 0) - self.refused
        return self.missing > 0 and (failed > 0 or not self.spent)

    def summarize(self) -> str:
        """What was sampled, in a sentence, and what is left to do, in others."""
        each = f", {self.tokens / self.accepted:,.0f} per accepted sample" if self.accepted else ""
        partial = "".join(f", {number:,} {status}" for status, number in sorted(self.partial.items()))
        said = (
            f"{self.whole:,} samples, {self.accepted:,} accepted{partial}: {self.tokens:,} tokens{each}, "
            f"{self.tokens / max(self.seconds, 1e-9):,.0f} tokens/s, {self.seconds:.1f} s."
        )
        return " ".join([said, *self._remarks()])

    def _remarks(self) -> list[str]:
        remarks = []
        if self.error:
            remarks.append(f"The last failure: {self.error.rstrip('.')}.")
        if self.refused:
            remarks.append(
                f"{self.refused:,} were refused for good and are not asked for again, unless with --retry-refused."
            )
        if self.undone:
            remarks.append(
                f"{self.missing:,} prompts lack samples that failed: run the same command again to make them."
            )
        if self.spent:
            remarks.append(
                f"The budget of {self.spent} is spent; run the same command again with a new one to go on."
            )
        return remarks


def add_counts(several: Sequence[Counts]) -> Counts:
    """What several samplers of one run did, as one; the seconds are those of the longest."""
    partial: Counter[Status] = Counter()
    reasons: Counter[str] = Counter()
    for one in several:
        partial.update(one.partial)
        reasons.update(one.reasons)
    return Counts(
        whole=sum(one.whole for one in several),
        accepted=sum(one.accepted for one in several),
        partial=dict(partial),
        refused=sum(one.refused for one in several),
        reasons=reasons,
        tokens=sum(one.tokens for one in several),
        prompts=sum(one.prompts for one in several),
        spent=next((one.spent for one in several if one.spent), ""),
        error=next((one.error for one in several if one.error), ""),
        seconds=max((one.seconds for one in several), default=0.0),
    )
