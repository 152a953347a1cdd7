"""Multiple choice, forced: the reference is a letter (or several) whatever it looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from filters.answers.compare.choices import (
    read_option_letters,
    read_reference_letters,
    resolve_option,
)
from filters.answers.compare.context import read_context
from filters.answers.compare.equality import compare_answers
from filters.answers.extract.final_answer import FinalAnswer
from filters.answers.finding import ComparisonResult
from filters.answers.verdicts import ANSWER_RULES, judge_answer
from filters.check import Role, SampleCheck
from filters.types import Sample, Verdict


class Choice(SampleCheck):
    """The response chooses the reference's letters, by letter or by the option's text."""

    name: ClassVar[str] = "choice"
    role: ClassVar[Role] = "verifier"
    rules: ClassVar[Mapping[str, str]] = {
        **ANSWER_RULES,
        "equal": "the chosen options are exactly the reference's",
        "different": "other options are chosen than the reference's, or more of them, or fewer",
        "unsure": "undecided: the answer does not name any of the options",
    }
    version: ClassVar[int] = 3

    def judge(self, sample: Sample) -> Verdict:
        """False for other letters, more of them, or fewer; undecided where the answer names no option."""
        return judge_answer(sample, lambda reference, found: _compared(sample, reference, found))


def _compared(sample: Sample, reference: str, found: FinalAnswer) -> ComparisonResult:
    options = dict(read_context(sample.prompt.text).options)
    expected = read_reference_letters(reference) or read_option_letters(reference)
    if expected is None:
        return ComparisonResult(None, "choice")
    chosen = (
        resolve_option(found.text, options, compare_answers) if options else read_option_letters(found.text)
    )
    return ComparisonResult(None if chosen is None else chosen == expected, "choice")
