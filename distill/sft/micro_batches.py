"""Which rows of an optimizer step each process trains on together.

A step is the same rows whatever the machine. What differs is how they are cut into micro batches: each holds as many
whole rows as a budget of tokens allows, every process gets as many micro batches as the others (they wait for each
other in each), and the work is balanced between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heapreplace

Bin = list[int]
"""Row numbers of one micro batch; empty where there are more processes than rows."""


@dataclass(frozen=True, slots=True)
class StepCutter:
    """How steps are cut.

    tokens: the most tokens of a micro batch, unless one row alone is longer. padded: whether its rows are padded to
    the longest of them; the padding then counts. rows: the most rows of a micro batch. even: the length at which a
    row's attention costs as much as the rest of the model.
    """

    processes: int
    tokens: int
    padded: bool
    rows: int | None = None
    even: float = float("inf")

    def cut(self, step: Sequence[int], lengths: Sequence[int]) -> list[list[Bin]]:
        """The micro batches of each process, `result[process][micro batch]`, the costliest first."""
        order = sorted(step, key=lengths.__getitem__, reverse=True)
        bins = self._sorted(order, lengths) if self.padded else self._balanced(order, lengths)
        return [bins[process :: self.processes] for process in range(self.processes)]

    def _balanced(self, order: Sequence[int], lengths: Sequence[int]) -> list[Bin]:
        """The fewest rounds of one micro batch a process whose work is equal and within the budget."""
        total = sum(lengths[row] for row in order)
        rounds = max(1, -(-total // (self.tokens * self.processes)))
        if self.rows is not None:
            rounds = max(rounds, -(-len(order) // (self.rows * self.processes)))
        while True:
            bins = self._fill(order, lengths, rounds * self.processes)
            if rounds * self.processes >= len(order) or all(self._fits(rows, lengths) for rows in bins):
                return bins
            rounds += 1

    def _fill(self, order: Sequence[int], lengths: Sequence[int], count: int) -> list[Bin]:
        """Each row, the longest first, into the bin with the least work."""
        heap: list[tuple[float, int]] = [(0.0, number) for number in range(count)]
        heapify(heap)
        bins: list[Bin] = [[] for _ in range(count)]
        for row in order:
            work, number = heap[0]
            bins[number].append(row)
            heapreplace(heap, (work + self._work(lengths[row]), number))
        work_of = {number: work for work, number in heap}
        return [bins[number] for number in sorted(work_of, key=lambda n: (-work_of[n], n))]

    def _work(self, length: int) -> float:
        return length + length * length / self.even

    def _fits(self, rows: Bin, lengths: Sequence[int]) -> bool:
        few = self.rows is None or len(rows) <= self.rows
        return len(rows) == 1 or (few and sum(lengths[row] for row in rows) <= self.tokens)

    def _sorted(self, order: Sequence[int], lengths: Sequence[int]) -> list[Bin]:
        """Rows of similar length together, and then as many bins as all processes take in equal turns."""
        bins: list[Bin] = []
        for row in order:
            last = bins[-1] if bins else []
            room = last and (len(last) + 1) * lengths[last[0]] <= self.tokens
            if room and (self.rows is None or len(last) < self.rows):
                last.append(row)
            else:
                bins.append([row])
        while len(bins) % self.processes:
            most = max(range(len(bins)), key=lambda number: len(bins[number]))
            rows = bins[most]
            bins[most : most + 1] = [rows[: -(-len(rows) // 2)], rows[-(-len(rows) // 2) :]]
        return bins
