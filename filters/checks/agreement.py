"""What most samples of a prompt agree on, where there is no reference answer to compare with.

Agreement is evidence, not proof: its verdicts carry the rule `majority`, under a label of their own, so that
no row accepted by it passes for a verified one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from filters.answers.compare.equality import same_answer
from filters.answers.extract.final_answer import Extracted
from filters.answers.verdicts import quoted
from filters.answers.votes import Count, count_votes
from filters.check import PromptCheck, Role
from filters.types import Sample, Verdict


class Agreement(PromptCheck):
    """Whether the response's answer is the majority's, for prompts without a reference answer.

    Rules: majority (true); minority, no_answer, unclosed_think (false); no_majority, too_few, weak, unsure,
    has_reference (undecided). The score is the majority's share of the samples that gave an answer.
    """

    name: ClassVar[str] = "agreement"
    role: ClassVar[Role] = "verifier"

    min_share: float = Field(0.5, gt=0, le=1)
    """Smallest share of the samples with a clear answer that must agree; a tie never counts."""
    min_samples: int = Field(4, ge=2)
    """Fewest samples with a clear answer: two that agree say little."""

    def judge_prompt(self, samples: Sequence[Sample]) -> list[Verdict]:
        """One vote a sample; those without a clear answer have none."""
        if (samples[0].prompt.answer or "").strip():
            return [Verdict(None, "has_reference")] * len(samples)
        count = count_votes(samples)
        return [
            self._verdict(count, found, number)
            for found, number in zip(count.found, count.classes, strict=True)
        ]

    def _verdict(self, count: Count, found: Extracted, number: int | None) -> Verdict:
        if not found.text:
            return Verdict(False, "unclosed_think" if found.how == "unclosed_think" else "no_answer")
        if number is None:
            return Verdict(None, f"weak: {found.how}, got {quoted(found.text)}", span=found.span)
        if count.decided < self.min_samples:
            return Verdict(None, f"too_few: {count.decided} with an answer, {self.min_samples} needed")
        if count.leading is None or count.share < self.min_share:
            return Verdict(None, "no_majority", count.share)
        said = f"{count.votes} of {count.decided} say {quoted(count.answer)}"
        if number == count.leading:
            return Verdict(True, f"majority: {said}", count.share, found.span)
        rule = "minority" if same_answer(count.answer, found.text) is False else "unsure"
        ok = False if rule == "minority" else None
        return Verdict(ok, f"{rule}: {said}, got {quoted(found.text)}", count.share, found.span)
