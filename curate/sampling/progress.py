"""What a running sampler tells: a line beside the bar, and a metrics file that other programs may follow."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from curate.intervals import format_percent
from curate.monitoring.board import Board
from curate.progress import Meter
from curate.sampling.budget import Counts
from curate.sampling.node_work import NodeWork, describe_here, list_numbers
from curate.store.copies import find_copy

SHOWN_EVERY_S: Final = 1.0
"""Seconds between two states of the line."""
EVERY_S: Final = 10.0
"""Seconds between two lines of the metrics file."""


class SamplingProgress:
    """Shows a sampler's counts every second, and writes them now and then.

    path: of the metrics file of the samples `name`. prompts: those asked for, of which so many were `finished` before. board:
    who watches the command reads it, where somebody does. replicas: of the engine; None where `take` will say how many work.
    """

    def __init__(
        self,
        progress: Meter,
        path: Path,
        name: str,
        counts: Counts,
        prompts: int,
        finished: int = 0,
        board: Board | None = None,
        replicas: int | None = None,
    ) -> None:
        self._progress, self._path, self._counts, self._total = progress, path, counts, prompts
        self._name, self._finished, self._board = name, finished, board
        self._started = self._written = self._taken = time.monotonic()
        self._replicas, self._replica_seconds = replicas, 0.0
        self._prompts = 0
        self._nodes: Sequence[NodeWork] | None = None

    async def follow(self) -> None:
        """Until cancelled; also where no sample ends for long, so that one sees that it lives."""
        while True:
            await asyncio.sleep(SHOWN_EVERY_S)
            self.show()
            if time.monotonic() - self._written >= EVERY_S:
                self.write()

    def take(self, counts: Counts, nodes: Sequence[NodeWork]) -> None:
        """Show what several samplers have done, in all and by machine, and write it now and then."""
        now = time.monotonic()
        self._replica_seconds += sum(one.up for one in self._nodes or ()) * (now - self._taken)
        self._counts, self._nodes, self._taken = counts, nodes, now
        self.show()
        if time.monotonic() - self._written >= EVERY_S:
            self.write()

    def show(self) -> None:
        """Update the line."""
        counts = self._counts
        said = describe_progress(counts, time.monotonic() - self._started)
        said += "" if self._nodes is None else f", {describe_replicas(self._nodes)}"
        self._progress.advance(counts.prompts - self._prompts, said)
        self._prompts = counts.prompts
        if self._board is not None:
            nodes = [describe_here(counts)] if self._nodes is None else self._nodes
            done = self._finished + counts.prompts
            self._board.put(list_numbers(self._name, self._total, done, nodes))

    def write(self) -> None:
        """Append a line to the metrics file."""
        self._written = time.monotonic()
        seconds = self._written - self._started
        of_all = self._replica_seconds if self._replicas is None else seconds * self._replicas
        nodes = self._nodes or ()
        line = make_metrics_line(self._counts, seconds, self._total, of_all, self._finished, nodes)
        if copy := find_copy(self._path):
            copy.note_measured(self._path)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def describe_progress(counts: Counts, seconds: float) -> str:
    """Speed, what an accepted sample costs, and the commonest reason why one is not."""
    parts = [f"{counts.tokens / seconds:,.0f} tokens/s", f"{counts.accepted / seconds:.1f} accepted/s"]
    if counts.accepted:
        parts.append(f"{counts.tokens / counts.accepted:,.0f} tokens per accepted")
    if counts.reasons:
        ((reason, number),) = counts.reasons.most_common(1)
        share = format_percent(number / (counts.whole + sum(counts.partial.values())), 0)
        parts.append(f"not: {reason} {share}%")
    return ", ".join(parts)


def describe_replicas(nodes: Sequence[NodeWork]) -> str:
    """How many replicas there are and on how many machines, and how many were lost."""
    up, lost = sum(one.up for one in nodes), sum(one.lost for one in nodes)
    machines = sum(one.up > 0 for one in nodes)
    return f"{up} replicas on {machines} machines" + (f", {lost} lost" if lost else "")


def make_metrics_line(
    counts: Counts,
    seconds: float,
    prompts: int,
    replica_seconds: float,
    finished: int = 0,
    nodes: Sequence[NodeWork] = (),
) -> dict[str, Any]:
    """One line of the metrics file: totals of this run of the command, and the time; that of all replicas added up, too.

    Where there are several machines, by machine, too.
    """
    by_node = {"nodes": [one.describe() for one in nodes]} if len(nodes) > 1 else {}
    return {
        "time": round(time.time(), 1),
        "seconds": round(seconds, 1),
        "replica_seconds": round(replica_seconds, 1),
        "prompts": finished + counts.prompts,
        "prompts_asked": prompts,
        "samples": counts.whole,
        "accepted": counts.accepted,
        **{str(status): number for status, number in counts.partial.items()},
        "tokens": counts.tokens,
        "tokens_per_second": round(counts.tokens / seconds, 1),
        "tokens_per_accepted": round(counts.tokens / counts.accepted, 1) if counts.accepted else None,
        "reasons": dict(counts.reasons.most_common(10)),
        **by_node,
    }
