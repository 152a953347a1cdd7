"""References that a prompt's own samples speak against.

Published sets hold wrong references. Where nearly all samples agree on one answer, and it is proved
different from the reference, either the teacher errs every time or the reference does: such a prompt is to
be looked at, not learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from pydantic import Field

from filters.answers.verdicts import extract_reference, quote_answer
from filters.answers.votes import count_votes
from filters.check import PromptCheck, Role
from filters.checks.math_answer import compare_answer
from filters.types import Sample, Verdict


class GoldSuspect(PromptCheck):
    """The prompt's own samples do not agree on another answer than its reference answer.

    All samples of a prompt get the same verdict. The score is the share of the samples with a clear answer that
    agree on another one; 0 where they do not.
    """

    name: ClassVar[str] = "gold_suspect"
    role: ClassVar[Role] = "data"
    rules: ClassVar[Mapping[str, str]] = {
        "gold_suspect": "most samples agree on an answer that is proved different from the reference",
        "no_reference": "undecided: the prompt has no reference answer",
    }
    version: ClassVar[int] = 2

    min_share: float = Field(default=0.75, gt=0, le=1)
    """Smallest share of the samples with a clear answer that must agree on another answer."""
    min_samples: int = Field(default=4, ge=2)
    """Fewest samples that must agree on it."""

    def judge_prompt(self, samples: Sequence[Sample]) -> list[Verdict]:
        """One verdict on the prompt, given to each of its samples."""
        return [self._verdict(samples)] * len(samples)

    def _verdict(self, samples: Sequence[Sample]) -> Verdict:
        reference = extract_reference(samples[0])
        if not reference:
            return Verdict(None, "no_reference")
        count = count_votes(samples)
        if count.leading is None or compare_answer(samples[0], reference, count.answer).equal is not False:
            return Verdict(True, score=0.0)
        if count.votes < self.min_samples or count.share < self.min_share:
            return Verdict(True, score=count.share)
        said = f"{count.votes} of {count.decided} say {quote_answer(count.answer)}"
        return Verdict(False, f"gold_suspect: {said}, expected {quote_answer(reference)}", count.share)
