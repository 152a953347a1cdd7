"""Short text answers, forced: names and terms, compared as words even where they look like mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from filters.answers.compare.spelling import have_other_marks
from filters.answers.compare.words import compare_words, compute_word_f1
from filters.answers.extract.final_answer import FinalAnswer
from filters.answers.finding import ComparisonResult
from filters.answers.parse.normalization import normalize_answer
from filters.answers.verdicts import ANSWER_RULES, judge_answer
from filters.check import Role, SampleCheck
from filters.types import Sample, Verdict


class Text(SampleCheck):
    """The response's final answer is the reference, or one of its aliases, in words."""

    name: ClassVar[str] = "text"
    role: ClassVar[Role] = "verifier"
    rules: ClassVar[Mapping[str, str]] = {
        **ANSWER_RULES,
        "equal": "the final answer is the reference or one of its aliases, word by word and sign by sign",
        "different": "known words or numbers tell the final answer from the reference and all of its aliases",
    }
    version: ClassVar[int] = 4

    aliases: str = "aliases"
    """The prompt's column that lists other right answers, where there is one."""
    min_f1: float | None = Field(default=None, gt=0, le=1)
    """Accept an answer whose words overlap with the reference's by at least this F1; none asks for equality."""

    def judge(self, sample: Sample) -> Verdict:
        """True where one accepted text fits; the best F1 is the score where `min_f1` is set."""
        others = sample.prompt.extra.get(self.aliases) or ()
        accepted = [others] if isinstance(others, str) else [str(other) for other in others]
        return judge_answer(sample, lambda reference, found: self._compared([reference, *accepted], found))

    def _compared(self, accepted: list[str], found: FinalAnswer) -> ComparisonResult:
        if self.min_f1 is not None:
            best = max(compute_word_f1(text, found.text) for text in accepted)
            return ComparisonResult(best >= self.min_f1, f"f1 {best:.2f}")
        answer = normalize_answer(found.text, grouped=False)
        findings = [
            ComparisonResult(None, "marks at its ends")
            if have_other_marks(text.strip(), found.text.strip())
            else compare_words(normalize_answer(text, grouped=False), answer)
            for text in accepted
            if text.strip()
        ]
        return next((finding for finding in findings if finding.equal), None) or next(
            (finding for finding in findings if finding.equal is None), findings[0]
        )
