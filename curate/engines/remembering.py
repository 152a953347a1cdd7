"""An engine that gives a request it has answered the same answer again: what was paid for once is not paid for twice."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Protocol

from filters.digest import digest
from filters.engine import Completion, Engine, Request

MOST_CHARACTERS: Final = 64_000_000
"""Text that `RecentAnswers` holds at most."""


class AnswerMemory(Protocol):
    """Where answers are kept, by the key of their request."""

    def find(self, key: str) -> Completion | None:
        """The answer to a request; None where there is none."""
        ...

    def keep(self, key: str, made: Completion) -> None:
        """Keep an answer that has just been made."""
        ...


class RecentAnswers:
    """The latest answers, in memory, for as long as their process runs."""

    def __init__(self, most: int = MOST_CHARACTERS) -> None:
        self._most, self._held = most, 0
        self._answers: OrderedDict[str, Completion] = OrderedDict()

    def find(self, key: str) -> Completion | None:
        """The answer, which now is the latest."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def keep(self, key: str, made: Completion) -> None:
        """Keep an answer in place of those that were not asked for longest."""
        self._answers[key] = made
        self._held += len(made.text) + len(key)
        while self._held > self._most:
            old, gone = self._answers.popitem(last=False)
            self._held -= len(gone.text) + len(old)


class RememberingEngine:
    """The `Engine` over another, which is asked only what nobody has asked before; equal requests at once are one."""

    def __init__(self, engine: Engine, memory: AnswerMemory) -> None:
        self.identity, self.concurrency = engine.identity, engine.concurrency
        self.in_force: Mapping[str, object] = engine.in_force
        self._engine, self._memory = engine, memory
        self._flying: dict[str, asyncio.Event] = {}

    async def complete(self, request: Request) -> Completion:
        """The answer that is known, or a new one; what failed is asked again by whoever waited for it."""
        key = digest_request(request)
        while key in self._flying:
            await self._flying[key].wait()
        if (known := self._memory.find(key)) is not None:
            return known
        landed = self._flying[key] = asyncio.Event()
        try:
            made = await self._engine.complete(request)
            self._memory.keep(key, made)
            return made
        finally:
            del self._flying[key]
            landed.set()

    async def close(self) -> None:
        """Close the engine beneath."""
        await self._engine.close()


def digest_request(request: Request) -> str:
    """The content key of all that a request asks for."""
    asked = [[turn["role"], turn["content"]] for turn in request.messages]
    return digest(asked, request.sampling.model_dump(mode="json"), request.seed, request.form)
