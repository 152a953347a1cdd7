"""Which machine's replicas have done what: what each told last while it lives, what it left once it does not."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from curate.sampling.budget import Counts, add_counts
from curate.sampling.node_work import NodeWork, State

EndState = Literal["lost", "failed", "done"]


@dataclass(slots=True)
class _Node:
    """A machine. living: what its replicas told last, by segment; None until they tell anything. ended: what those made that are gone."""

    since: float
    living: dict[str, Counts | None] = field(default_factory=dict)
    ended: Counts = field(default_factory=Counts)
    endings: Counter[State] = field(default_factory=Counter)
    until: float = 0.0


class NodeTally:
    """Replicas by their machine. clock: gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._nodes: dict[str, _Node] = {}

    def begin(self, segment: str, node: str) -> None:
        """A replica has found its machine."""
        self._nodes.setdefault(node, _Node(self._clock())).living[segment] = None

    def tell(self, told: Mapping[str, Counts]) -> None:
        """What replicas told last, by segment."""
        for one in self._nodes.values():
            one.living |= {segment: told[segment] for segment in one.living if segment in told}

    def end(self, segment: str, node: str, counts: Counts, how: EndState) -> None:
        """A replica has ended, having made so much in all."""
        one = self._nodes[node]
        del one.living[segment]
        one.ended = add_counts([one.ended, counts])
        one.endings[how] += 1
        one.until = self._clock()

    def list_nodes(self) -> list[NodeWork]:
        """All machines that had a replica, in the order in which they had the first."""
        return [self._describe(name, one) for name, one in self._nodes.items()]

    def _describe(self, name: str, one: _Node) -> NodeWork:
        told = [counts for counts in one.living.values() if counts is not None]
        up: dict[State, int] = {"working": len(told), "starting": len(one.living) - len(told)}
        seconds = (self._clock() if one.living else one.until) - one.since
        return NodeWork(name, up | one.endings, add_counts([one.ended, *told]), seconds)
