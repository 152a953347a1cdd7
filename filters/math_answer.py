"""The checker for any short reference answer: numbers, expressions, sets, choices, yes or no, dates, words.

It dispatches by the reference. Equal value is correct whatever the form; what cannot be proved either way
is undecided.
"""

from __future__ import annotations

import re
from typing import ClassVar

from filters.answers.choices import options, reference_letters
from filters.answers.equality import find
from filters.answers.finding import Finding
from filters.answers.reading import read
from filters.answers.verdicts import judge_answer, reference_of
from filters.check import SampleCheck
from filters.think import split_response
from filters.vocabulary import Sample, Verdict

_FIRST_WORD = re.compile(r"\s*[*_\"“]*(yes|no|true|false)\b[*_\"”]*(?=[\s.,;:!—-]|$)", re.IGNORECASE)


class MathAnswer(SampleCheck):
    """Whether the response's final answer equals the reference answer, by rules and proof."""

    name: ClassVar[str] = "math_answer"

    def judge(self, sample: Sample) -> Verdict:
        """True where the answers are proved equal, false where proved different or there is none."""
        verdict = judge_answer(sample, lambda reference, found: compared(sample, reference, found.text))
        if verdict.rule in ("weak", "unsure", "no_answer"):
            return _in_words(sample, verdict)
        return verdict


def compared(sample: Sample, reference: str, answer: str) -> Finding:
    """Compare an answer with the reference; the prompt says what a choice's letters stand for."""
    found = find(reference, answer)
    letters = reference_letters(reference) if found.equal is None else None
    if letters is None:
        return found
    return same_option(letters, answer, sample.prompt.text) or found


def same_option(letters: frozenset[str], answer: str, prompt: str) -> Finding | None:
    """Compare an answer that gives an option's text instead of its letter; None where no option fits."""
    listed = options(prompt)
    fitting = {letter for letter, text in listed.items() if find(text, answer).equal}
    return Finding(fitting == letters, "option") if fitting else None


def _in_words(sample: Sample, verdict: Verdict) -> Verdict:
    """What else prose can say: a response to a yes-or-no question begins with the word."""
    reference = read(reference_of(sample)).node
    answer = split_response(sample.response).answer or ""
    first = _FIRST_WORD.match(answer)
    if reference is not None and reference.op == "phrase" and first is not None:
        finding = find(reference_of(sample), first[1])
        if finding.equal is not None:
            rule = "equal" if finding.equal else "different"
            return Verdict(finding.equal, f"{rule}: first_word, got {first[1]}")
    if verdict.rule == "no_answer" and answer.strip() and not re.search(r"\d", reference_of(sample)):
        return Verdict(None, "weak: prose")
    return verdict
