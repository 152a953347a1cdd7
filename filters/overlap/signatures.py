"""Signatures of texts, by which many can be compared at little cost: alike texts share most of their bins."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np

BINS: Final = 128
"""Bins of a signature: how many numbers stand for a text."""
WORDS: Final = 3
"""Words that are hashed together."""
_WORD: Final = re.compile(r"\w+|[^\w\s]")


def sign_texts(texts: Sequence[str]) -> np.ndarray:
    """The signatures of texts: uint16, shape texts x BINS; the likeness of two is the share of their equal bins."""
    signed = np.zeros((len(texts), BINS), np.uint16)
    for row, text in enumerate(texts):
        words = _WORD.findall(text.casefold())
        runs = {" ".join(words[at : at + WORDS]) for at in range(max(1, len(words) - WORDS + 1))}
        hashes = np.array([zlib.crc32(run.encode("utf-8", "surrogatepass")) for run in runs], np.uint64)
        mixed = (hashes[:, None] * _FACTORS[None, :] + _TERMS[None, :]) >> np.uint64(32)
        signed[row] = (mixed.min(axis=0) & np.uint64(0xFFFF)).astype(np.uint16)
    return signed


_DRAW: Final = np.random.default_rng(1)
_FACTORS: Final = _DRAW.integers(1, 1 << 63, BINS, dtype=np.uint64) | np.uint64(1)
_TERMS: Final = _DRAW.integers(0, 1 << 63, BINS, dtype=np.uint64)
