"""Random numbers that belong to samples: what a set takes, and in which order, is drawn from these alone.

A number depends on the seed, on what it is for, and on the sample's id; not on the run's parts, the machine or any
library's version. What is drawn for one purpose says nothing of what is drawn for another: were the order drawn with
the choice, the rows of a limited source, or of prompts with many samples, would come first.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Final

import numpy as np
import polars as pl

PURPOSES: Final = ("of_prompt", "of_source", "place")
"""Which of a prompt's samples; which of a source's; where in the set."""


def draw_numbers(ids: pl.Series, seed: int) -> pl.DataFrame:
    """For each id a uniform 64-bit number for each purpose: eight bytes of a digest of the seed and the id."""
    begin = f"mix {seed} ".encode()
    size = 8 * len(PURPOSES)
    drawn = b"".join(blake2b(begin + key.encode(), digest_size=size).digest() for key in ids)
    # The order of bytes is given, so that every machine reads the same numbers.
    numbers = np.frombuffer(drawn, "<u8").reshape(-1, len(PURPOSES))
    return pl.DataFrame({name: numbers[:, column].astype(np.uint64) for column, name in enumerate(PURPOSES)})
