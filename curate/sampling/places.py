"""The interface by which samples are made elsewhere than in this process: on a cluster's machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from curate.checking.shards import ShardPlace
from curate.sampling.budget import Counts
from curate.sampling.leased_work import LeasedTask
from curate.sampling.leases import LeaseBook, Left
from curate.sampling.node_work import NodeWork

Recover = Callable[[str, Sequence[str] | None], Left]
"""Makes parts of what a lost sampler, by its segment, has left, and tells what that is and what is known then of the prompts that it had; without them it tells nothing."""
Show = Callable[[Counts, Sequence[NodeWork]], None]
"""Told now and then what was done, and by which machine, where what is told by machine may be some seconds older."""


@dataclass(frozen=True, slots=True)
class SampledElsewhere:
    """What was done, in all and by machine, the prompts that were given up, and the settings that the engines had in force."""

    counts: Counts
    nodes: Sequence[NodeWork]
    given_up: Sequence[str]
    in_force: Mapping[str, object]


class Place(Protocol):
    """Where work runs, other than here."""

    @property
    def shards(self) -> ShardPlace:
        """Where shards are judged."""
        ...

    def sample(
        self,
        task: LeasedTask,
        make_book: Callable[[], LeaseBook],
        minutes: float | None,
        recover: Recover,
        show: Show,
    ) -> SampledElsewhere:
        """Sample what the book leases, by as many samplers as there is room for, each writing a segment of the run.

        minutes: after which to stop. Raises UserError or WorkUndone where no sampler is left.
        """
        ...
