"""The checker for any short reference answer: numbers, expressions, sets, choices, yes or no, dates, words.

It dispatches by the reference. Equal value is correct whatever the form; what cannot be proved either way
is undecided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from pydantic import field_validator

from filters.answers.compare.context import read_context
from filters.answers.compare.equality import compare_answers
from filters.answers.compare.reading import read_answer
from filters.answers.extract.final_answer import extract_answer
from filters.answers.extract.phrases import IN_SENTENCE, LATER
from filters.answers.finding import ComparisonResult
from filters.answers.math_verify import ask_math_verify, is_installed
from filters.answers.parse.literals import read_yes_or_no
from filters.answers.verdicts import ANSWER_RULES, extract_reference, judge_answer, quote_answer
from filters.check import Role, SampleCheck
from filters.types import Sample, Verdict

_FORMULA = re.compile(r"[\\\d^_=<>+*/|]")
_BEYOND = re.compile(
    r"\\(?:text|mathrm|mbox|circ)|[%°$]|\d\s*_|=.*=|"
    r"(?<![\\A-Za-z])(?<!begin\{)(?<!end\{)[A-Za-z]{4,}|[^\W\d_A-Za-z\u0370-\u03ff]{2,}",
    re.DOTALL,
)
"""Words, units, bases and chains of equations: Math-Verify reads past them."""


class MathAnswer(SampleCheck):
    """The response's final answer equals the reference answer, by rules and proof."""

    name: ClassVar[str] = "math_answer"
    role: ClassVar[Role] = "verifier"
    rules: ClassVar[Mapping[str, str]] = {
        **ANSWER_RULES,
        "math_verify": "Math-Verify finds both formulas equal, where the rules here cannot decide",
    }
    version: ClassVar[int] = 4

    math_verify: bool = False
    """Ask Math-Verify about formulas that these rules cannot decide; only its yes counts, with the rule math_verify. Needs r1curate[math]."""

    @field_validator("math_verify")
    @classmethod
    def _installed(cls, value: bool) -> bool:
        if value and not is_installed():
            raise ValueError("the package math-verify is missing: pip install 'r1curate[math]'")
        return value

    def judge(self, sample: Sample) -> Verdict:
        """True where the answers are proved equal, false where proved different or nothing could be one."""
        verdict = judge_answer(sample, lambda reference, found: compare_answer(sample, reference, found.text))
        if verdict.rule in ("weak", "unsure", "no_answer"):
            verdict = _by_first_word(sample, verdict)
        if self.math_verify and verdict.rule in ("unsure", "unreadable_reference"):
            return _by_math_verify(sample, verdict)
        return verdict


def _by_math_verify(sample: Sample, verdict: Verdict) -> Verdict:
    """True where Math-Verify says so of two formulas; its no proves nothing."""
    reference, found = extract_reference(sample), extract_answer(sample.parts)
    formulas = is_formula(reference) and is_formula(found.text)
    if not (found.strong and formulas and ask_math_verify(reference, found.text)):
        return verdict
    detail = f"{found.how}, got {quote_answer(found.text)}, expected {quote_answer(reference)}"
    return Verdict(True, f"math_verify: {detail}", span=found.span)


def is_formula(text: str) -> bool:
    """Whether an answer is mathematics that Math-Verify reads as a whole."""
    return _FORMULA.search(text) is not None and _BEYOND.search(text) is None


def compare_answer(sample: Sample, reference: str, answer: str) -> ComparisonResult:
    """Compare an answer with the reference, as the sample's prompt asks for it."""
    return compare_answers(reference, answer, read_context(sample.prompt.text))


def _by_first_word(sample: Sample, verdict: Verdict) -> Verdict:
    """What the first word of the response says to a yes-or-no question, where it gives no other answer."""
    reference, found = read_answer(extract_reference(sample)).node, extract_answer(sample.parts)
    if reference is None or reference.op != "phrase" or reference.value not in ("yes", "no"):
        return verdict
    answer = sample.parts.answer or ""
    first = read_yes_or_no(answer) if found.how == "whole" or not (found.text and found.strong) else None
    if first is None or IN_SENTENCE.search(answer) or LATER.search(answer):
        return verdict
    equal = first.value == reference.value
    both = f"got {first.value}, expected {quote_answer(extract_reference(sample))}"
    return Verdict(equal, f"{'equal' if equal else 'different'}: first_word, {both}")
