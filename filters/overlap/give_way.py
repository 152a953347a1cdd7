"""Which of things that are alike stays, and which give way to it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def give_way(pairs: NDArray[np.int64], rank: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each thing the one that it gives way to, or itself where it stays.

    pairs: of things that are alike, of shape (pairs, 2), each once or often, in any order. rank: of each thing its place in
    the order in which they may stay, all different. Whoever gives way is alike to the one that stays, which is before it: it is
    the first such. So nothing depends on the order of the pairs, and no chain of likenesses removes what is unlike.
    """
    stays = np.arange(len(rank), dtype=np.int64)
    if not len(pairs):
        return stays
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    swap = rank[pairs[:, 0]] > rank[pairs[:, 1]]
    first, later = np.where(swap, pairs[:, 1], pairs[:, 0]), np.where(swap, pairs[:, 0], pairs[:, 1])
    order = np.lexsort((rank[first], rank[later]))
    # By the later one's rank: all before it are decided when it is looked at; the first that stays is the one.
    for before, after in zip(first[order].tolist(), later[order].tolist(), strict=True):
        if stays[after] == after and stays[before] == before:
            stays[after] = before
    return stays
