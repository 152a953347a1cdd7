r"""The words of texts as numbers, so that texts are compared by what they say and not by how they are set.

Words are runs of letters, numbers, and single characters in scripts without spaces. Case, accents, punctuation, signs,
spaces, invisible characters, forms of one character (`normal_text`), LaTeX's layout (`\left`, `\frac`, `\text`), thousands commas
and `\pi` for π make no difference. All texts of a call are read at once with numpy, some 16 ns a character.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.find_words import Codes, FoundWords, encode, find_words
from filters.overlap.normal_text import normalize
from filters.overlap.run_hashes import Hashes, Places, add_rows, sum_up
from filters.overlap.word_signs import DIGIT, LETTER, OPENER, STOP, load_signs, spread

PIECE: Final = 1 << 18
MOST_TEXTS: Final = 1 << 11
"""Characters, and texts, that are worked on at once; a longer text is read alone."""


class HashedWords(NamedTuple):
    """The words of several texts, one after the other. hashes: of each word. ends: of each text, where its words end among them."""

    hashes: Hashes
    ends: Places

    @property
    def begins(self) -> Places:
        """Of each text, where its words begin."""
        return self.ends - self.counts

    @property
    def counts(self) -> Places:
        """Of each text, how many words it has."""
        return np.diff(self.ends, prepend=0)


class NotedWords(NamedTuple):
    """Words and what is known of each: whether it is a number, begins with a capital letter, and does so elsewhere than at the
    beginning of a sentence or line.
    """

    words: HashedWords
    is_number: NDArray[np.bool_]
    is_capital: NDArray[np.bool_]
    is_inner: NDArray[np.bool_]


class Grams(NamedTuple):
    """The runs of n words of several texts. hashes: of each run. ends: of each text, where its runs end. words: of each run, the place of its first word."""

    hashes: Hashes
    ends: Places
    words: Places


def split_texts(texts: Sequence[str]) -> Iterator[list[int]]:
    """The numbers of texts, in pieces that stay in the processor's cache while they are worked on: first those in ASCII,
    which is read faster.
    """
    is_ascii = np.fromiter(map(str.isascii, texts), np.bool_, len(texts))
    for numbers in (np.flatnonzero(is_ascii).tolist(), np.flatnonzero(~is_ascii).tolist()):
        for begin, end in _cut([texts[number] for number in numbers]):
            yield numbers[begin:end]


class _ReadChunk(NamedTuple):
    """What was found in texts that were read at once. counts: of each text, how many words it has."""

    found: FoundWords
    counts: Places


def hash_words(texts: Sequence[str]) -> HashedWords:
    """The words of each text as 64-bit numbers, the same for the same word in any text and process."""
    return _put_together([(found.hashes, counts) for found, counts in _read_chunks(texts)])


def note_words(texts: Sequence[str]) -> NotedWords:
    """The same words, and what is known of each."""
    parts, notes = [], [np.zeros((3, 0), np.bool_)]
    for found, counts in _read_chunks(texts):
        parts.append((found.hashes, counts))
        notes.append(_note(found.codes, found.begins))
    return NotedWords(_put_together(parts), *np.concatenate(notes, axis=1))


def hash_grams(words: HashedWords, n: int) -> Grams:
    """All runs of n words within a text; a text of fewer words has none."""
    counts = np.maximum(words.counts - (n - 1), 0)
    ends = np.cumsum(counts)
    firsts = np.arange(int(counts.sum())) + np.repeat(words.begins - (ends - counts), counts)
    return Grams(spread(add_rows(sum_up(words.hashes), n)).take(firsts), ends, firsts)


def _cut(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where pieces of texts in their order begin and end."""
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    begin = 0
    while begin < len(texts):
        upto = PIECE + (int(ends[begin - 1]) if begin else 0)
        end = min(begin + MOST_TEXTS, max(begin + 1, int(np.searchsorted(ends, upto, side="right"))))
        yield begin, end
        begin = end


def _read_chunks(texts: Sequence[str]) -> Iterator[_ReadChunk]:
    """Texts as they are read, about PIECE characters at once."""
    for begin, end in _cut(texts):
        normal = list(map(normalize, texts[begin:end]))
        found = find_words(encode("\0".join(normal) + "\0"))
        upto = np.cumsum(np.fromiter(map(len, normal), np.int64, len(normal)) + 1)
        if found.origins is not None:
            upto = np.searchsorted(found.origins, upto)
        yield _ReadChunk(found, np.diff(np.searchsorted(found.begins, upto), prepend=0))


def _put_together(parts: Sequence[tuple[Hashes, Places]]) -> HashedWords:
    hashes = [np.zeros(0, np.uint64), *(part for part, _ in parts)]
    counts = [np.zeros(0, np.int64), *(part for _, part in parts)]
    return HashedWords(np.concatenate(hashes), np.cumsum(np.concatenate(counts)))


def _note(codes: Codes, begins: Places) -> NDArray[np.bool_]:
    """What is known of words by their first characters, and by what stands before them."""
    signs, first = load_signs(), codes.take(begins)
    kinds = signs.kinds.take(first)
    is_capital = (kinds == LETTER) & (signs.folded.take(first) != first)
    is_inner = is_capital.copy()
    is_inner[is_capital] = ~_find_firsts(codes, begins[is_capital])
    return np.stack((kinds == DIGIT, is_capital, is_inner))


def _find_firsts(codes: Codes, begins: Places) -> NDArray[np.bool_]:
    """Which words begin a text, a line or a sentence: before the spaces and quotes before them stands its end."""
    at, breaks = begins - 1, load_signs().breaks
    for _ in range(3):
        at = at - (breaks.take(codes.take(at, mode="clip")) == OPENER)
    is_first: NDArray[np.bool_] = (at < 0) | (breaks.take(codes.take(at, mode="clip")) == STOP)
    return is_first
