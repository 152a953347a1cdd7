"""The words of texts in full, where each stands, and the texts in the form in which they were read."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from filters.overlap.find_words import BACKSLASH, Codes, encode, find_words
from filters.overlap.normal_text import normalize, trace_normal
from filters.overlap.run_hashes import Places
from filters.overlap.word_signs import ALIASES, BETWEEN, load_signs

_COMMA = ord(",")


class SpelledWord(NamedTuple):
    """A word of a text as all its forms are spelled, and where it stands there: a half-open range of characters."""

    spelling: str
    begin: int
    end: int


class SpelledText(NamedTuple):
    """The words of a text. normal: the text in one form, without what is invisible. places: where in that each word stands."""

    words: list[SpelledWord]
    normal: str
    places: list[tuple[int, int]]


def spell_texts(texts: Sequence[str]) -> list[SpelledText]:
    """The words of each text that `hash_words` finds, in full: those of equal hashes are spelled alike, unless hashes collide."""
    normal, origins = zip(*map(_trace, texts), strict=True) if texts else ((), ())
    codes, there, first, last, _ = find_words(encode("\0".join(normal) + "\0"))
    spellings = _spell(codes, first, last)
    begins, ends = first, last - 1
    if there is not None:
        begins, ends = there[begins], there[ends]
    origin = np.concatenate([np.zeros(0, np.int64), *origins])
    words = zip(spellings, origin[begins].tolist(), (origin[ends] + 1).tolist(), strict=True)
    listed = list(map(SpelledWord._make, words))
    starts = np.cumsum([0, *map(len, origins)])
    found = []
    for text, start, (begin, end) in zip(
        normal, starts.tolist(), pairwise(np.searchsorted(begins, starts).tolist()), strict=False
    ):
        places = zip(
            (begins[begin:end] - start).tolist(), (ends[begin:end] + 1 - start).tolist(), strict=True
        )
        found.append(SpelledText(listed[begin:end], text, list(places)))
    return found


def _spell(codes: Codes, first: Places, last: Places) -> list[str]:
    """How words are spelled that stand among characters."""
    signs = load_signs()
    is_said = (signs.kinds.take(codes) != BETWEEN) & (codes != _COMMA)
    said = _decode(signs.folded.take(codes)[is_said])
    before = np.append(0, np.cumsum(is_said))
    edges = zip(before[first].tolist(), before[last].tolist(), strict=True)
    spellings = [said[begin:end] for begin, end in edges]
    for at in np.flatnonzero(codes[first - 1] == BACKSLASH).tolist():
        alias = ALIASES.get(_decode(codes[first[at] : last[at]]), spellings[at]).lower()
        spellings[at] = alias.replace("ς", "σ")
    return spellings


def _trace(text: str) -> tuple[str, Places]:
    """A text in one form, and of each of its characters, and of one more, the place in the text that it comes from."""
    if text.isascii() and normalize(text) == text:
        return text, np.arange(len(text) + 1)
    traced = trace_normal(text)
    return traced.text, np.array([*traced.origin, len(text)], np.int64)


def _decode(codes: Codes) -> str:
    return codes.astype(np.uint32).tobytes().decode("utf-32-le", "surrogatepass")
