"""Texts as short rows of numbers, by which it is told how alike two of them are without reading them again.

A row is a MinHash of the text's runs of words, made as in Dahlgaard, Knudsen and Thorup, "Fast Similarity Sketching" (2017):
each run falls into one bin a round, each bin keeps the least of what falls into it, and bins that stay empty are filled by the
next round, the last of which fills all. So of two texts the share of equal bins is, without bias, the share of runs that they
have in common (Jaccard), also where a text has fewer runs than there are bins.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from filters.overlap.word_signs import spread
from filters.overlap.words import PIECE, Grams, HashedWords, hash_grams, hash_words, split_texts

Bins = NDArray[np.uint16]

BINS: Final = 128
"""Numbers in a row: the likeness of two texts that have .7 of their runs in common is told with a deviation of .04."""
NGRAM: Final = 5
"""Words in a run, of responses and other long texts."""
ROUNDS: Final = 4
"""Rounds after which each bin that is still empty is filled from all runs: by then few are, in texts of 200 words."""
EMPTY: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
_SHIFT: Final = np.uint64(57)  # the seven upper bits of 64 are the bin
_SEEDS: Final = spread(np.arange(1, BINS + ROUNDS + 2, dtype=np.uint64))
_BASE: Final = np.uint64(0xD1342543DE82EF95)


def sign_texts(texts: Sequence[str], ngram: int = NGRAM) -> Bins:
    """Of each text its row, shape texts x BINS. ngram: words in a run; a text of fewer words has them all as one run.

    The same for the same words in any batch and process. A text without words has a row of zeros.
    """
    rows = np.zeros((len(texts), BINS), np.uint16)
    for piece in split_texts(texts):
        rows[piece] = sign_words(hash_words([texts[number] for number in piece]), ngram)
    return rows


def sign_words(words: HashedWords, ngram: int = NGRAM) -> Bins:
    """What `sign_texts` makes of texts that are read already."""
    grams = hash_all_runs(words, ngram)
    return _fill(grams.hashes, grams.ends)


def hash_all_runs(words: HashedWords, ngram: int) -> Grams:
    """As `hash_grams`, but a text of fewer words than a run has one, of all its words."""
    grams = hash_grams(words, ngram)
    counts = np.diff(grams.ends, prepend=0)
    short = np.flatnonzero((counts == 0) & (words.counts > 0))
    if not len(short):
        return grams
    whole = digest_words(words)[short]
    hashes = np.insert(grams.hashes, grams.ends[short], whole)
    firsts = np.insert(grams.words, grams.ends[short], words.begins[short])
    counts[short] = 1
    return Grams(hashes, np.cumsum(counts), firsts)


def digest_words(words: HashedWords) -> NDArray[np.uint64]:
    """Of each text a number that is the same for the same words in the same order, and 0 where there are none."""
    longest = int(words.counts.max(initial=0))
    powers = np.cumprod(np.full(longest, _BASE, np.uint64))
    places = np.arange(len(words.hashes)) - np.repeat(words.begins, words.counts)
    sums = np.zeros(len(words.hashes) + 1, np.uint64)
    np.cumsum(spread(words.hashes) * powers[places], out=sums[1:])
    return spread(sums[words.ends] - sums[words.begins] + words.counts.astype(np.uint64))


def measure_likeness(one: Bins, other: Bins) -> NDArray[np.float64]:
    """Of each pair of rows the share of equal bins: an estimate of the share of runs that the two texts have in common."""
    found: NDArray[np.float64] = (one == other).mean(axis=1)
    return found


def _fill(hashes: NDArray[np.uint64], ends: NDArray[np.int64]) -> Bins:
    """The rows of texts whose runs have these hashes."""
    counts = np.diff(ends, prepend=0)
    filled = least = np.full(len(ends) * BINS, EMPTY, np.uint64)
    cells = np.repeat(np.arange(len(ends)) * BINS, counts)
    for number in range(ROUNDS):
        mixed = spread(hashes ^ _SEEDS[number])
        places = cells + (mixed >> _SHIFT).astype(np.int64)
        if number:
            # What falls into bins that an earlier round has filled is as if it were not there.
            is_open = filled[places] == EMPTY
            mixed, places = mixed[is_open], places[is_open]
        np.minimum.at(least, places, mixed)
        filled = least.copy()
        if number + 1 < ROUNDS:
            lacking = (filled.reshape(-1, BINS) == EMPTY).any(axis=1) & (counts > 0)
            if not lacking.any():
                break
            kept = np.repeat(lacking, counts)
            hashes, cells = hashes[kept], cells[kept]
            counts = np.where(lacking, counts, 0)
    _fill_rest(least, hashes, counts)
    rows = least.astype(np.uint16)
    rows[np.repeat(np.diff(ends, prepend=0) == 0, BINS)] = 0
    return rows.reshape(-1, BINS)


def _fill_rest(least: NDArray[np.uint64], hashes: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
    """Fill each bin that is empty with the least of all its text's runs, by an order of its own."""
    begins = np.cumsum(counts) - counts
    empty = np.flatnonzero(least == EMPTY)
    empty = empty[counts[empty // BINS] > 0]
    while len(empty):
        some, empty = _split(empty, counts)
        sizes = counts[some // BINS]
        starts = np.cumsum(sizes) - sizes
        places = np.arange(int(sizes.sum())) + np.repeat(begins[some // BINS] - starts, sizes)
        mixed = spread(hashes[places] ^ np.repeat(_SEEDS[ROUNDS + some % BINS], sizes))
        least[some] = np.minimum.reduceat(mixed, starts)


def _split(
    empty: NDArray[np.int64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first of some bins, whose texts have about PIECE runs to look at, and the others."""
    upto = max(1, int(np.searchsorted(np.cumsum(counts[empty // BINS]), PIECE)))
    return empty[:upto], empty[upto:]
