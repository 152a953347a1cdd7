"""An engine that outlives its deaths: when it ends it is opened again, and its requests are given again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from curate.engines.errors import EngineDied
from filters.engine import Completion, Engine, Request
from filters.errors import UserError

logger = logging.getLogger(__name__)

DEATHS: Final = 3
"""As many times without one completion in between an engine is opened again: then the machine is at fault."""


class RestartingEngine:
    """The `Engine` that `opened` opens, again whenever it has died."""

    def __init__(self, engine: Engine, opened: Callable[[], Awaitable[Engine]]) -> None:
        self.identity, self.concurrency, self.in_force = engine.identity, engine.concurrency, engine.in_force
        self._engine, self._opened = engine, opened
        self._lock = asyncio.Lock()
        self._deaths = 0

    @classmethod
    async def open(cls, opened: Callable[[], Awaitable[Engine]]) -> RestartingEngine:
        """Open the first one; what keeps it from opening is raised."""
        return cls(await opened(), opened)

    async def complete(self, request: Request) -> Completion:
        """Answer one request, by as many engines as it takes; UserError where they keep dying."""
        while True:
            engine = self._engine
            try:
                made = await engine.complete(request)
            except EngineDied as death:
                await self._revive(engine, death)
                if request.watch is not None:
                    request.watch.restart()
            else:
                self._deaths = 0
                return made

    async def close(self) -> None:
        """Close the one that lives."""
        await self._engine.close()

    async def _revive(self, dead: Engine, death: EngineDied) -> None:
        """Open another engine, once for all the requests that the dead one left."""
        async with self._lock:
            if self._engine is not dead:
                return
            self._deaths += 1
            if self._deaths > DEATHS:
                raise UserError(
                    f"The engine ended {DEATHS + 1} times in a row, the last with: {death}. "
                    "The samples are kept; run the same command again to resume."
                ) from death
            logger.warning(f"The engine ended ({death}); restarting it.")
            await dead.close()
            self._engine = await self._opened()
