"""One answer as read: its key, its tree, and what else it may be; short answers are read once and remembered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from filters.answers.compare.choices import read_reference_letters
from filters.answers.compare.views import settle_derivation
from filters.answers.parse.grammar import Parser
from filters.answers.parse.literals import read_literal
from filters.answers.parse.nodes import Node
from filters.answers.parse.normalization import normalize_answer
from filters.answers.parse.number_words import expand_leading_number, expand_scaled_numbers
from filters.answers.parse.tokens import MAX_CHARS, NotMathError, make_key, tokenize_answer

MAX_CACHED = 240
"""Characters of answers that are remembered: long ones seldom repeat, and would fill the memory."""

_FORMULA = re.compile(r"(?=.*[A-Z].*\d)(?:[A-Z][a-z]?\d{0,3}){1,12}")
_LABELLED = re.compile(
    r"(?:\\(?:text|mathrm)\{ ?)?[A-Za-z]{2,20}(?: [A-Za-z]{1,20}){0,5} ?"
    r"(?:\}? ?[=:]|(?<= )(?:is|are|equals) ?\}?) ?(?=[^\s=:])"
)
_QUALIFIER = re.compile(r",? ?\\text\{,? ?for (?:all|any|every)\b[^{}]*\}.*$|,? for (?:all|any|every) .*$")


@dataclass(frozen=True, slots=True)
class AnswerReading:
    """How one answer was read.

    text: as cleaned. key: the tokens, or the text where there are too many. node: its tree, None where it
    is not mathematics. slashed: whether `a/bc` occurred, which writers mean either way. lettered: whether a
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


def read_answer(text: str, *, grouped: bool = True) -> AnswerReading:
    """Read an answer; the same short text is read once. grouped: `1,234` is one number."""
    return _read_once(text, grouped) if len(text) <= MAX_CACHED else _read(text, grouped)


@lru_cache(maxsize=16_384)
def _read_once(text: str, grouped: bool) -> AnswerReading:
    return _read(text, grouped)


def _read(text: str, grouped: bool) -> AnswerReading:
    if len(text) > 2 * MAX_CHARS:
        return AnswerReading(text, text, None)
    cleaned = normalize_answer(text, grouped=grouped)
    fixed = read_literal(cleaned)
    scaled = expand_leading_number(expand_scaled_numbers(cleaned))
    try:
        parser = Parser(tokenize_answer(scaled))
    except NotMathError:
        return AnswerReading(cleaned, scaled, fixed)
    label = make_key(parser.tokens)
    node = fixed if fixed is not None else _parse_tokens(parser)
    if node is None and (rest := _remove_label(cleaned)):
        return read_answer(rest)
    letters = read_reference_letters(text)
    return AnswerReading(
        cleaned, label, node, parser.slashed, parser.letter_units, letters, _find_formula(cleaned)
    )


def _parse_tokens(parser: Parser) -> Node | None:
    """The settled tree of an answer that is mathematics."""
    try:
        return settle_derivation(parser.parse_answer()) if parser.tokens else None
    except NotMathError:
        return None


def _remove_label(text: str) -> str:
    """An answer without a label (`Area = 20`) or a closing "for all n"; empty where it has neither, or two labels."""
    label = _LABELLED.match(text)
    rest = _QUALIFIER.sub("", text[label.end() :] if label is not None else text)
    return "" if rest == text or _LABELLED.match(rest) else rest


def _find_formula(text: str) -> str:
    """A chemical formula with its subscripts in line: CO_2 is CO2 but not C2O; empty for anything else."""
    plain = re.sub(r"[_{}]|\\(?:mathrm|text|ce)\b", "", text).strip()
    return plain if _FORMULA.fullmatch(plain) else ""
