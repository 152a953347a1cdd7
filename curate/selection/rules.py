"""How rows of a set are selected beside what each source says: apart from each other and from benchmarks, and how many in all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.selection.choose_apart import Stays
from curate.selection.compare_sources import SourceComparison
from curate.selection.count_tokens import TokenCounter
from curate.selection.holdout import Holdout
from curate.selection.ingredients import Ingredient
from curate.selection.quotas import Amounts

Of = Literal["prompt", "response"]
FindPairs = Callable[[NDArray[np.int64]], NDArray[np.int64]]
OpenPairs = Callable[[Sequence[Ingredient], pl.DataFrame], AbstractContextManager[FindPairs]]
NEAR_DUPLICATE: Final = "near_duplicate"
CONTAMINATION: Final = "contamination"


@dataclass(frozen=True, slots=True)
class Apart:
    """How rows of all sources are kept apart. of: whether all samples of a prompt stay or give way together, or each alone. stays: which.

    open_pairs: given the ingredients and a row of each unit, in the order in which they may stay (source, its place among the
    ingredients, sample_id, prompt_id, variant, part), a function that finds, among some units by their numbers, in rising order, the
    pairs that are duplicates, of shape (m, 2).
    """

    of: Of
    stays: Stays
    open_pairs: OpenPairs


@dataclass(frozen=True, slots=True)
class Rules:
    """How rows are selected beside what each source says. comparison: with benchmarks, whose problems no row is to hold.

    amounts: of the whole. holdout: prompts whose samples are kept out. counter: of the tokens of all sources, in place of their own numbers.
    """

    seed: int
    apart: Apart | None = None
    comparison: SourceComparison | None = None
    amounts: Amounts = field(default_factory=Amounts)
    holdout: Holdout | None = None
    counter: TokenCounter | None = None

    @property
    def keys(self) -> list[str]:
        """The content keys of what options name: a set that was made with others is made anew."""
        return [one.key for one in (self.comparison, self.holdout, self.counter) if one is not None]

    @property
    def labels(self) -> list[str]:
        """What rejects samples that all checks of their source accept, in order."""
        found = [CONTAMINATION] * (self.comparison is not None)
        return found + [NEAR_DUPLICATE] * (self.apart is not None)
