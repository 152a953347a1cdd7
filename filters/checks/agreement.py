"""What most samples of a prompt agree on, where there is no reference answer to compare with.

Agreement is evidence, not proof: its verdicts carry the rule `majority`, under a label of their own, so that
no row accepted by it passes for a verified one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from filters.answers.compare.equality import decide_equality
from filters.answers.extract.final_answer import FinalAnswer
from filters.answers.verdicts import quote_answer
from filters.answers.votes import VoteCount, count_votes
from filters.check import PromptCheck, Role
from filters.think import CUT_OFF
from filters.types import Sample, Verdict


class Agreement(PromptCheck):
    """The response's answer is the one that most samples of its prompt give, where there is no reference answer.

    The score is the majority's share of the samples that gave an answer.
    """

    name: ClassVar[str] = "agreement"
    role: ClassVar[Role] = "verifier"
    rules: ClassVar[Mapping[str, str]] = {
        "majority": "the answer is the one that most samples give",
        "minority": "the answer is proved different from the one that most samples give",
        "no_answer": "no final answer was found in the response, or it was cut off before it came to one",
        "unclosed_think": "the think block is never closed, so nothing counts as an answer",
        "no_majority": "undecided: no answer has the votes of enough samples",
        "too_few": "undecided: too few samples have a clear answer",
        "weak": "undecided: the answer is only a guess, or too long to vote",
        "unsure": "undecided: the answer could not be proved equal to the majority's, nor different from it",
        "has_reference": "undecided: the prompt has a reference answer, which a verifier compares with",
    }
    version: ClassVar[int] = 2

    min_share: float = Field(default=0.5, gt=0, le=1)
    """Smallest share of the samples with a clear answer that must agree; a tie never counts."""
    min_samples: int = Field(default=4, ge=2)
    """Fewest samples with a clear answer: two that agree say little."""

    def judge_prompt(self, samples: Sequence[Sample]) -> list[Verdict]:
        """One vote per sample; those without a clear answer have none."""
        if (samples[0].prompt.answer or "").strip():
            return [Verdict(None, "has_reference")] * len(samples)
        count = count_votes(samples)
        return [
            self._verdict(count, found, number)
            for found, number in zip(count.found, count.classes, strict=True)
        ]

    def _verdict(self, count: VoteCount, found: FinalAnswer, number: int | None) -> Verdict:
        if found.how == "cut":
            return Verdict(False, f"no_answer: {CUT_OFF}")
        if not found.text:
            return Verdict(False, "unclosed_think" if found.how == "unclosed_think" else "no_answer")
        if number is None:
            return Verdict(None, f"weak: {found.how}, got {quote_answer(found.text)}", span=found.span)
        if count.decided < self.min_samples:
            return Verdict(None, f"too_few: {count.decided} with an answer, {self.min_samples} needed")
        if count.leading is None or count.share < self.min_share:
            return Verdict(None, "no_majority", count.share)
        said = f"{count.votes} of {count.decided} say {quote_answer(count.answer)}"
        if number == count.leading:
            return Verdict(True, f"majority: {said}", count.share, found.span)
        rule = "minority" if decide_equality(count.answer, found.text) is False else "unsure"
        ok = False if rule == "minority" else None
        return Verdict(ok, f"{rule}: {said}, got {quote_answer(found.text)}", count.share, found.span)
