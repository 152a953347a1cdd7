"""The signs between the words of a text, which make 2+3 another problem than 2-3."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Final

_END: Final = r"(?![A-Za-z])"
_SIGN: Final = re.compile(
    rf"(?P<unequal>=\u0338|≠|!=|\\(?:ne|neq){_END})|(?P<without>∈\u0338|∉|\\notin{_END})"
    rf"|(?P<less><=?|≤|⩽|≦|\\(?:le|leq|leqslant|lt){_END})|(?P<more>>=?|≥|⩾|≧|\\(?:ge|geq|geqslant|gt){_END})"
    rf"|(?P<both>±|\\pm{_END})|(?P<over>/|÷|∕|⁄|\\div{_END})|(?P<minus>[-−–])|(?P<plus>\+)|(?P<equal>=)"
    rf"|(?P<power>\^)(?!\s*\{{?\s*(?:°|\\circ{_END}))|(?P<percent>%)|(?P<root>√|\\sqrt{_END})"
    rf"|(?P<not>¬|\\(?:neg|lnot){_END})|(?P<within>∈|\\in{_END})|(?P<union>∪|\\cup{_END})|(?P<intersection>∩|\\cap{_END})"
    rf"|(?P<factorial>(?<=[0-9])!)|(?P<sum>∑|\\sum{_END})|(?P<product>∏|\\prod{_END})|(?P<integral>∫|\\int{_END})"
)
_OVER: Final = "over"
_MINUS: Final = "minus"


def list_signs(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[str, ...]]:
    """What each sign before a word is, and last those after all words. Signs of multiplication, which may be left out, are none.

    text: in one form (`normal_text`). places: where in it each word stands.
    """
    ends, begins = [0, *(end for _, end in places)], [*(begin for begin, _ in places), len(text)]
    names: list[list[str]] = [[] for _ in begins]
    for found in _SIGN.finditer(text):
        place = min(bisect_right(begins, found.start()), len(places))
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
    return tuple(names)


def _is_hyphen(text: str, begin: int, end: int) -> bool:
    """Whether a sign joins two words, as in two-digit or 3-digit; or stands between spaces in a sentence, as a dash."""
    after = text[end : end + 2]
    if end - begin == 1:
        return len(after) == 2 and after.isalpha()
    return text[begin:end].strip() == "–" and after.isalpha()
