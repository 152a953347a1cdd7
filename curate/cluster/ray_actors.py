"""What works on a cluster's machines while samples are made: the book of leases, and a sampler beside each engine."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from curate.cluster.ray_session import Command, enter_command, name_node
from curate.event_loop import run_async
from curate.sampling.budget import Counts
from curate.sampling.leased_work import LeasedTask, sample_task
from curate.sampling.leases import LeaseBook, Left, Reply, Report

SILENT_S: Final = 300.0
"""A sampler that reports every few seconds and has not for so long is taken for lost: its process hangs, perhaps with its machine."""


class Look(NamedTuple):
    """What was done so far, whether that is all, and the prompts that were given up.

    has_begun: whether an engine was ready to sample. silent: samplers that have not reported for long.
    """

    counts: Counts
    is_done: bool
    given_up: Sequence[str]
    has_begun: bool
    silent: Sequence[str]


class LeaseActor:
    """The book of leases as an actor. Its methods are those of `LeaseBook`."""

    def __init__(self, make: Callable[[], LeaseBook]) -> None:
        self._book = make()
        self._heard: dict[str, float] = {}
        self._has_begun = False

    def exchange(self, name: str, report: Report) -> Reply:
        """See `LeaseBook.exchange`."""
        self._heard[name] = time.monotonic()
        self._has_begun = True
        return self._book.exchange(name, report)

    def lose(self, name: str, left: Left, blame: bool) -> None:
        """See `LeaseBook.lose`."""
        self._heard.pop(name, None)
        self._book.lose(name, left, blame=blame)

    def end(self, name: str, counts: Counts) -> None:
        """See `LeaseBook.end`."""
        self._heard.pop(name, None)
        self._book.end(name, counts)

    def stop(self, reason: str) -> None:
        """See `LeaseBook.stop`."""
        self._book.stop(reason)

    def list_leased(self, name: str) -> list[str]:
        """See `LeaseBook.list_leased`."""
        return self._book.list_leased(name)

    def list_counts(self) -> dict[str, Counts]:
        """See `LeaseBook.list_counts`."""
        return self._book.list_counts()

    def look(self) -> Look:
        """What was done so far, and how the samplers are."""
        book, long_ago = self._book, time.monotonic() - SILENT_S
        silent = [name for name, when in self._heard.items() if when < long_ago]
        return Look(book.sum_up(), book.is_done, book.given_up, self._has_begun, silent)


class SamplerActor:
    """One sampler beside its engine, in a process of its own on some machine."""

    def __init__(self, task: LeasedTask, segment: str, book: Any, command: Command) -> None:
        self._task, self._segment, self._book, self._command = task, segment, book, command

    def name_node(self) -> tuple[str, str]:
        """See `curate.cluster.ray_session.name_node`."""
        return name_node()

    def sample(self) -> tuple[Counts, Mapping[str, object]]:
        """Sample until there is nothing more to lease; what was done, and the settings that the engine had in force."""
        enter_command(self._command)

        async def exchange(report: Report) -> Reply:
            reply: Reply = await self._book.exchange.remote(self._segment, report)
            return reply

        return run_async(sample_task(self._task, self._segment, exchange))
