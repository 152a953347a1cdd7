"""Decide whether two short answers are the same: the cascade, its cache, and the classes it makes.

From the cheapest to the strongest: the same text, plain numbers, the same tokens, letters of a choice,
fixed forms, trees compared by structure and proof, and words. What none of them proves is undecided; an
error or a bound that was hit is never "different".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache

from filters.answers.compare.choices import compare_letters
from filters.answers.compare.pending_operations import has_pending_operation
from filters.answers.compare.prose import compare_words
from filters.answers.compare.reading import MAX_CACHED, AnswerReading, read_answer
from filters.answers.compare.structure import compare_trees
from filters.answers.finding import ComparisonResult
from filters.answers.parse.literals import read_yes_or_no
from filters.answers.parse.nodes import find_variables
from filters.answers.prove.exact import InexactError, compute_rational

_COMMA, _DECIMAL = re.compile(r"\$?-?\d+,\d+\$?"), re.compile(r"\$?-?\d+\.\d+\$?")
_ZEROS = re.compile(r",0\d")
_POINT = re.compile(r"\$?[CP] ?(?:\\left)?\(")
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")


def compare_answers(reference: str, answer: str) -> ComparisonResult:
    """Compare an answer with the reference."""
    reference, answer = reference.strip(), answer.strip()
    if not reference or not answer:
        return ComparisonResult(None, "empty")
    if reference == answer:
        return ComparisonResult(True, "exact")
    if _PLAIN.fullmatch(reference) and _PLAIN.fullmatch(answer):
        return ComparisonResult(Fraction(reference) == Fraction(answer), "number")
    short = len(reference) + len(answer) <= MAX_CACHED
    return _compare_once(reference, answer) if short else _compare(reference, answer)


@lru_cache(maxsize=65_536)
def _compare_once(reference: str, answer: str) -> ComparisonResult:
    return _compare(reference, answer)


def _compare(reference: str, answer: str) -> ComparisonResult:
    one, two = read_answer(reference), read_answer(answer)
    if one.key and one.key == two.key:
        return ComparisonResult(True, "exact")
    if one.letters is not None:
        return compare_letters(one.letters, answer) or ComparisonResult(None, "choice")
    if one.formula and two.formula:
        return ComparisonResult(one.formula == two.formula, "formula")
    if one.node is None or two.node is None:
        return _compare_by_words(one, two)
    finding = compare_trees(one.node, two.node)
    if finding.equal is not True and ("," in reference or "," in answer):
        finding = _compare_regrouped(reference, answer, finding)
    if finding.equal is True and _POINT.match(reference) and _POINT.match(answer):
        return ComparisonResult(None, finding.rule)  # C(4,1) is C(4,3) as combinations, but not as points
    return (
        ComparisonResult(None, finding.rule)
        if finding.equal is False and _is_ambiguous(one, two)
        else finding
    )


def _is_ambiguous(one: AnswerReading, two: AnswerReading) -> bool:
    """Whether another way to read either side, or working it out, might make them equal."""
    assert one.node is not None
    assert two.node is not None
    if one.slashed or two.slashed or has_pending_operation(one) or has_pending_operation(two):
        return True
    return bool((one.lettered and find_variables(two.node)) or (two.lettered and find_variables(one.node)))


def _compare_regrouped(reference: str, answer: str, finding: ComparisonResult) -> ComparisonResult:
    """Another look with 1,234 as two items, for where the other side has items; 3,5 may also be 3.5."""
    if _ZEROS.search(reference) or _ZEROS.search(answer):
        return finding
    for one, two in (
        (read_answer(reference, grouped=False), read_answer(answer)),
        (read_answer(reference), read_answer(answer, grouped=False)),
        (read_answer(_write_with_point(reference, answer)), read_answer(answer)),
        (read_answer(reference), read_answer(_write_with_point(answer, reference))),
    ):
        if one.node is not None and two.node is not None and compare_trees(one.node, two.node).equal:
            return ComparisonResult(True, finding.rule)
    return finding


def _write_with_point(text: str, other: str) -> str:
    """A lone `3,5` as 3.5, where the other side is written as a decimal number."""
    return text.replace(",", ".") if _COMMA.fullmatch(text) and _DECIMAL.fullmatch(other) else text


def _compare_by_words(one: AnswerReading, two: AnswerReading) -> ComparisonResult:
    """At least one side is in words: the same words are equal; other words differ from words and phrases."""
    said = read_yes_or_no(two.text) if one.node is not None and one.node.name in ("yes", "no") else None
    if said is not None:
        return ComparisonResult(said == one.node, "phrase")
    found = compare_words(one.text, two.text)
    if found.equal or (one.node is None and two.node is None):
        return found
    phrase = one.node is not None and one.node.op in ("phrase", "date")
    several = one.node is None and len(one.text.split()) > 1 and not re.search(r"\d", one.text)
    return ComparisonResult(False if phrase or (several and found.equal is False) else None, "text")


def decide_equality(a: str, b: str) -> bool | None:
    """Whether two answers are the same; None where that is not decided."""
    return compare_answers(a, b).equal


def group_answers(answers: Sequence[str]) -> list[int]:
    """The class of each answer, numbered in the order of first appearance; equal answers share one.

    For majority votes: equal texts, keys and rational values fall together without comparison; what is left
    is compared with the first member of each class. An undecided pair stays apart.
    """
    classes = _Classes()
    return [classes.assign(answer) for answer in answers]


class _Classes:
    """Classes found so far: by text and label, and the first members, those that are rational numbers apart.

    Two rational values with different labels differ, so that they are never compared.
    """

    def __init__(self) -> None:
        self.by_label: dict[str, int] = {}
        self.rational: list[tuple[str, int]] = []
        self.others: list[tuple[str, int]] = []

    def assign(self, answer: str) -> int:
        """The class of an answer, a new one where it equals none."""
        if answer in self.by_label:
            return self.by_label[answer]
        label = _make_label(answer)
        if label not in self.by_label:
            self.by_label[label] = self._find_class(answer, rational=label.startswith("="))
        self.by_label[answer] = self.by_label[label]
        return self.by_label[label]

    def _find_class(self, answer: str, *, rational: bool) -> int:
        heads = self.others if rational else self.rational + self.others
        for head, number in heads:
            if decide_equality(head, answer):
                return number
        number = len(self.rational) + len(self.others)
        (self.rational if rational else self.others).append((answer, number))
        return number


def _make_label(answer: str) -> str:
    """What equal answers most often share: the rational value, or the key."""
    reading = read_answer(answer)
    if reading.node is not None:
        with suppress(InexactError):
            value = compute_rational(reading.node)
            # In hexadecimal: Python refuses to write a number of thousands of decimal digits.
            return f"={value.numerator:x}/{value.denominator:x}"
    # Answers of which no token can be read (`.`, `$$`) are equal only where their texts are.
    return f"#{reading.key}" if reading.key else f"?{answer}"
