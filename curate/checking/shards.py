"""The interface by which shards are judged somewhere: here, or on a cluster's machines.

A shard is a part of samples with the checks that are to be run on it. It is judged as a whole, and its verdicts are
committed beside it: what is there is done, whoever did it, and is not done again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filters.spec import CheckSpec


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of samples, and the checks whose verdicts on it are missing or stale."""

    part: Path
    specs: tuple[CheckSpec, ...]


@dataclass(frozen=True, slots=True)
class ShardFault:
    """A shard that could not be judged, and why."""

    part: Path
    why: str


AdvanceShard = Callable[[Shard, int, str], None]
"""Told that a shard of so many samples was judged, and on which machine."""


class ShardPlace(Protocol):
    """Where shards are judged."""

    def judge(self, run: Path, name: str, shards: Sequence[Shard], advance: AdvanceShard) -> list[ShardFault]:
        """Judge shards of `samples(name)`, as many at once as there is room for; those that could not be judged.

        One bad shard stops no other.
        """
        ...
