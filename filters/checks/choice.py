"""Multiple choice, forced: the reference is a letter (or several) whatever it looks like."""

from __future__ import annotations

import re
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
from filters.answers.verdicts import ANSWER_RULES, extract_reference, judge_answer, quote_answer
from filters.check import Role, SampleCheck
from filters.types import Sample, Verdict

_EMPHASIS = re.compile(r"[*_`]")
_MARKED = re.compile(r"(?:\(([A-J])\)|([A-J])[.):]) ?(\S.{0,300})")


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
    version: ClassVar[int] = 4

    def judge(self, sample: Sample) -> Verdict:
        """False for other letters, more of them, or fewer; undecided where the answer names no option."""
        verdict = judge_answer(sample, lambda reference, found: _compared(sample, reference, found))
        return _by_repeated_option(sample, verdict) if verdict.rule == "weak" else verdict


def _by_repeated_option(sample: Sample, verdict: Verdict) -> Verdict:
    """The option that the whole response repeats, letter and text and nothing else."""
    expected = read_reference_letters(extract_reference(sample))
    said = " ".join(_EMPHASIS.sub("", sample.parts.answer or "").split())
    marked = _MARKED.fullmatch(said)
    if expected is None or marked is None:
        return verdict
    letter, content = marked[1] or marked[2], marked[3].rstrip(".")
    option = dict(read_context(sample.prompt.text).options).get(letter, "")
    if " ".join(option.split()).rstrip(".") != content:
        return verdict
    equal = expected == {letter}
    both = f"got {quote_answer(said)}, expected {quote_answer(extract_reference(sample))}"
    return Verdict(equal, f"{'equal' if equal else 'different'}: option, {both}")


def _compared(sample: Sample, reference: str, found: FinalAnswer) -> ComparisonResult:
    options = dict(read_context(sample.prompt.text).options)
    expected = read_reference_letters(reference) or read_option_letters(reference)
    if expected is None:
        return ComparisonResult(None, "choice")
    chosen = (
        resolve_option(found.text, options, compare_answers) if options else read_option_letters(found.text)
    )
    return ComparisonResult(None if chosen is None else chosen == expected, "choice")
