r"""The words of texts as numbers, so that texts are compared by what they say and not by how they are set.

Words are runs of letters, numbers, and single characters in scripts without spaces. Case, accents, punctuation, signs,
spaces, invisible characters, forms of one character (`normal_text`), LaTeX's layout (`\left`, `\frac`, `\text`), thousands commas
and `\pi` for π make no difference. All texts of a call are read at once with numpy, some 30 ns a character, and 80 where a text is not ASCII.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.normal_text import normalize
from filters.overlap.word_signs import (
    ALIASES,
    BETWEEN,
    DIGIT,
    ENVIRONMENTS,
    LAYOUT,
    LETTER,
    NOT_THERE,
    OPENER,
    SINGLE,
    STOP,
    load_signs,
    spread,
)

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

CHUNK: Final = 1 << 18
"""Characters that are read at once; a longer text is read alone."""
_BASE: Final = 0x9E3779B97F4A7C15
_INVERSE: Final = pow(_BASE, -1, 1 << 64)
_COMMA, _POINT, _BACKSLASH = map(ord, ",.\\")


class HashedWords(NamedTuple):
    """The words of several texts, one after the other.

    hashes: of each word. ends: of each text, where its words end among them. is_number, is_capital, is_inner: of each word,
    whether it is a number, begins with a capital letter, and does so elsewhere than at the beginning of a sentence or line.
    """

    hashes: Hashes
    ends: Places
    is_number: NDArray[np.bool_]
    is_capital: NDArray[np.bool_]
    is_inner: NDArray[np.bool_]

    @property
    def begins(self) -> Places:
        """Of each text, where its words begin."""
        return self.ends - self.counts

    @property
    def counts(self) -> Places:
        """Of each text, how many words it has."""
        return np.diff(self.ends, prepend=0)


class Grams(NamedTuple):
    """The runs of n words of several texts. hashes: of each run. ends: of each text, where its runs end. words: of each run, the place of its first word."""

    hashes: Hashes
    ends: Places
    words: Places


class _Found(NamedTuple):
    """Words in an array of characters: where each begins and ends there, and what is known of it."""

    begins: Places
    ends: Places
    hashes: Hashes
    is_number: NDArray[np.bool_]
    is_capital: NDArray[np.bool_]
    is_inner: NDArray[np.bool_]


def hash_words(texts: Sequence[str]) -> HashedWords:
    """The words of each text as 64-bit numbers, the same for the same word in any text and process."""
    found: list[_Found] = []
    counts: list[Places] = []
    for chunk in _split(texts):
        sizes = np.fromiter(map(len, chunk), np.int64, len(chunk)) + 1
        words = find_words(encode_signs("\0".join(chunk) + "\0"))
        found.append(words)
        counts.append(np.diff(np.searchsorted(words.begins, np.cumsum(sizes)), prepend=0))
    if not found:
        none = np.zeros(0, np.bool_)
        return HashedWords(np.zeros(0, np.uint64), np.zeros(0, np.int64), none, none, none)
    _, _, hashes, *known = (np.concatenate(part) for part in zip(*found, strict=True))
    return HashedWords(hashes, np.cumsum(np.concatenate(counts)), *known)


def hash_grams(words: HashedWords, n: int) -> Grams:
    """All runs of n words within a text; a text of fewer words has none."""
    lasts = np.repeat(words.ends, words.counts) - n
    firsts = np.flatnonzero(np.arange(len(words.hashes)) <= lasts)
    powers, inverses = _powers(len(words.hashes) + 1)
    sums = np.zeros(len(words.hashes) + 1, np.uint64)
    np.cumsum(words.hashes * powers[: len(words.hashes)], out=sums[1:])
    hashes = spread((sums.take(firsts + n) - sums.take(firsts)) * inverses.take(firsts))
    return Grams(hashes, np.searchsorted(firsts, words.ends), firsts)


def _split(texts: Sequence[str]) -> Iterator[list[str]]:
    """Texts, normalised, in chunks of about CHUNK characters."""
    normal = [normalize(text) for text in texts]
    sizes = np.fromiter(map(len, normal), np.int64, len(normal)) + 1
    chunks = (np.cumsum(sizes) - 1) // CHUNK
    cuts = [0, *(np.flatnonzero(np.diff(chunks)) + 1).tolist(), len(normal)]
    for begin, end in pairwise(cuts):
        if begin < end:
            yield normal[begin:end]


def encode_signs(text: str) -> NDArray[np.uint32]:
    """The code point of each character."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def find_words(codes: NDArray[np.uint32]) -> _Found:
    """The words in characters that end with one between words."""
    signs = load_signs()
    kinds = signs.kinds.take(codes)
    kept = np.flatnonzero(kinds != NOT_THERE)  # strokes go before numbers are joined
    codes, kinds = codes.take(kept), kinds.take(kept)
    _join_numbers(codes, kinds)
    said = np.flatnonzero(kinds != NOT_THERE)  # and the commas in them after
    kept, codes, kinds = kept.take(said), codes.take(said), kinds.take(said)
    before = np.empty_like(kinds)
    before[0], before[1:] = BETWEEN, kinds[:-1]
    # A word begins and ends where the kind of character changes; a single one does both.
    turns = (kinds != before) | (kinds == SINGLE)
    edges = np.append(np.flatnonzero(turns), len(kinds))
    at = np.flatnonzero(kinds.take(edges[:-1]) != BETWEEN)
    begins, ends = edges.take(at), edges.take(at + 1)
    hashes = _hash_runs(signs.values.take(codes), begins, ends)
    first, kind = codes.take(begins), kinds.take(begins)
    is_number = kind == DIGIT
    is_capital = (kind == LETTER) & (signs.folded.take(first) != first)
    is_inner = is_capital.copy()
    is_inner[is_capital] = ~_find_firsts(codes, begins[is_capital])
    found = _drop_layout(codes, _Found(begins, ends, hashes, is_number, is_capital, is_inner))
    return found._replace(begins=kept[found.begins], ends=kept[found.ends - 1] + 1)


def _find_firsts(codes: NDArray[np.uint32], begins: Places) -> NDArray[np.bool_]:
    """Which words begin a text, a line or a sentence: before the spaces and quotes before them stands its end."""
    at, breaks = begins - 1, load_signs().breaks
    for _ in range(3):
        at = at - (breaks.take(codes.take(at, mode="clip")) == OPENER)
    is_first: NDArray[np.bool_] = (at < 0) | (breaks.take(codes.take(at, mode="clip")) == STOP)
    return is_first


def _join_numbers(codes: NDArray[np.uint32], kinds: NDArray[np.uint8]) -> None:
    """Make a point between digits part of the number, and skip a comma before just three digits, `{,}` among them."""
    end = len(codes) - 1

    def is_digit(places: Places) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = kinds.take(places, mode="clip") == DIGIT
        return found

    signs = np.flatnonzero((codes == _COMMA) | (codes == _POINT))
    is_point = codes.take(signs) == _POINT
    points, commas = signs[is_point], signs[~is_point]
    kinds[points[is_digit(points - 1) & is_digit(points + 1)]] = DIGIT
    braced = (codes[commas - 1] == ord("{")) & (codes[np.minimum(commas + 1, end)] == ord("}"))
    width = braced.astype(np.int64)
    three = is_digit(commas + width + 1) & is_digit(commas + width + 2) & is_digit(commas + width + 3)
    fourth = commas + width + 4
    more = is_digit(fourth) & (codes[np.minimum(fourth, end)] != _POINT)
    within = is_digit(commas - width - 1) & three & ~more
    kinds[commas[within]] = NOT_THERE
    kinds[commas[within & braced] - 1] = NOT_THERE
    kinds[commas[within & braced] + 1] = NOT_THERE


def _hash_runs(values: Hashes, begins: Places, ends: Places) -> Hashes:
    """Of each run of numbers one that depends on nothing but them: a polynomial's value, from running sums."""
    powers, inverses = _powers(len(values) + 1)
    sums = np.empty(len(values) + 1, np.uint64)
    sums[0] = 0
    np.cumsum(values * powers[: len(values)], out=sums[1:])
    return spread((sums.take(ends) - sums.take(begins)) * inverses.take(begins))


def _drop_layout(codes: NDArray[np.uint32], found: _Found) -> _Found:
    """LaTeX commands as what they stand for: a letter, a word, or nothing that is said."""
    is_command = codes.take(found.begins - 1) == _BACKSLASH
    is_command &= found.begins > 0
    places = np.flatnonzero(is_command)
    if not len(places):
        return found
    names, meanings = _commands()
    at = np.searchsorted(names, found.hashes[places])
    known = names[np.minimum(at, len(names) - 1)] == found.hashes[places]
    places, meant = places[known], meanings[at[known]]
    found.hashes[places] = meant
    dropped = np.zeros(len(found.hashes), np.bool_)
    dropped[places[meant <= _ENVIRONMENT]] = True
    named = places[meant == _ENVIRONMENT] + 1
    named = named[named < len(dropped)]
    dropped[named[codes[found.begins[named] - 1] == ord("{")]] = True
    kept = np.flatnonzero(~dropped)
    return _Found(
        found.begins.take(kept),
        found.ends.take(kept),
        found.hashes.take(kept),
        found.is_number.take(kept),
        found.is_capital.take(kept),
        found.is_inner.take(kept),
    )


_NOTHING, _ENVIRONMENT = 0, 1


@lru_cache(1)
def _commands() -> tuple[Hashes, Hashes]:
    """The hashes of known commands, sorted, and of each the hash of what it stands for, or that it stands for nothing."""
    meanings = dict.fromkeys(LAYOUT, _NOTHING) | dict.fromkeys(ENVIRONMENTS, _ENVIRONMENT)
    meant = {_hash_word(name): np.uint64(meaning) for name, meaning in meanings.items()}
    meant |= {_hash_word(name): _hash_word(sign) for name, sign in ALIASES.items()}
    names = sorted(meant)
    return np.array(names, np.uint64), np.array([meant[name] for name in names], np.uint64)


def _hash_word(word: str) -> np.uint64:
    codes = encode_signs(normalize(word))
    one: np.uint64 = _hash_runs(load_signs().values[codes], np.zeros(1, np.int64), np.array([len(codes)]))[0]
    return one


_tables: list[Hashes] = [np.ones(1, np.uint64), np.ones(1, np.uint64)]


def _powers(size: int) -> tuple[Hashes, Hashes]:
    """At least so many powers of the base, and of its inverse, modulo 2^64."""
    if len(_tables[0]) < size:
        length = 1 << (size - 1).bit_length()
        for number, base in enumerate((_BASE, _INVERSE)):
            factors = np.full(length, base, np.uint64)
            factors[0] = 1
            _tables[number] = np.cumprod(factors)
    return _tables[0], _tables[1]
