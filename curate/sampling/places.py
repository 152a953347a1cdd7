"""The interface by which samples are made elsewhere than in this process: on a cluster's machines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from curate.checking.shards import ShardPlace
from curate.sampling.budget import Counts
from curate.sampling.leased_work import LeasedTask
from curate.sampling.leases import Known, LeaseBook


@dataclass(frozen=True, slots=True)
class SampledElsewhere:
    """What was done, the prompts that were given up, and the settings that the engines had in force."""

    counts: Counts
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
        recover: Callable[[str, Sequence[str]], Mapping[str, Known]],
        show: Callable[[Counts, int], None],
    ) -> SampledElsewhere:
        """Sample what the book leases, by as many samplers as there is room for, each writing a segment of the run.

        minutes: after which to stop. recover: makes parts of what a lost sampler, by its segment, has left, and tells what
        is known then of the prompts it had. show: told now and then what was done, and how many samplers work. Raises
        UserError or WorkUndone where no sampler is left.
        """
        ...
