"""Which prompt ends its engine: found by giving those that were in flight again in ever smaller groups.

At an engine's death all requests in flight may be to blame, and most often none is. So all are given again together;
those that see a second death are tried in groups, one group at a time, while all others wait. A group in which the
engine dies is parted further, and a prompt that was alone then is guilty: its requests are refused, the others go on.
To find one prompt among n in flight takes two deaths and log n to the base `PARTS` more.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, TypeAlias

PARTS: Final = 4
"""A group that saw a death is tried again in so many parts: more cost fewer deaths, but smaller batches."""
DEATHS: Final = 3
"""So many prompts found guilty, or deaths that nothing in flight explains, with no answer in between: then the machine
is at fault."""

Guilty: TypeAlias = dict[Hashable, str]
"""Why a prompt is not asked any more, by its key. Replicas share one."""


@dataclass(eq=False, slots=True)
class Ask:
    """A request that somebody waits for. `key` is its prompt's, which its siblings share.

    deaths: how many engines died while they worked on it.
    """

    key: Hashable
    deaths: int = 0


class Suspects:
    """The requests that wait for one engine and its successors, and what is known against each."""

    def __init__(self, guilty: Guilty) -> None:
        self._guilty = guilty
        self._accused: Guilty = {}
        self._pending: set[Ask] = set()
        self._flying: set[Ask] = set()
        self._trials: deque[set[Ask]] = deque()
        self._found = self._unexplained = 0
        self.deaths = 0

    @property
    def machine_is_at_fault(self) -> bool:
        """Whether engines end whatever they are given."""
        return max(self._found, self._unexplained) >= DEATHS

    @contextmanager
    def follow(self, key: Hashable) -> Iterator[Ask]:
        """Keep a request in mind as long as somebody waits for it."""
        ask = Ask(key)
        self._pending.add(ask)
        try:
            yield ask
        finally:
            self._pending.discard(ask)
            self.land(ask)
            for group in self._trials:
                group.discard(ask)
            self._end_trials()

    def why_refused(self, ask: Ask) -> str | None:
        """Why its prompt is not asked any more."""
        return self._guilty.get(ask.key)

    def may_fly(self, ask: Ask) -> bool:
        """Whether it may be given now: others are not tried, and nothing is held against its prompt."""
        return ask.key not in self._accused and (not self._trials or ask in self._trials[0])

    def fly(self, ask: Ask) -> None:
        """It is given to the engine."""
        self._flying.add(ask)

    def land(self, ask: Ask) -> None:
        """The engine has it no more."""
        self._flying.discard(ask)

    def acquit(self) -> None:
        """A request was answered: the engine works, so what is held against others stands."""
        self.deaths = self._found = self._unexplained = 0
        self._convict()

    def blame(self, how: str) -> None:
        """The engine died: of one of the requests in flight, or of something else."""
        fallen, self._flying = self._flying, set()
        self.deaths += 1
        for ask in fallen:
            ask.deaths += 1
        if not any(ask.deaths > 1 for ask in fallen):
            self._unexplained += 1
            return
        tried = self._trials.popleft() if self._trials else set()
        suspects = tried | {ask for ask in fallen if ask.deaths > 1}
        keys = {ask.key for ask in fallen}
        if len(keys) == 1:
            self._found += 1
            self._accused.update(dict.fromkeys(keys, how))
            suspects = {ask for ask in suspects if ask.key not in keys}
        self._trials.extendleft(reversed(_part(suspects)))
        self._end_trials()

    def _end_trials(self) -> None:
        """Let the next group go where the last one has ended; convict where nobody is left to show that the engine works."""
        while self._trials and not self._trials[0]:
            self._trials.popleft()
        if not self.machine_is_at_fault and all(ask.key in self._accused for ask in self._pending):
            self._convict()

    def _convict(self) -> None:
        self._guilty.update(self._accused)
        self._accused.clear()


def _part(suspects: Iterable[Ask]) -> list[set[Ask]]:
    """At most `PARTS` groups of much the same size; the requests of one prompt stay together."""
    by_key: dict[Hashable, set[Ask]] = {}
    for ask in suspects:
        by_key.setdefault(ask.key, set()).add(ask)
    siblings = list(by_key.values())
    groups = [set[Ask]().union(*siblings[part::PARTS]) for part in range(PARTS)]
    return [group for group in groups if group]
