"""What judging tells while it goes on: the bar, monitoring, and which machine has judged how much."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from curate.checking.shards import Shard
from curate.monitoring.board import Board
from curate.monitoring.families import HERE, JUDGED_SAMPLES, TO_JUDGE
from curate.progress import Meter
from curate.store.parquet import count_rows

logger = logging.getLogger(__name__)

SHOWN: Final = 8
"""Machines that are named, those that judged most."""


class JudgingProgress:
    """Of samples `name`. board: who watches the command reads it, where somebody does."""

    def __init__(self, meter: Meter, name: str, board: Board | None) -> None:
        self._meter, self._name, self._board = meter, name, board
        self._by_node: Counter[str] = Counter()

    def begin(self, todo: Mapping[Path, Sequence[str]]) -> None:
        """Say what is to be done: which checks have to judge which parts."""
        if self._board is None:
            return
        for part, labels in todo.items():
            for label in labels:
                self._board.add(TO_JUDGE, count_rows(part), self._name, label)

    def advance(
        self, labels: Sequence[str], samples: int, node: str = HERE, remark: str | None = None
    ) -> None:
        """So many samples were judged by these checks."""
        self._meter.advance(samples, remark)
        if self._board is not None:
            for label in labels:
                self._board.add(JUDGED_SAMPLES, samples, self._name, label, node)

    def take_shard(self, shard: Shard, samples: int, node: str) -> None:
        """A shard was judged on a machine."""
        self._by_node[node] += samples
        labels = [spec.label for spec in shard.specs]
        self.advance(labels, samples, node, f"on {len(self._by_node)} machines")

    def log_nodes(self) -> None:
        """Say which machines have judged how many samples, where several did."""
        if len(self._by_node) < 2:
            return
        told = ", ".join(f"{node} {samples:,}" for node, samples in self._by_node.most_common(SHOWN))
        more = len(self._by_node) - SHOWN
        logger.info(f"Samples judged by machine: {told}{f', and {more} more' if more > 0 else ''}.")
