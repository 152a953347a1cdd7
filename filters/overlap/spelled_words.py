"""The words of one text in full, where each stands, and the text in the form in which they were read."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from filters.overlap.normal_text import trace_normal
from filters.overlap.word_signs import ALIASES, BETWEEN, NOT_THERE, load_signs
from filters.overlap.words import encode_signs, find_words

_BACKSLASH, _POINT = map(ord, "\\.")


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


def find_word_spans(text: str) -> list[tuple[int, int]]:
    """Where in a text each of its words stands, as half-open ranges of its characters: as many as `hash_words` finds."""
    return [(word.begin, word.end) for word in spell_text(text).words]


def spell_text(text: str) -> SpelledText:
    """The words that `hash_words` finds, in full: those of equal hashes are spelled alike, unless hashes collide."""
    traced, signs = trace_normal(text), load_signs()
    codes = encode_signs(traced.text + "\0")
    origin = np.array([*traced.origin, len(text)])
    found = find_words(codes)
    kinds = signs.kinds.take(codes)
    is_said = ((kinds != BETWEEN) & (kinds != NOT_THERE)) | (codes == _POINT)
    said = signs.folded.take(codes)[is_said].tobytes().decode("utf-32-le", "surrogatepass")
    before = np.append(0, np.cumsum(is_said))
    spellings = [
        said[begin:end]
        for begin, end in zip(before[found.begins].tolist(), before[found.ends].tolist(), strict=True)
    ]
    for at in np.flatnonzero((found.begins > 0) & (codes[found.begins - 1] == _BACKSLASH)).tolist():
        name = codes[found.begins[at] : found.ends[at]].tobytes().decode("utf-32-le", "surrogatepass")
        alias = ALIASES.get(name, spellings[at]).lower()
        spellings[at] = alias.replace("ς", "σ")
    begins, ends = origin[found.begins].tolist(), (origin[found.ends - 1] + 1).tolist()
    return SpelledText(
        [SpelledWord(*word) for word in zip(spellings, begins, ends, strict=True)],
        traced.text,
        list(zip(found.begins.tolist(), found.ends.tolist(), strict=True)),
    )
