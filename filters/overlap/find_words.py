"""The words in an array of characters, found and hashed in a few passes over all of it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.normal_text import normalize
from filters.overlap.run_hashes import Hashes, Places, hash_runs
from filters.overlap.word_signs import (
    ALIASES,
    BETWEEN,
    DIGIT,
    ENVIRONMENTS,
    JOINT,
    LAYOUT,
    NOT_THERE,
    SINGLE,
    load_signs,
)

Codes = NDArray[np.uint8] | NDArray[np.uint32]

BACKSLASH: Final = ord("\\")
_POINT, _OPEN, _CLOSED = map(ord, ".{}")
_NOTHING, _ENVIRONMENT = 0, 1


class FoundWords(NamedTuple):
    """Words in an array of characters.

    codes: the characters that are there. origins: of each its place in the array; None where all are there. begins, ends: of
    each word, among codes. hashes: of each word.
    """

    codes: Codes
    origins: Places | None
    begins: Places
    ends: Places
    hashes: Hashes


def encode(text: str) -> Codes:
    """A text's characters as numbers: bytes, where they are all in ASCII."""
    if text.isascii():
        return np.frombuffer(text.encode(), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def find_words(codes: Codes) -> FoundWords:
    """The words in characters, of which the last is NUL."""
    signs = load_signs()
    places = codes.astype(np.int64)
    kinds = signs.kinds.take(places)
    origins: Places | None = None
    if (kinds == NOT_THERE).any():
        origins = np.flatnonzero(kinds != NOT_THERE)
        codes, places, kinds = codes.take(origins), places.take(origins), kinds.take(origins)
    skipped = _join_numbers(codes, kinds)
    # A word begins and ends where the kind of character changes; a single one does both.
    turns = kinds == SINGLE
    turns[1:] |= kinds[1:] != kinds[:-1]
    turns[0] = True
    is_word = kinds != BETWEEN
    begins, ends = np.flatnonzero(turns & is_word), np.flatnonzero(turns[1:] & is_word[:-1]) + 1
    values = signs.values.take(places)
    hashes = hash_runs(values, begins, ends)
    if len(skipped):
        _leave_out(skipped, hashes, values, begins, ends)
    return _drop_layout(FoundWords(codes, origins, begins, ends, hashes))


def _join_numbers(codes: Codes, kinds: NDArray[np.uint8]) -> Places:
    """Make a point between digits part of the number, and a comma before just three digits, `{,}` among them.

    Returns the places of such commas and their brackets, which count for nothing in the number.
    """
    end = len(codes) - 1

    def is_digit(places: Places) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = kinds.take(places, mode="clip") == DIGIT
        return found

    joints = np.flatnonzero(kinds == JOINT)
    kinds[joints] = BETWEEN
    joints = joints[is_digit(joints + 1) | (codes[np.minimum(joints + 1, end)] == _CLOSED)]
    is_point = codes.take(joints) == _POINT
    points, commas = joints[is_point], joints[~is_point]
    braced = (codes[commas - 1] == _OPEN) & (codes[np.minimum(commas + 1, end)] == _CLOSED)
    width = braced.astype(np.int64)
    three = is_digit(commas + width + 1) & is_digit(commas + width + 2) & is_digit(commas + width + 3)
    within = is_digit(commas - width - 1) & three & ~is_digit(commas + width + 4)
    kinds[points[is_digit(points - 1) & is_digit(points + 1)]] = DIGIT
    skipped: Places = np.concatenate(
        (commas[within], commas[within & braced] - 1, commas[within & braced] + 1)
    )
    kinds[skipped] = DIGIT
    return skipped


def _leave_out(skipped: Places, hashes: Hashes, values: Hashes, begins: Places, ends: Places) -> None:
    """Hash the words in which characters stand that count for nothing, without these."""
    words = np.unique(np.searchsorted(begins, skipped, side="right") - 1)
    sizes = ends[words] - begins[words]
    lasts = np.cumsum(sizes)
    places = np.arange(int(lasts[-1])) + np.repeat(begins[words] - (lasts - sizes), sizes)
    counts = np.ones(len(values), np.bool_)
    counts[skipped] = False
    is_kept = counts.take(places)
    edges = np.append(0, np.cumsum(is_kept)[lasts - 1])
    hashes[words] = hash_runs(values[places[is_kept]], edges[:-1], edges[1:])


def _drop_layout(found: FoundWords) -> FoundWords:
    """LaTeX commands as what they stand for: a letter, a word, or nothing that is said."""
    codes, _, begins, ends, hashes = found
    is_command = codes.take(begins - 1) == BACKSLASH  # before the first stands the last, which is none
    places = np.flatnonzero(is_command)
    if not len(places):
        return found
    names, meanings = _commands()
    at = np.minimum(np.searchsorted(names, hashes[places]), len(names) - 1)
    known = names[at] == hashes[places]
    places, meant = places[known], meanings[at[known]]
    hashes[places] = meant
    kept = np.ones(len(hashes), np.bool_)
    kept[places[meant <= _ENVIRONMENT]] = False
    named = places[meant == _ENVIRONMENT] + 1
    named = named[named < len(kept)]
    kept[named[codes[begins[named] - 1] == _OPEN]] = False
    left = np.flatnonzero(kept)
    return found._replace(begins=begins.take(left), ends=ends.take(left), hashes=hashes.take(left))


@lru_cache(1)
def _commands() -> tuple[Hashes, Hashes]:
    """The hashes of known commands, sorted, and of each the hash of what it stands for, or that it stands for nothing."""
    meanings = dict.fromkeys(LAYOUT, _NOTHING) | dict.fromkeys(ENVIRONMENTS, _ENVIRONMENT)
    meant = {_hash_word(name): np.uint64(meaning) for name, meaning in meanings.items()}
    meant |= {_hash_word(name): _hash_word(sign) for name, sign in ALIASES.items()}
    names = sorted(meant)
    return np.array(names, np.uint64), np.array([meant[name] for name in names], np.uint64)


def _hash_word(word: str) -> np.uint64:
    codes = encode(normalize(word))
    one: np.uint64 = hash_runs(load_signs().values[codes], np.zeros(1, np.int64), np.array([len(codes)]))[0]
    return one
