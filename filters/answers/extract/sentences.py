"""Where sentences end: a full stop inside a number, an abbreviation or an ellipsis ends none."""

from __future__ import annotations

import re

from filters.answers.wordlists import make_word_set

_STOP = re.compile(r"\n|[.!?](?=[\s*\"”')\]$<]|\Z)|[。！？।]|<\|\w{1,40}\|>|</s>|<eo[aest]>")
_BEFORE = re.compile(r"[^\W\d_][^\W\d_.]{0,11}(?:\.[^\W\d_]{1,3}){0,3}\.\Z")
_NAME = re.compile(r"\b[A-Z][a-z]+ [A-Z]\.\Z")
_ABBREVIATIONS = make_word_set(
    "i.e e.g eg cf vs approx ca resp viz dr mr mrs ms prof st no nr fig eq eqs sec ch ex def thm prop al sq cu vol jr "
    "sr dept inc ltd zb z.b d.h bzw usw ggf p.ej ej núm pág c.-à-d т.е т.к т.д т.п др см рис"
)
_DOTTED = re.compile(r"(?:^|[\s(])[A-Za-z]\.[A-Za-z]\.\Z")
_LOOK_BACK = 16


def find_sentence_end(text: str, begin: int, limit: int | None = None) -> int:
    """Where the sentence that runs at `begin` ends: at its stop, which is not part of it, or at the limit."""
    limit = len(text) if limit is None else min(limit, len(text))
    for stop in _STOP.finditer(text, begin, limit):
        if _is_end(text, stop.start(), begin, limit):
            return stop.start()
    return limit


def find_sentence_start(text: str, end: int, floor: int = 0) -> int:
    """Where the sentence that holds the character before `end` begins, at `floor` at the earliest."""
    found = floor
    for stop in _STOP.finditer(text, floor, end):
        if stop.end() < end and _is_end(text, stop.start(), floor, end):
            found = stop.end()
    return found


def _is_end(text: str, at: int, begin: int, limit: int) -> bool:
    """Whether the stop at `at` ends its sentence."""
    sign = text[at]
    after = text[at + 1 : min(limit, at + 6)].lstrip(" \t")
    if sign == "!":
        return not (at > begin and text[at - 1] in "0123456789)}" and after[:1] in tuple("=+*/,.^-"))
    if sign != "." or not after or after[0] == "\n":
        return True
    before = text[max(begin, at - _LOOK_BACK) : at + 1]
    if before.endswith(".."):
        return not after[0].islower()
    if _DOTTED.search(before):
        return after[0].isupper() or after[0] in "$\\*"
    word = _BEFORE.search(before)
    if word is not None and word[0][:-1].casefold() in _ABBREVIATIONS:
        return False
    return not (_NAME.search(before) and after[0].isupper())
