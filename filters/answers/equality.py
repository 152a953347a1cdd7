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
from filters.answers.finding import Finding
from filters.answers.grammar import Parser
from filters.answers.literals import literal, yes_or_no
from filters.answers.nodes import Node
from filters.answers.number_words import leading_digits, scaled_digits
from filters.answers.prose import same_words
from filters.answers.structure import compare
from filters.answers.tokens import MAX_CHARS, NotMathError, key, tokenise

_FORMULA = re.compile(r"(?=.*[A-Z].*\d)(?:[A-Z][a-z]?\d{0,3}){1,12}")
_ZEROS = re.compile(r",0\d")
_PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")


@dataclass(frozen=True, slots=True)
class Reading:
    """How one answer was read.

    text: as cleaned. key: the tokens, or the text where there are too many. node: its tree, None where it
    is no mathematics. slashed: whether `a/bc` occurred, which writers mean either way.
    """

    text: str
    key: str
    node: Node | None
    slashed: bool = False


@lru_cache(maxsize=16_384)
def read(text: str, *, grouped: bool = True) -> Reading:
    """Read an answer; the same text is read once. grouped: `1,234` is one number."""
    if len(text) > 2 * MAX_CHARS:
        return Reading(text, text, None)
    cleaned = clean(text, grouped=grouped)
    fixed = literal(cleaned)
    scaled = leading_digits(scaled_digits(cleaned))
    try:
        tokens = tokenise(scaled)
        if fixed is not None:
            return Reading(cleaned, key(tokens), fixed)
        parser = Parser(tokens)
        return Reading(cleaned, key(tokens), _parsed(parser), parser.slashed)
    except NotMathError:
        return Reading(cleaned, scaled, fixed)


def _parsed(parser: Parser) -> Node | None:
    try:
        return parser.whole() if parser.tokens else None
    except (NotMathError, RecursionError):
        return None


def find(reference: str, answer: str) -> Finding:
    """Compare an answer with the reference."""
    reference, answer = reference.strip(), answer.strip()
    if not reference or not answer:
        return Finding(None, "empty")
    if reference == answer:
        return Finding(True, "exact")
    if _PLAIN.fullmatch(reference) and _PLAIN.fullmatch(answer):
        return Finding(Fraction(reference) == Fraction(answer), "number")
    return _decided(reference, answer)


@lru_cache(maxsize=65_536)
def _decided(reference: str, answer: str) -> Finding:
    one, two = read(reference), read(answer)
    if one.key and one.key == two.key:
        return Finding(True, "exact")
    chosen = reference_letters(reference)
    if chosen is not None:
        return same_letters(chosen, answer) or Finding(None, "choice")
    formula = _formula(one.text), _formula(two.text)
    if all(formula):
        return Finding(formula[0] == formula[1], "formula")
    if one.node is None or two.node is None:
        return _by_words(one, two)
    finding = compare(one.node, two.node)
    if finding.equal is not True and ("," in reference or "," in answer):
        finding = _regrouped(reference, answer, finding)
    if finding.equal is False and (one.slashed or two.slashed):
        return Finding(None, finding.rule)
    return finding


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
        (_pointed(reference), read(answer)),
        (read(reference), _pointed(answer)),
    ):
        if one.node is not None and two.node is not None and compare(one.node, two.node).equal:
            return Finding(True, finding.rule)
    return finding


def _pointed(text: str) -> Reading:
    """The reading of a lone `3,5` as a decimal number."""
    return read(re.sub(r"^(\$?-?\d+),(\d{1,2}|\d{4,})(\$?)$", r"\1.\2\3", text))


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

    For majority votes: equal texts and keys fall together without comparison; each class that is left is
    compared by its first member. An undecided pair stays apart, and so does an empty answer from all others.
    """
    by_key: dict[str, int] = {}
    heads: list[str] = []
    classes = []
    for answer in answers:
        found = by_key.get(answer)
        if found is None:
            label = read(answer).key or answer
            found = by_key.get(label)
            if found is None:
                found = next((i for i, head in enumerate(heads) if same_answer(head, answer)), len(heads))
                heads += [answer] if found == len(heads) else []
            by_key[answer] = by_key[label] = found
        classes.append(found)
    return classes
