"""The signs between the words of a text, which make 2+3 another problem than 2-3."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

from filters.overlap.words import SpelledWord

_SIGN: Final = re.compile(
    r"(?P<less><=?|≤|⩽|≦|\\(?:le|leq|leqslant|lt)(?![A-Za-z]))|(?P<more>>=?|≥|⩾|≧|\\(?:ge|geq|geqslant|gt)(?![A-Za-z]))"
    r"|(?P<unequal>≠|!=|\\(?:ne|neq)(?![A-Za-z]))|(?P<both>±|\\pm(?![A-Za-z]))|(?P<over>/|÷|∕|⁄|\\div(?![A-Za-z]))"
    r"|(?P<minus>[-−–])|(?P<plus>\+)|(?P<equal>=)|(?P<power>\^)|(?P<percent>%)|(?P<root>√|\\sqrt(?![A-Za-z]))"
)
_OVER: Final = "over"
_MINUS: Final = "minus"


def list_signs(text: str, words: Sequence[SpelledWord]) -> list[tuple[str, ...]]:
    """What each sign before a word is, and last those after all words. Signs of multiplication, which may be left out, are none."""
    ends, begins = [0, *(word.end for word in words)], [*(word.begin for word in words), len(text)]
    names: list[list[str]] = [[] for _ in begins]
    for found in _SIGN.finditer(text):
        place = min(bisect_right(begins, found.start()), len(words))
        if ends[place] <= found.start() and found.end() <= begins[place]:
            names[place].append(str(found.lastgroup))
    return [_settle(text, *gap) for gap in zip(names, ends, begins, strict=True)]


def drop_fractions(signs: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The signs without those of division: a fraction in LaTeX has none between its parts."""
    return [tuple(sign for sign in some if sign != _OVER) for some in signs]


def has_fraction(text: str) -> bool:
    r"""Whether a text sets fractions one above the other: `\frac`, `\dfrac`, `\over`."""
    return "frac" in text or "\\over" in text


def _settle(text: str, names: list[str], begin: int, end: int) -> tuple[str, ...]:
    if names == [_MINUS] and _is_hyphen(text, begin, end):
        return ()
    after = text[end : end + 1]
    raised = not after.isascii() and unicodedata.decomposition(after).startswith("<super>")
    return (*names, "power") if raised else tuple(names)


def _is_hyphen(text: str, begin: int, end: int) -> bool:
    """Whether a sign joins two words, as in two-digit or 3-digit; or stands between spaces in a sentence, as a dash."""
    after = text[end : end + 2]
    if end - begin == 1:
        return len(after) == 2 and after.isalpha()
    return text[begin:end].strip() == "–" and after.isalpha()
