r"""A text in one form for each character: compatibility forms as NFKD has them, nothing invisible, and what that would run together set apart.

NFKD alone makes 2⁴ the number 24 and 2½ the number 21⁄2; `\frac12` is no twelve, and 10,\!000 and 10\,000 are 10,000.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

from filters.overlap.word_signs import NOT_THERE, load_signs

STROKE: Final = 0x338
"""What makes = another sign in NFKD; it stays, and is no part of a word."""
_RAISED, _LOWERED, _PART = (
    "\u00b2\u00b3\u00b9\u2070-\u207f",
    "\u2080-\u209c",
    "\u00bc-\u00be\u2150-\u215f\u2189",
)
_FORM: Final = re.compile(f"[{_RAISED}{_LOWERED}{_PART}\u202f]")
_FORMS: Final = re.compile(
    rf"(?P<raised>[{_RAISED}]+)|(?P<lowered>[{_LOWERED}]+)|(?P<part>[{_PART}])|(?<=\d)(?P<comma>\u202f)(?=\d{{3}}(?!\d))"
)
_LATEX: Final = re.compile(r"(?P<comma>(?<=\d),?\\[!,](?=\d{3}(?!\d)))|(?P<digit>\\[dtc]?frac\s*\d)(?=\d)")
_SHORT_FRACTION: Final = re.compile(r"frac\s*\d\d")
"""This, or one of LaTeX's two small spaces, stands in every text in which `_LATEX` finds anything, and is found far quicker."""
_AROUND: Final = {"raised": ("^", " "), "lowered": ("_", " "), "part": (" ", " "), "digit": ("", " ")}
"""What stands before and after each of those that are set apart."""


class TracedText(NamedTuple):
    """A text in one form, and of each of its characters the place of the one in the text as given that it is of."""

    text: str
    origin: list[int]


def normalize(text: str) -> str:
    """The text in one form, for its words: what is invisible is left in it where there is no LaTeX, since words are found without it."""
    if not text.isascii():
        if _FORM.search(text):
            text = _FORMS.sub(_replace, text)
        text = unicodedata.normalize("NFKD", text)
        if "\\" in text:
            text = _find_invisible().sub("", text)
    if "\\" in text and ("\\," in text or "\\!" in text or _SHORT_FRACTION.search(text)):
        text = _LATEX.sub(_replace, text)
    return text


def trace_normal(text: str) -> TracedText:
    """The same with where each character comes from."""
    apart = _set_apart(_FORMS, TracedText(text, list(range(len(text)))))
    forms = [unicodedata.normalize("NFKD", sign) for sign in apart.text]
    signs = [_find_invisible().sub("", form) for form in forms]
    origin = [place for sign, place in zip(signs, apart.origin, strict=True) for _ in sign]
    return _set_apart(_LATEX, TracedText("".join(signs), origin))


def _set_apart(pattern: re.Pattern[str], traced: TracedText) -> TracedText:
    text, origin = traced
    pieces = list(_list_pieces(pattern, text))
    places: list[int] = []
    for piece, begin, end in pieces:
        places += origin[begin:end] if len(piece) == end - begin else [origin[begin]] * len(piece)
    return TracedText("".join(piece for piece, _, _ in pieces), places)


def _list_pieces(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, int, int]]:
    """The pieces of a text as they are replaced, each with the characters that it stands for; what is set between with one beside it."""
    at = 0
    for found in pattern.finditer(text):
        begin, end = found.span()
        yield text[at:begin], at, begin
        if found.lastgroup == "comma":
            yield ",", begin, end
        else:
            before, after = _AROUND[str(found.lastgroup)]
            yield before, begin, begin + len(before)
            yield found.group(), begin, end
            yield after, end - 1, end
        at = end
    yield text[at:], at, len(text)


def _replace(found: re.Match[str]) -> str:
    if found.lastgroup == "comma":
        return ","
    before, after = _AROUND[str(found.lastgroup)]
    return f"{before}{found.group()}{after}"


@lru_cache(1)
def _find_invisible() -> re.Pattern[str]:
    """All characters that are not there, as ranges."""
    codes = [code for code in (load_signs().kinds == NOT_THERE).nonzero()[0].tolist() if code != STROKE]
    return re.compile(f"[{''.join(_list_ranges(codes))}]+")


def _list_ranges(codes: Sequence[int]) -> Iterator[str]:
    cuts = [0, *(at for at, (one, other) in enumerate(pairwise(codes), 1) if other != one + 1), len(codes)]
    for begin, end in pairwise(cuts):
        yield f"\\U{codes[begin]:08x}-\\U{codes[end - 1]:08x}"
