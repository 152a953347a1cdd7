"""Numbers and names taken out of texts, so that a problem is found again that was told of others."""

from __future__ import annotations

from functools import lru_cache
from string import ascii_lowercase
from typing import Final

import numpy as np
from numpy.typing import NDArray

from filters.overlap.run_hashes import Hashes
from filters.overlap.word_signs import spread
from filters.overlap.words import Grams, HashedWords, NotedWords, hash_grams, hash_words

NUMBER, NAME = "#", "@"
"""What a number and a name are spelled as once they are masked: no words."""
_NUMBER, _NAME = np.uint64(0x517CC1B727220A95), np.uint64(0x2545F4914F6CDD1D)
_MOST: Final = 0.5
"""The share of a run's words that may be masked: of more, any text could have it."""


def find_names(noted: NotedWords) -> NDArray[np.bool_]:
    """Which words are names: written with a capital letter, and somewhere in their text where no sentence begins.

    A single letter is a variable or a point, and no name.
    """
    words = noted.words
    texts = np.repeat(np.arange(len(words.ends), dtype=np.uint64), words.counts)
    capital = np.flatnonzero(noted.is_capital)
    capital = capital[~np.isin(words.hashes[capital], _hash_letters())]
    keys = words.hashes[capital] ^ spread(texts[capital] + np.uint64(1))
    names = np.zeros(len(words.hashes), np.bool_)
    names[capital] = np.isin(keys, keys[noted.is_inner[capital]])
    return names


def mask_words(noted: NotedWords) -> HashedWords:
    """The words with one in place of all numbers, and one in place of all names."""
    hashes = noted.words.hashes.copy()
    hashes[find_names(noted)] = _NAME
    hashes[noted.is_number] = _NUMBER
    return noted.words._replace(hashes=hashes)


def hash_masked_grams(noted: NotedWords, n: int) -> Grams:
    """The runs of masked words in which enough is left to tell them from others."""
    masked = mask_words(noted)
    grams = hash_grams(masked, n)
    hidden = np.cumsum(np.append(0, np.isin(masked.hashes, (_NUMBER, _NAME))))
    telling = hidden[grams.words + n] - hidden[grams.words] <= _MOST * n
    ends = np.cumsum(np.append(0, telling))[grams.ends]
    return Grams(grams.hashes[telling], ends, grams.words[telling])


@lru_cache(1)
def _hash_letters() -> Hashes:
    return hash_words(list(ascii_lowercase)).hashes
