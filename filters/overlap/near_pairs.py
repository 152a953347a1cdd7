"""Which of many texts are alike, from their signatures alone: in linear time, and the same pairs in whatever order they come.

Candidates are texts that agree in a band of bins and, of prompts, in their skeleton; each is confirmed by the whole rows. Texts
of the same words are compared once. What is held beside the signatures is about 150 bytes a text; keys of many go to a file.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.signatures import BINS, Bins, measure_likeness
from filters.overlap.word_signs import spread

Places = NDArray[np.int64]
Keys = NDArray[np.uint64]

LIKENESS: Final = 0.65
"""Share of runs that two texts must have in common to be alike, unless told otherwise."""
BANDS: Final = 32
"""Of four bins each: of texts at .65, 99.8 in 100 agree in one; of texts at .3, 23."""
WINDOW: Final = 64
FIRST: Final = 16
"""In a bucket of many each is compared with so many before it in rank, and with the first: the one that stays is among these."""
COPIES: Final = 8
"""Of texts of the same words, so many stand in pairs with the others and with what is alike to them."""
CHUNK: Final = 1 << 16
"""Rows, or pairs of them, that are read at once."""
AT_ONCE: Final = 1 << 22
"""Texts whose keys are held in memory and sorted at once."""


class SignedTexts(NamedTuple):
    """The signatures of texts, one row each, in memory or mapped from a file.

    bins: shape texts x BINS. exact: a key of the text but for its spaces. words: a key of its words; 0 where there are none.
    strict: a key of what must be equal in texts that are alike, as a prompt's skeleton; 0 where nothing must.
    """

    bins: Bins
    exact: Keys
    words: Keys
    strict: Keys


class NearPairs(NamedTuple):
    """Texts that are alike. pairs: shape pairs x 2, the lower number first, sorted, each once. likeness: of each pair, as a share."""

    pairs: Places
    likeness: NDArray[np.float64]


def find_near_pairs(
    texts: SignedTexts, rank: Places, likeness: float = LIKENESS, beside: Path | None = None
) -> NearPairs:
    """The pairs of texts that are alike.

    rank: of each text its place in the order in which they may stay, all different; it decides what is compared where very
    many are alike, so that with `give_way` whoever gives way does so to the first. likeness: the least. beside: a folder for
    a temporary file, where there are many.
    """
    order, groups = _group_equal(texts, rank)
    leaders = order[groups.begins]
    by_rank = np.argsort(rank[leaders], kind="stable")
    speaking = by_rank[texts.words[leaders[by_rank]] > 0]
    near, shares = _compare(texts, leaders[speaking], likeness, beside)
    pairs, alike = _expand(groups, speaking[near], shares)
    return _sort(order[pairs], alike, len(rank))


class _Groups(NamedTuple):
    """Groups of equal texts in an order: where each begins and how many it has."""

    begins: Places
    sizes: Places


def _group_equal(texts: SignedTexts, rank: Places) -> tuple[Places, _Groups]:
    """All texts, those of the same words and skeleton one after the other and by rank, and where each such group begins."""
    same = np.where(texts.words > 0, texts.words, texts.exact)
    key = spread(same ^ spread(texts.strict + np.uint64(1)))
    order = np.lexsort((rank, key))
    listed = key[order]
    begins = np.flatnonzero(
        np.concatenate([np.ones(min(1, len(listed)), np.bool_), listed[1:] != listed[:-1]])
    )
    return order, _Groups(begins, np.diff(begins, append=len(order)))


def _compare(
    texts: SignedTexts, rows: Places, likeness: float, beside: Path | None
) -> tuple[Places, NDArray[np.float64]]:
    """The pairs among some rows, given by rank, that are alike, as places among them; each once."""
    found: list[Keys] = [np.zeros(0, np.uint64)]
    shares: list[NDArray[np.float64]] = [np.zeros(0)]
    held = 0
    with _open_keys(len(rows), beside) as keys:
        _write_keys(texts, rows, keys)
        for band in keys:
            for one, other in _list_candidates(band):
                share = _measure(texts, rows[one], rows[other])
                alike = share >= likeness
                found.append(
                    one[alike].astype(np.uint64) * np.uint64(len(rows)) + other[alike].astype(np.uint64)
                )
                shares.append(share[alike])
                held += len(found[-1])
            if held > AT_ONCE // 2:
                found, shares = _merge(found, shares)
                held = 0
    (codes,), (alike_shares,) = _merge(found, shares)
    number = np.uint64(max(1, len(rows)))
    pairs = np.stack([codes // number, codes % number], axis=1).astype(np.int64)
    return pairs, alike_shares


def _merge(
    found: list[Keys], shares: list[NDArray[np.float64]]
) -> tuple[list[Keys], list[NDArray[np.float64]]]:
    codes, firsts = np.unique(np.concatenate(found), return_index=True)
    return [codes], [np.concatenate(shares)[firsts]]


@contextmanager
def _open_keys(number: int, beside: Path | None) -> Iterator[Keys]:
    """Room for the keys of so many texts, shape BANDS x texts: in memory, or in a file where there are many."""
    if number <= AT_ONCE // BANDS:
        yield np.empty((BANDS, number), np.uint64)
        return
    with tempfile.TemporaryFile(prefix=".keys-", dir=beside) as file:
        mapped: Any = np.memmap(file, np.uint64, "w+", shape=(BANDS, number))
        yield mapped


def _write_keys(texts: SignedTexts, rows: Places, keys: Keys) -> None:
    """Of each text and band a key of the band's bins and of what must be equal."""
    for first in range(0, len(rows), CHUNK):
        some = rows[first : first + CHUNK]
        bins = np.ascontiguousarray(texts.bins[some])
        strict = spread(texts.strict[some] + np.uint64(1))
        keys[:, first : first + CHUNK] = spread(bins.view(np.uint64) ^ strict[:, None]).T


def _list_candidates(keys: Keys) -> Iterator[tuple[Places, Places]]:
    """Pairs of places whose keys are equal, in pieces, the lower place first."""
    parts = -(-len(keys) // AT_ONCE)
    for part in range(parts):
        some = np.arange(len(keys)) if parts == 1 else np.flatnonzero(keys % np.uint64(parts) == part)
        own = np.asarray(keys[some])
        order = np.argsort(own, kind="stable")
        own, some = own[order], some[order]
        is_equal = own[1:] == own[:-1]
        kept = np.zeros(len(own), np.bool_)
        kept[1:] |= is_equal
        kept[:-1] |= is_equal
        yield from _pair_buckets(own[kept], some[kept])


def _pair_buckets(keys: Keys, places: Places) -> Iterator[tuple[Places, Places]]:
    """Each with those before it in its bucket, and with its first. keys: sorted; places: by rank within a bucket."""
    begins = np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), np.bool_), keys[1:] != keys[:-1]]))
    sizes = np.diff(begins, append=len(keys))
    within = np.arange(len(keys)) - np.repeat(begins, sizes)
    for distance in range(1, min(WINDOW, int(sizes.max(initial=1)) - 1) + 1):
        later = np.flatnonzero(within >= distance)
        yield from _cut(places[later - distance], places[later])
    for number in range(FIRST):
        later = np.flatnonzero(within > WINDOW + number)
        if not len(later):
            return
        yield from _cut(places[later - within[later] + number], places[later])


def _cut(one: Places, other: Places) -> Iterator[tuple[Places, Places]]:
    for first in range(0, len(one), CHUNK):
        yield one[first : first + CHUNK], other[first : first + CHUNK]


def _measure(texts: SignedTexts, one: Places, other: Places) -> NDArray[np.float64]:
    """The likeness of pairs of texts; 0 where what must be equal is not."""
    share = measure_likeness(texts.bins[one], texts.bins[other])
    share[texts.strict[one] != texts.strict[other]] = 0
    return share


def _expand(groups: _Groups, near: Places, shares: NDArray[np.float64]) -> tuple[Places, NDArray[np.float64]]:
    """Pairs of groups as pairs of their members, and those within each group; as places in the order of the groups."""
    own = np.flatnonzero(groups.sizes > 1)
    one = np.concatenate([own, near[:, 0], near[:, 1]])
    other = np.concatenate([own, near[:, 1], near[:, 0]])
    share = np.concatenate([np.ones(len(own)), shares, shares])
    pairs, found = [], []
    for copy in range(min(COPIES, int(groups.sizes.max(initial=1)))):
        has = groups.sizes[other] > copy
        sizes = groups.sizes[one[has]]
        starts = np.cumsum(sizes) - sizes
        member = np.arange(int(sizes.sum())) + np.repeat(groups.begins[one[has]] - starts, sizes)
        pairs.append(np.stack([member, np.repeat(groups.begins[other[has]] + copy, sizes)], axis=1))
        found.append(np.repeat(share[has], sizes))
    return np.concatenate(pairs), np.concatenate(found)


def _sort(pairs: Places, alike: NDArray[np.float64], number: int) -> NearPairs:
    """Pairs without those of a text with itself, the lower number first, each once."""
    kept = pairs[:, 0] != pairs[:, 1]
    low, high = pairs[kept].min(axis=1), pairs[kept].max(axis=1)
    codes, firsts = np.unique(low * number + high, return_index=True)
    both = np.stack([codes // max(1, number), codes % max(1, number)], axis=1)
    return NearPairs(both, alike[kept][firsts])


assert BINS * 2 == BANDS * 8, "a band is as wide as a key"
