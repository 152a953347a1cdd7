"""When a prompt has been sampled enough, and how often its answer is right: adaptive rejection sampling.

Samples are looked at in the order of their index, never of their completion. A prompt stops at the index
where its K-th accepted sample stands; siblings with a higher index are then not needed, those with a lower
one are waited for. Short chains finish first, so stopping at the K-th to *finish* would prefer them, in the
set and in the pass rate; stopping in index order prefers none.

What is left of that effect: siblings beyond the K-th that had ended before it was known are kept, since they are
paid for, and they are the short ones. Take the first by index (`mix --source NAME:per_prompt=K,choose=first`), and no
chain is in the set for its length: of samples beyond the index where sampling stopped it takes none, also where a
later check rejects some of those before. Or sample a fixed number (no `accept`). And with any K, each covered prompt
gives as many chains, where a fixed number gives easy prompts, whose chains are short, more chains: that is what K is for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from pydantic import BaseModel, ConfigDict, Field


class StoppingRule(BaseModel):
    """How many samples a prompt gets. Without `accept` every prompt gets `samples`."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    samples: int = Field(default=8, gt=0)
    """Samples per prompt, at most."""
    accept: int | None = Field(default=None, gt=0)
    """Stop sampling a prompt at its N-th accepted sample. Default: never; every prompt gets all its samples."""
    escalate: int | None = Field(default=None, gt=0)
    """Samples per prompt, at most, where some, but fewer than --accept, of the first --samples were accepted. Default: no more than --samples."""


class PromptProgress:
    """What is known of one prompt's samples by index, and what to make next.

    A verdict is true (accepted), false, or None (undecided, or failed to be made).
    """

    def __init__(self, rule: StoppingRule, known: Mapping[int, bool | None]) -> None:
        self._rule = rule
        self.verdicts: dict[int, bool | None] = dict(known)
        self.running: set[int] = set()
        self._wave = 0

    @property
    def accepted_count(self) -> int:
        """Samples accepted so far."""
        return sum(ok is True for ok in self.verdicts.values())

    @property
    def enough_at(self) -> int | None:
        """The index of the K-th accepted sample; None where there are not so many, or no K."""
        if self._rule.accept is None:
            return None
        good = sorted(index for index, ok in self.verdicts.items() if ok is True)
        return good[self._rule.accept - 1] if len(good) >= self._rule.accept else None

    @property
    def is_finished(self) -> bool:
        """Whether the rule asks for no more samples than are known."""
        return next(self._list_missing(), None) is None

    def next_wave(self) -> list[int]:
        """The indices to make now, marked as running; none while a wave runs, or when it is enough.

        A wave is as large as what is missing, doubled with each wave: few samples are made in vain for an
        easy prompt, and few waves are needed for a hard one.
        """
        if self.running:
            return []
        size = self._limit()
        if self._rule.accept is not None and self.enough_at is None:
            size = (self._rule.accept - self.accepted_count) << self._wave
        wave = list(itertools.islice(self._list_missing(), size))
        self._wave += 1
        self.running.update(wave)
        return wave

    def settle(self, index: int, ok: bool | None) -> list[int]:
        """Take a sample's verdict; the running indices that are not needed any more are given back."""
        self.running.discard(index)
        self.verdicts[index] = ok
        enough = self.enough_at
        needless = [] if enough is None else sorted(other for other in self.running if other > enough)
        self.running.difference_update(needless)
        return needless

    def _list_missing(self) -> Iterator[int]:
        """The indices that are wanted and not known: also one before the K-th accepted that failed, or was killed."""
        return (index for index in range(self._limit()) if index not in self.verdicts)

    def _limit(self) -> int:
        """The first index that may not be made."""
        rule, enough = self._rule, self.enough_at
        if enough is not None:
            return enough
        if rule.escalate is None or rule.accept is None or not 0 < self.accepted_count < rule.accept:
            return rule.samples
        tried = all(index in self.verdicts for index in range(rule.samples))
        return max(rule.samples, rule.escalate) if tried else rule.samples


def estimate_pass_rate(rule: StoppingRule, verdicts: Mapping[int, bool | None]) -> float | None:
    """An unbiased estimate of how often the answer is right, of the samples that are decided; None where there is none.

    Where the prompt stopped at its K-th success, at trial n in index order: (K-1)/(n-1), the estimate for
    negative binomial sampling (Haldane 1945), undefined at K=1. Where it ran to its end: k/N.
    Escalated prompts are estimated from their first `samples` alone, wherever they ended: going on depended
    on these, but not on their order, so that their share stays unbiased where (K-1)/(n-1) would not.
    Undecided samples are left out: that bends nothing as long as right and wrong ones are undecided equally often. Of a
    prompt that is not finished there is no estimate: its short samples ended first, and are no fair draw.
    """
    if not PromptProgress(rule, verdicts).is_finished:
        return None
    first = [ok for index, ok in sorted(verdicts.items()) if ok is not None and index < rule.samples]
    good = [position for position, ok in enumerate(first, 1) if ok]
    if rule.accept is not None and len(good) >= rule.accept:
        trials = good[rule.accept - 1]
        return (rule.accept - 1) / (trials - 1) if trials > 1 and rule.accept > 1 else None
    return sum(first) / len(first) if first else None
