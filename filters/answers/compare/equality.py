"""Decide whether two short answers are the same: equal, different, or undecided.

Equal and different are both proved: by the same text or tokens, by the shapes and values of two trees that
were read whole, by options that the prompt lists, by words of which enough is known. What was not read to its
end proves nothing, and neither does an error or a bound that was hit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache

from filters.answers.compare.asked import compare_as_asked, compare_parts
from filters.answers.compare.chemistry import compare_formulas
from filters.answers.compare.choices import compare_as_choices, compare_options
from filters.answers.compare.context import NO_CONTEXT, PromptContext, asks_to_work_out, remove_typing
from filters.answers.compare.pending_operations import has_pending_operation
from filters.answers.compare.reading import MAX_CACHED, AnswerReading, read_answer
from filters.answers.compare.spelling import are_codes, are_other_symbols, have_other_marks, may_be_words
from filters.answers.compare.words import compare_words
from filters.answers.finding import ComparisonResult
from filters.answers.parse.literals import read_yes_or_no
from filters.answers.parse.nodes import Node, find_variables, walk_tree
from filters.answers.prove.exact import InexactError, compute_rational

_GROUPS = re.compile(r"\$?\d{1,3}(?:,\d{3})+\$?")
_DIGITS = re.compile(r"\d+")
_POINT = re.compile(r"\$?[CP] ?(?:\\left)?\(")
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
_CODE = re.compile(r"0\d{4,}|0[01]{3,}")
_BOTH_MARKS = re.compile(r",[^;]*(?<!\\);|(?<!\\);[^,]*,")
_CAPITALS = re.compile(r"[A-Z]{2,}")
_SPELLED = re.compile(r"(?:[A-Za-z]+ )*[A-Za-z]{3,}(?: [A-Za-z]+)*")
_SPACED_GROUPS = re.compile(r"-?\d{1,3}(?: ?, ?\d{3})+")
_DECIMAL_COMMA = re.compile(r"(?<!\d)(\d{1,9}),(\d{1,9})(?!\d)")
_OPEN = re.compile(
    r"(?:it(?:'s| is) |that )?(?:not possible|impossible|unable) to (?:determine|say|know|tell|find|calculate)\b|(?:it )?can ?not be (?:determined|known|found|calculated)\b"
    r"|not enough information\b|insufficient (?:information|data)\b|题目信息不足|信息不足|无法(?:确定|得出|计算)|条件不足",
    re.IGNORECASE,
)
"""Says that there is no answer to be had."""
_OPERATES = re.compile(
    r"\d[-+*/^|!]|[-+*/^|][\d(\\]|\\(?:frac|sqrt|log|sin|cos|tan|binom|lfloor|cdot|times)|.{3}="
)
_WORDY = re.compile(r"[^\W\d_]{2}")


def compare_answers(reference: str, answer: str, context: PromptContext = NO_CONTEXT) -> ComparisonResult:
    """Compare an answer with the reference, as the prompt asks for it."""
    reference, answer = reference.strip(), answer.strip()
    if not reference or not answer:
        return ComparisonResult(None, "empty")
    if reference == answer or reference.replace("{,}", ",") == answer.replace("{,}", ","):
        return ComparisonResult(True, "exact")
    if _PLAIN.fullmatch(reference) and _PLAIN.fullmatch(answer):
        return _compare_numerals(reference, answer)
    short = len(reference) + len(answer) <= MAX_CACHED
    return _compare_once(reference, answer, context) if short else _compare(reference, answer, context)


@lru_cache(maxsize=65_536)
def _compare_numerals(reference: str, answer: str) -> ComparisonResult:
    """Two plain numerals, exactly; a long one that begins with zero is a code, of which each digit counts."""
    whole = reference.isdecimal() and answer.isdecimal()  # most are, and a fraction takes its time
    equal = int(reference) == int(answer) if whole else Fraction(reference) == Fraction(answer)
    coded = _CODE.fullmatch(reference) or _CODE.fullmatch(answer)
    return ComparisonResult(None if equal and coded else equal, "code" if coded else "number")


@lru_cache(maxsize=8_192)
def _compare_once(reference: str, answer: str, context: PromptContext) -> ComparisonResult:
    return _compare(reference, answer, context)


def _compare(reference: str, answer: str, context: PromptContext) -> ComparisonResult:
    if have_other_marks(reference, answer) or have_other_marks(answer, reference):
        return ComparisonResult(None, "marks at its ends")
    one, two = read_answer(reference), read_answer(answer)
    if are_other_symbols(one.text, two.text):
        return ComparisonResult(None, "case of a symbol")
    if one.key and one.key == two.key and one.name == two.name:
        return ComparisonResult(True, "exact")
    if context.options and (
        found := compare_options(reference, answer, dict(context.options), _compare_contents)
    ):
        return found
    if one.letters is not None and (choice := compare_as_choices(reference, answer)) is not None:
        return choice
    parts = compare_parts(one.text, two.text, _compare_contents)
    if parts is not None:
        return parts
    if one.formula and two.formula:
        return compare_formulas(one.formula, two.formula)
    spelled = any(
        pattern.fullmatch(one.text) and pattern.fullmatch(two.text) for pattern in (_SPELLED, _CAPITALS)
    )
    if one.node is None or two.node is None or (spelled and one.node.op == two.node.op == "mul"):
        return _compare_by_words(one, two, context)
    finding = _compare_read(one, two, context)
    if finding.equal is False and _may_be_items(reference, answer):
        return ComparisonResult(None, "digits that may be grouped")
    return finding


def _may_be_items(reference: str, answer: str) -> bool:
    """Whether one side's 1,234 may be two items, which are what the other side has: 1 and 234."""
    if not (_GROUPS.fullmatch(reference) or _GROUPS.fullmatch(answer)):
        return False
    return _DIGITS.findall(reference) == _DIGITS.findall(answer)


def _compare_contents(one: str, two: str) -> ComparisonResult:
    """Compare an option or a part with what an answer says it is, on their own."""
    return compare_answers(one, two)


def _compare_read(one: AnswerReading, two: AnswerReading, context: PromptContext) -> ComparisonResult:
    """Two answers that were both read whole."""
    finding = compare_as_asked(one, two, context)
    if finding.equal is False and not context.commas and _has_decimal_comma(one.text, two.text, context):
        return ComparisonResult(None, "a comma that may be a decimal sign")
    if finding.equal is True and _POINT.match(one.text) and _POINT.match(two.text):
        return ComparisonResult(None, finding.rule)  # C(4,1) is C(4,3) as combinations, but not as points
    if finding.equal is False and (
        (finding.rule in ("unit", "value") and may_be_words(one, two))
        or _is_ambiguous(one, two)
        or _approximates(one, two, context)
    ):
        return ComparisonResult(None, finding.rule)
    if finding.equal is True and finding.rule != "exact" and are_codes(one, two):
        return ComparisonResult(None, "letters with digits")
    if finding.equal is True and context.matrices and _multiplies_capitals(one, two):
        return ComparisonResult(None, "products of what may be matrices")
    if finding.equal is True and finding.rule != "exact" and _repeats_prompt(one, two, context):
        return ComparisonResult(None, "the prompt's own expression")
    if finding.equal is True and one.name and two.name and one.name != two.name:
        return ComparisonResult(None, "names")
    return finding


def _approximates(one: AnswerReading, two: AnswerReading, context: PromptContext) -> bool:
    """Whether the approximation that one side gives beside its exact value is the other side's value."""
    for rounded, other in ((one, two), (two, one)):
        last = rounded.text.rpartition("\\approx")[2] if rounded.text.count("\\approx") else ""
        reading = read_answer(last) if last.strip() and last != rounded.text else None
        if (
            reading is not None
            and reading.node is not None
            and compare_as_asked(reading, other, context).equal
        ):
            return True
    return False


def _multiplies_capitals(*readings: AnswerReading) -> bool:
    """Whether capital letters are multiplied: where they are matrices, their order counts."""
    names = [find_variables(reading.node) for reading in readings if reading.node is not None]
    return any(sum(name[0].isupper() for name in found) > 1 for found in names)


def _repeats_prompt(one: AnswerReading, two: AnswerReading, context: PromptContext) -> bool:
    """Whether just one side is an expression that stands in the prompt: what is asked is not its own answer."""
    if not context.known:
        return False
    squeezed = [remove_typing(reading.text) for reading in (one, two)]
    found = [_OPERATES.search(text) is not None and asks_to_work_out(text, context) for text in squeezed]
    return found[0] != found[1]


def _has_decimal_comma(one: str, two: str, context: PromptContext) -> bool:
    """Whether a single comma between digits, read as a decimal sign, makes the two equal."""
    pointed = [_DECIMAL_COMMA.sub(r"\1.\2", text) if text.count(",") == 1 else text for text in (one, two)]
    if pointed == [one, two]:
        return False
    readings = [read_answer(text) for text in pointed]
    if readings[0].node is None or readings[1].node is None:
        return False
    return compare_as_asked(readings[0], readings[1], context).equal is not False


def _is_ambiguous(one: AnswerReading, two: AnswerReading) -> bool:
    """Whether another way to read either side, or working it out, might make them equal."""
    assert one.node is not None
    assert two.node is not None
    if any(_BOTH_MARKS.search(reading.text) for reading in (one, two)):
        return True  # x=1,y=2; x=3,y=4: what belongs together is not read
    if _SPACED_GROUPS.fullmatch(one.text) or _SPACED_GROUPS.fullmatch(two.text):
        return True
    if one.slashed or two.slashed or has_pending_operation(one) or has_pending_operation(two):
        return True
    names = (find_variables(one.node), find_variables(two.node))
    return (one.lettered and bool(_list_unit_letters(one.node) & names[1])) or (
        two.lettered and bool(_list_unit_letters(two.node) & names[0])
    )


def _list_unit_letters(node: Node) -> set[str]:
    """The variables that the symbols of units in a tree may be instead."""
    return {name for part in walk_tree(node) if part.unit is not None for name, _ in part.unit.letters}


def _compare_by_words(one: AnswerReading, two: AnswerReading, context: PromptContext) -> ComparisonResult:
    """At least one side is no expression: the same words are equal, and what is known of words decides.

    A yes or no at the start of a sentence is one, where the other side is one.
    """
    for said, other in ((one, two), (two, one)):
        if said.node is not None and said.node.name in ("yes", "no"):
            begun = read_yes_or_no(other.text)
            if begun is not None:
                return ComparisonResult(begun == said.node, "phrase")
    for open_, known in ((one, two), (two, one)):
        if known.node is not None and known.node.op != "phrase" and _OPEN.match(open_.text):
            return ComparisonResult(False, "an answer and none")
    unread = "; ".join(reading.unread for reading in (one, two) if reading.unread and reading.node is None)
    if not (_WORDY.search(one.text) and _WORDY.search(two.text)):
        return ComparisonResult(None, "unread", unread)
    found = compare_words(one.text, two.text, ordered=bool(context.ordered))
    if found.rule == "order" and context.ordered != "asked":
        return ComparisonResult(None, "order")
    return found if found.equal is not None else found._replace(unread=unread)


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
