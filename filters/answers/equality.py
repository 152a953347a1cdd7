"""Decide whether two short answers are the same: the cascade, its cache, and the classes it makes.

From the cheapest to the strongest: the same text, plain numbers, the same tokens, letters of a choice,
fixed forms, trees compared by structure and proof, and words. What none of them proves is undecided; an
error or a bound that was hit is never "different".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from filters.answers.choices import reference_letters, same_letters
from filters.answers.clean import clean
from filters.answers.exact import InexactError, rational
from filters.answers.finding import Finding
from filters.answers.grammar import Parser
from filters.answers.literals import literal, yes_or_no
from filters.answers.nodes import Node, variables
from filters.answers.number_words import leading_digits, scaled_digits
from filters.answers.prose import same_words
from filters.answers.structure import compare
from filters.answers.tokens import MAX_CHARS, NotMathError, key, tokenise
from filters.answers.views import settled

_FORMULA = re.compile(r"(?=.*[A-Z].*\d)(?:[A-Z][a-z]?\d{0,3}){1,12}")
_LABELLED = re.compile(
    r"(?:\\(?:text|mathrm)\{ ?)?[A-Za-z]{2,20}(?: [A-Za-z]{1,20}){0,5} ?"
    r"(?:\}? ?[=:]|(?<= )(?:is|are|equals) ?\}?) ?(?=[^\s=:])"
)
_QUALIFIER = re.compile(r",? ?\\text\{,? ?for (?:all|any|every)\b[^{}]*\}.*$|,? for (?:all|any|every) .*$")
_COMMA, _DECIMAL = re.compile(r"\$?-?\d+,\d+\$?"), re.compile(r"\$?-?\d+\.\d+\$?")
_ZEROS = re.compile(r",0\d")
MAX_CACHED = 240
"""Characters of answers that are remembered: long ones seldom repeat, and would fill the memory."""

_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")


@dataclass(frozen=True, slots=True)
class Reading:
    """How one answer was read.

    text: as cleaned. key: the tokens, or the text where there are too many. node: its tree, None where it
    is no mathematics. slashed: whether `a/bc` occurred, which writers mean either way. lettered: whether a
    bare letter was taken for a unit. letters: the options it names, where it is nothing else. formula: the
    chemical formula it spells, or nothing.
    """

    text: str
    key: str
    node: Node | None
    slashed: bool = False
    lettered: bool = False
    letters: frozenset[str] | None = None
    formula: str = ""


def read(text: str, *, grouped: bool = True) -> Reading:
    """Read an answer; the same short text is read once. grouped: `1,234` is one number."""
    return _remembered(text, grouped) if len(text) <= MAX_CACHED else _read(text, grouped)


@lru_cache(maxsize=16_384)
def _remembered(text: str, grouped: bool) -> Reading:
    return _read(text, grouped)


def _read(text: str, grouped: bool) -> Reading:
    if len(text) > 2 * MAX_CHARS:
        return Reading(text, text, None)
    cleaned = clean(text, grouped=grouped)
    fixed = literal(cleaned)
    scaled = leading_digits(scaled_digits(cleaned))
    try:
        parser = Parser(tokenise(scaled))
    except NotMathError:
        return Reading(cleaned, scaled, fixed)
    label = key(parser.tokens)
    node = fixed if fixed is not None else _parsed(parser)
    if node is None and (rest := _unlabelled(cleaned)):
        return read(rest)
    letters = reference_letters(text)
    return Reading(cleaned, label, node, parser.slashed, parser.letter_units, letters, _formula(cleaned))


def _parsed(parser: Parser) -> Node | None:
    """The settled tree of an answer that is mathematics."""
    try:
        return settled(parser.whole()) if parser.tokens else None
    except NotMathError:
        return None


def _unlabelled(text: str) -> str:
    """An answer without a label (`Area = 20`) or a closing "for all n"; empty where it has neither, or two labels."""
    label = _LABELLED.match(text)
    rest = _QUALIFIER.sub("", text[label.end() :] if label is not None else text)
    return "" if rest == text or _LABELLED.match(rest) else rest


def find(reference: str, answer: str) -> Finding:
    """Compare an answer with the reference."""
    reference, answer = reference.strip(), answer.strip()
    if not reference or not answer:
        return Finding(None, "empty")
    if reference == answer:
        return Finding(True, "exact")
    if _PLAIN.fullmatch(reference) and _PLAIN.fullmatch(answer):
        return Finding(Fraction(reference) == Fraction(answer), "number")
    short = len(reference) + len(answer) <= MAX_CACHED
    return _cached(reference, answer) if short else _decided(reference, answer)


@lru_cache(maxsize=65_536)
def _cached(reference: str, answer: str) -> Finding:
    return _decided(reference, answer)


def _decided(reference: str, answer: str) -> Finding:
    one, two = read(reference), read(answer)
    if one.key and one.key == two.key:
        return Finding(True, "exact")
    if one.letters is not None:
        return same_letters(one.letters, answer) or Finding(None, "choice")
    if one.formula and two.formula:
        return Finding(one.formula == two.formula, "formula")
    if one.node is None or two.node is None:
        return _by_words(one, two)
    finding = compare(one.node, two.node)
    if finding.equal is not True and ("," in reference or "," in answer):
        finding = _regrouped(reference, answer, finding)
    return Finding(None, finding.rule) if finding.equal is False and _ambiguous(one, two) else finding


def _ambiguous(one: Reading, two: Reading) -> bool:
    """Whether another way to read either side might make them equal."""
    assert one.node is not None
    assert two.node is not None
    if one.slashed or two.slashed:
        return True
    return bool((one.lettered and variables(two.node)) or (two.lettered and variables(one.node)))


def _formula(text: str) -> str:
    """A chemical formula with its subscripts in line: CO_2 is CO2 but not C2O; empty for anything else."""
    plain = re.sub(r"[_{}]|\\(?:mathrm|text|ce)\b", "", text).strip()
    return plain if _FORMULA.fullmatch(plain) else ""


def _regrouped(reference: str, answer: str, finding: Finding) -> Finding:
    """Another look with 1,234 as two items, for where the other side has items; 3,5 may also be 3.5."""
    if _ZEROS.search(reference) or _ZEROS.search(answer):
        return finding
    for one, two in (
        (read(reference, grouped=False), read(answer)),
        (read(reference), read(answer, grouped=False)),
        (read(_pointed(reference, answer)), read(answer)),
        (read(reference), read(_pointed(answer, reference))),
    ):
        if one.node is not None and two.node is not None and compare(one.node, two.node).equal:
            return Finding(True, finding.rule)
    return finding


def _pointed(text: str, other: str) -> str:
    """A lone `3,5` as 3.5, where the other side is written as a decimal number."""
    return text.replace(",", ".") if _COMMA.fullmatch(text) and _DECIMAL.fullmatch(other) else text


def _by_words(one: Reading, two: Reading) -> Finding:
    """At least one side is in words: the same words are equal; other words differ from words and phrases."""
    said = yes_or_no(two.text) if one.node is not None and one.node.name in ("yes", "no") else None
    if said is not None:
        return Finding(said == one.node, "phrase")
    found = same_words(one.text, two.text)
    if found.equal or (one.node is None and two.node is None):
        return found
    phrase = one.node is not None and one.node.op in ("phrase", "date")
    several = one.node is None and len(one.text.split()) > 1 and not re.search(r"\d", one.text)
    return Finding(False if phrase or (several and found.equal is False) else None, "text")


def same_answer(a: str, b: str) -> bool | None:
    """Whether two answers are the same; None where that is not decided."""
    return find(a, b).equal


def answer_classes(answers: Sequence[str]) -> list[int]:
    """The class of each answer, numbered in the order of first appearance; equal answers share one.

    For majority votes: equal texts, keys and rational values fall together without comparison; what is left
    is compared with the first member of each class. An undecided pair stays apart.
    """
    by_label: dict[str, int] = {}
    heads: list[tuple[str, str]] = []
    classes = []
    for answer in answers:
        found = by_label.get(answer)
        if found is None:
            label = _label(answer)
            found = by_label.get(label)
            if found is None:
                found = next((i for i, head in enumerate(heads) if _alike(head, (answer, label))), len(heads))
                heads += [(answer, label)] if found == len(heads) else []
            by_label[answer] = by_label[label] = found
        classes.append(found)
    return classes


def _alike(head: tuple[str, str], answer: tuple[str, str]) -> bool:
    """Whether two answers are proved equal; two rational values with different labels are not."""
    both_rational = head[1][:1] == answer[1][:1] == "="
    return not both_rational and same_answer(head[0], answer[0]) is True


def _label(answer: str) -> str:
    """What equal answers most often share: the rational value, or the key."""
    reading = read(answer)
    try:
        return f"={rational(reading.node)}" if reading.node is not None else f"#{reading.key}"
    except InexactError:
        return f"#{reading.key}"
