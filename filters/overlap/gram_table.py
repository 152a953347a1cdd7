"""Which problems have which runs of words: a sorted table of hashes, looked up for many texts at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.run_hashes import Hashes, Places, add_rows
from filters.overlap.word_signs import gather, spread
from filters.overlap.words import Grams

_SLOTS_PER_GRAM: Final = 16
"""Of the first look, a byte each: so few runs that no problem has come to the search."""


class Pairs(NamedTuple):
    """Texts and problems that share runs. counts: how many different ones."""

    texts: Places
    problems: Places
    counts: Places


@dataclass(frozen=True)
class GramTable:
    """Runs of words with the problems that have them.

    hashes: of each run once, sorted. starts: where each one's holders begin among `holders`, and where the last one's end.
    sizes: of each problem, how many runs it has here.
    """

    hashes: Hashes
    starts: Places
    holders: NDArray[np.int32]
    sizes: Places

    @classmethod
    def build(cls, hashes: Hashes, problems: Places, count: int, most: int | None = None) -> GramTable:
        """From runs and the problem that has each; a run that comes twice in a problem counts once.

        count: of the problems. most: of each run's holders so many are kept, the first.
        """
        order = np.lexsort((problems, hashes))
        hashes, problems = hashes[order], problems[order]
        again = np.zeros(len(hashes), np.bool_)
        again[1:] = (hashes[1:] == hashes[:-1]) & (problems[1:] == problems[:-1])
        hashes, problems = hashes[~again], problems[~again]
        known, starts = np.unique(hashes, return_index=True)
        sizes = np.bincount(problems, minlength=count).astype(np.int64)
        if most is not None:
            place = np.arange(len(problems)) - np.repeat(starts, np.diff(np.append(starts, len(problems))))
            problems = problems[place < most]
            starts = np.append(0, np.cumsum(np.minimum(np.diff(np.append(starts, len(place))), most))[:-1])
        return cls(known, np.append(starts, len(problems)).astype(np.int64), problems.astype(np.int32), sizes)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> GramTable:
        """The inverse of `to_arrays`."""
        return cls(**arrays)  # type: ignore[arg-type]

    def to_arrays(self) -> dict[str, NDArray[np.generic]]:
        """The arrays that it consists of, by name."""
        return {"hashes": self.hashes, "starts": self.starts, "holders": self.holders, "sizes": self.sizes}

    @cached_property
    def _slots(self) -> NDArray[np.bool_]:
        """One table for both looks: at what hashes are before they are spread, and at hashes."""
        slots = np.zeros(1 << self._slot_bits, np.bool_)
        for hashes in (gather(self.hashes), self.hashes):
            slots[self._find_slots(hashes)] = True
        return slots

    @cached_property
    def _slot_bits(self) -> int:
        return max(10, (_SLOTS_PER_GRAM * len(self.hashes)).bit_length())

    def _find_slots(self, hashes: Hashes) -> Places:
        return (hashes >> np.uint64(64 - self._slot_bits)).view(np.int64)

    def find(self, grams: Grams) -> Pairs:
        """The texts and problems that share runs, in order. A run that a text repeats counts once."""
        places, at = self._look_up(gather(grams.hashes))
        return self._pair(np.searchsorted(grams.ends, places, side="right"), at)

    def find_rows(self, sums: Hashes, ends: Places, n: int) -> Pairs:
        """The same of all runs of n words in texts. sums: of their words' hashes, as `sum_up` makes them. ends: of the texts, among words."""
        places, at = self._look_up(add_rows(sums, n))
        # Few runs are here: only of these it is asked whether they lie within one text.
        texts = np.searchsorted(ends, places, side="right")
        is_within = places + n <= ends[texts]
        return self._pair(texts[is_within], at[is_within])

    def _look_up(self, rows: Hashes) -> tuple[Places, Places]:
        """Which of some runs are here: their places among them, and of each its place here. rows: hashes before they are spread."""
        places = np.flatnonzero(self._slots.take(self._find_slots(rows)))
        hashes = spread(rows[places])
        seen = self._slots.take(self._find_slots(hashes))
        places, hashes = places[seen], hashes[seen]
        at = np.searchsorted(self.hashes, hashes)
        is_here = self.hashes.take(at, mode="clip") == hashes if len(self.hashes) else at < 0
        return places[is_here], at[is_here]

    def _pair(self, texts: Places, at: Places) -> Pairs:
        """The texts and problems of which the texts have these runs."""
        if not len(at):
            return Pairs(at, at, at)
        shared = np.unique(texts * len(self.hashes) + at)
        texts, at = np.divmod(shared, len(self.hashes))
        many = self.starts[at + 1] - self.starts[at]
        first = np.repeat(self.starts[at] - (np.cumsum(many) - many), many)
        problems = self.holders[first + np.arange(len(first))].astype(np.int64)
        both, counts = np.unique(np.repeat(texts, many) * len(self.sizes) + problems, return_counts=True)
        return Pairs(*np.divmod(both, len(self.sizes)), counts)

    def holds(self, hashes: Hashes, problem: int) -> list[bool]:
        """Of each run whether it is here as one of a problem's."""
        if not len(self.hashes):
            return [False] * len(hashes)
        at = np.minimum(np.searchsorted(self.hashes, hashes), len(self.hashes) - 1)
        sought = at * len(self.sizes) + problem
        places = np.minimum(np.searchsorted(self._held, sought), len(self._held) - 1)
        is_held: list[bool] = ((self.hashes[at] == hashes) & (self._held[places] == sought)).tolist()
        return is_held

    @cached_property
    def _held(self) -> Places:
        """A number for each run and problem that has it, sorted."""
        runs: Places = np.repeat(np.arange(len(self.hashes)), np.diff(self.starts))
        held: Places = (runs * len(self.sizes) + self.holders).astype(np.int64)
        return held
