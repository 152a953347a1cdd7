"""What the samplers of one machine have done and do, as it is told to people, files and monitoring."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from curate.monitoring.board import Series
from curate.monitoring.families import (
    ACCEPTED_SAMPLES,
    HERE,
    NOT_ACCEPTED,
    PROMPTS,
    PROMPTS_FINISHED,
    REPLICAS,
    SAMPLES,
    TOKENS,
)
from curate.sampling.budget import Counts
from filters.types import Status

State = Literal["working", "starting", "lost", "failed", "done"]
"""working: it has leased prompts. starting: it opens its engine. lost: with its process or machine. failed: by an error of its own, as where an engine cannot be opened. done: it ended in order."""

STATES: Final[tuple[State, ...]] = get_args(State)


@dataclass(frozen=True, slots=True)
class NodeWork:
    """One machine in this call of the command. node: as people call it. replicas: how many are in each state. seconds: since its first one began, until none was left."""

    node: str
    replicas: Mapping[State, int]
    counts: Counts
    seconds: float

    @property
    def up(self) -> int:
        """Replicas that work or are about to."""
        return self.replicas.get("working", 0) + self.replicas.get("starting", 0)

    @property
    def lost(self) -> int:
        """Replicas that ended before their work did."""
        return self.replicas.get("lost", 0) + self.replicas.get("failed", 0)

    @property
    def state(self) -> State:
        """What the machine does: the first of the states, in their order, that a replica of it is in."""
        return next(state for state in STATES if self.replicas.get(state))

    def describe(self) -> dict[str, Any]:
        """Its entry in a line of the metrics file."""
        return {
            "node": self.node,
            "replicas": self.up,
            "state": self.state,
            "samples": self.counts.whole,
            "accepted": self.counts.accepted,
            "tokens": self.counts.tokens,
            "tokens_per_second": round(self.counts.tokens / self.seconds, 1) if self.seconds else 0.0,
        }


def describe_here(counts: Counts) -> NodeWork:
    """The machine of a command that samples itself; of its replicas nothing is told."""
    return NodeWork(HERE, {}, counts, counts.seconds)


def list_numbers(name: str, prompts: int, finished: int, nodes: Sequence[NodeWork]) -> dict[Series, float]:
    """What monitoring is told of samples `name`: of so many prompts so many are finished."""
    numbers: dict[Series, float] = {(PROMPTS, (name,)): prompts, (PROMPTS_FINISHED, (name,)): finished}
    reasons: Counter[str] = Counter()
    for one in nodes:
        counts, place = one.counts, (name, one.node)
        by_status: dict[Status, int] = {"whole": counts.whole, **counts.partial}
        numbers |= {(SAMPLES, (*place, status)): number for status, number in by_status.items()}
        numbers |= {(TOKENS, place): counts.tokens, (ACCEPTED_SAMPLES, place): counts.accepted}
        if one.replicas:
            numbers |= {(REPLICAS, (*place, state)): one.replicas.get(state, 0) for state in STATES}
        reasons.update(counts.reasons)
    return numbers | {(NOT_ACCEPTED, (name, reason)): number for reason, number in reasons.items()}
