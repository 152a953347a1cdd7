"""The adapter for checks that look at all samples of a prompt at once: votes need every voter."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from filters.check import Check, Scope
from filters.vocabulary import Sample, Verdict


class PromptCheck(Check):
    """Judges the samples of one prompt together; a crash costs that one prompt.

    The batch must hold all whole samples of each prompt in it: its caller sees to that.
    """

    scope: ClassVar[Scope] = "prompt"

    @abstractmethod
    def judge_prompt(self, samples: Sequence[Sample]) -> list[Verdict]:
        """Judge all samples of one prompt; as many verdicts, in their order."""

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        """Judge prompt by prompt; what raises leaves its prompt undecided, with the exception as the reason."""
        groups: dict[str, list[int]] = {}
        for position, sample in enumerate(batch):
            groups.setdefault(sample.prompt.id, []).append(position)
        verdicts = [Verdict(None, "unsure")] * len(batch)
        for places in groups.values():
            given = guarded(self.judge_prompt, [batch[place] for place in places])
            if isinstance(given, Verdict):
                given = [given] * len(places)
            for place, verdict in zip(places, given, strict=True):
                verdicts[place] = verdict
        return verdicts
