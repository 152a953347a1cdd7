"""Answers of which each character counts: codes, terms, symbols told apart by case, and marks at either end."""

from __future__ import annotations

import re

from filters.answers.compare.chemistry import ELEMENTS
from filters.answers.compare.reading import AnswerReading

_CODED = re.compile(r"(?=.*[A-Za-z]\d)(?!\d+[eE]\d+$)[A-Za-z0-9]{2,12}")
_TERM = re.compile(r"[A-Z] [a-z]{3,}(?: [a-z]{3,})*")
_WORDED = re.compile(r"(?:[A-Za-z]+ )*[A-Za-z]{3,}(?: [A-Za-z]+)*|[A-Za-z]{2,} \d[\d.,]*")
_TYPING = re.compile(r"[\s^_{}$]")
_MARKS = re.compile(r"([*~?@#]*)(.*?)([*~?@#]*)", re.DOTALL)
_ENDS = frozenset("*~?@#")
_SYMBOL = re.compile(r"[A-Z][A-Za-z]")
_WORDS = frozenset({"no", "as", "in", "at", "he", "be"})
"""Elements' symbols that are words as well: NO is No."""


def are_codes(one: AnswerReading, two: AnswerReading) -> bool:
    """Whether either may be a code, a symbol or a term, of which each letter counts: H2, 0x1F, C minor."""
    coded = any(
        _CODED.fullmatch(reading.text) and (reading.node is None or reading.node.op != "quantity")
        for reading in (one, two)
    )
    return coded or all(_TERM.fullmatch(reading.text) for reading in (one, two))


def may_be_words(one: AnswerReading, two: AnswerReading) -> bool:
    """Whether either may be words or a code that was read as a product: tin, HTML, pH 7, sp3 beside sp^3."""
    if any(_WORDED.fullmatch(reading.text) and not _is_measured(reading) for reading in (one, two)):
        return True
    coded = any(map(_CODED.fullmatch, (one.text, two.text)))
    return coded and _TYPING.sub("", one.text) == _TYPING.sub("", two.text)


def _is_measured(reading: AnswerReading) -> bool:
    """Whether nothing but a name or a number of something is there, each word of it read."""
    node = reading.node
    return node is not None and (
        node.op in ("sym", "num") or (node.op == "quantity" and node.args[0].op == "num")
    )


def have_other_marks(reference: str, answer: str) -> bool:
    """Whether the reference has marks at one end that enclose nothing, and the answer has not: x* and x.

    A mark before a number says "about", and the same marks at both ends are typing.
    """
    if not _ENDS & {reference[0], reference[-1]}:
        return False
    before, inside, after = _split_marks(reference)
    if before == after or not inside or inside[:1].isdigit():
        return False
    other = _split_marks(answer)
    return (before, after) != (other[0], other[2])


def _split_marks(text: str) -> tuple[str, str, str]:
    found = _MARKS.fullmatch(text)
    return (found[1], found[2], found[3]) if found else ("", text, "")


def are_other_symbols(one: str, two: str) -> bool:
    """Whether two letters differ in case alone, and are an element's symbol in one of them: Si and SI, Co and CO."""
    if one == two or len(one) != 2 or len(two) != 2 or one.casefold() != two.casefold():
        return False
    symbols = {one, two} & ELEMENTS
    return bool(symbols) and one.casefold() not in _WORDS and all(map(_SYMBOL.fullmatch, (one, two)))
