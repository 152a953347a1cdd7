"""The texts of a collection that have most rare words in common with another: what is shown to whoever decides what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.words import HashedWords, hash_words

COMMON: Final = 0.1
"""Words in more than this share of the collection say nothing, unless it is as small as FEW."""
FEW: Final = 50


class Near(NamedTuple):
    """A text of the collection by its place, and the cosine of the two texts' weighted words, from 0 to 1."""

    place: int
    likeness: float


class NearestTexts:
    """A collection of texts in memory: of each word the texts that have it, weighted by how rare it is (TF-IDF)."""

    def __init__(self, texts: Sequence[str]) -> None:
        words = hash_words(texts)
        owner = np.repeat(np.arange(len(texts)), words.counts)
        # Each word of each text once, in the order of words.
        order = np.lexsort((owner, words.hashes))
        hashes, owner = words.hashes[order], owner[order]
        kept = np.ones(len(hashes), np.bool_)
        kept[1:] = (hashes[1:] != hashes[:-1]) | (owner[1:] != owner[:-1])
        hashes, self._owners = hashes[kept], owner[kept]
        self._words, begins, counts = np.unique(hashes, return_index=True, return_counts=True)
        self._begins, self._counts = begins, counts
        self._rarity = np.log1p(len(texts) / np.maximum(counts, 1))
        self._number = len(texts)
        weights = np.repeat(self._rarity, counts)
        self._norms = np.sqrt(np.bincount(self._owners, weights**2, minlength=len(texts)))

    def find(self, text: str, most: int) -> list[Near]:
        """At most so many texts, the nearest first, of equal ones the first; none that shares no telling word."""
        asked: HashedWords = hash_words([text])
        own = np.unique(asked.hashes)
        at = np.searchsorted(self._words, own)
        at = at[at < len(self._words)]
        known = at[np.isin(self._words[at], own, assume_unique=True)]
        telling = known[self._counts[known] <= max(FEW, COMMON * self._number)]
        if not len(telling):
            return []
        scores = self._add_up(telling)
        unknown = len(own) - len(known)
        size = np.sqrt((self._rarity[known] ** 2).sum() + unknown * np.log1p(self._number) ** 2)
        likeness = scores / np.maximum(self._norms * size, 1e-12)
        best = np.lexsort((np.arange(self._number), -likeness))[:most]
        return [Near(int(place), min(1.0, float(likeness[place]))) for place in best if likeness[place] > 0]

    def _add_up(self, known: NDArray[np.int64]) -> NDArray[np.float64]:
        """Of each text the weight of the words that it has of these."""
        scores = np.zeros(self._number)
        for word in known.tolist():
            begin = self._begins[word]
            scores[self._owners[begin : begin + self._counts[word]]] += self._rarity[word] ** 2
        return scores
