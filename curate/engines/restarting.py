"""An engine that outlives its deaths: when it ends it is opened again, and its requests are given again.

A prompt that ends its engine is found (`suspects`) and refused; where the machine is at fault the work ends in words.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from curate.engines.errors import EngineDied, EngineGone
from curate.engines.suspects import DEATHS, Ask, Guilty, Suspects
from filters.engine import Completion, Engine, Request, RequestRefused
from filters.errors import UserError, WorkUndone

logger = logging.getLogger(__name__)


class RestartingEngine:
    """The `Engine` that `opened` opens, again whenever it has died. `guilty`: the prompts that are refused."""

    def __init__(
        self, engine: Engine, opened: Callable[[], Awaitable[Engine]], guilty: Guilty | None = None
    ) -> None:
        self.identity, self.concurrency, self.in_force = engine.identity, engine.concurrency, engine.in_force
        self._engine, self._opened = engine, opened
        self._suspects = Suspects({} if guilty is None else guilty)
        self._blamed: Engine | None = None
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self._hopeless: UserError | None = None

    @classmethod
    async def open(
        cls, opened: Callable[[], Awaitable[Engine]], guilty: Guilty | None = None
    ) -> RestartingEngine:
        """Open the first one; what keeps it from opening is raised, WorkUndone where it ended meanwhile."""
        try:
            return cls(await opened(), opened, guilty)
        except EngineDied as death:
            raise WorkUndone(
                f"The engine ended while it was opened: {str(death).rstrip('.')}. "
                "Once the cause is mended, run the same command again."
            ) from death

    async def complete(self, request: Request) -> Completion:
        """Answer one request, by as many engines as it takes.

        RequestRefused where its prompt ends them, WorkUndone where they keep dying of anything.
        """
        key = tuple((message["role"], message["content"]) for message in request.messages)
        try:
            with self._suspects.follow(key) as ask:
                while True:
                    await self._await_turn(ask)
                    made = await self._try(request, ask)
                    if made is not None:
                        return made
                    if request.watch is not None:
                        request.watch.restart()
        finally:
            self._announce()

    async def close(self) -> None:
        """Close the one that lives."""
        await self._engine.close()

    async def _await_turn(self, ask: Ask) -> None:
        """Wait until it may be given. RequestRefused where its prompt is guilty."""
        while self._hopeless is None and (why := self._suspects.why_refused(ask)) is None:
            if self._suspects.may_fly(ask):
                return
            await self._changed.wait()
        if self._hopeless is not None:
            raise _repeat(self._hopeless)
        raise RequestRefused(f"its prompt ended the engine twice: {why}")

    async def _try(self, request: Request, ask: Ask) -> Completion | None:
        """The engine's answer; none where it died, and another has taken its place."""
        engine = self._engine
        self._suspects.fly(ask)
        try:
            made = await engine.complete(request)
        except EngineDied as death:
            if isinstance(death, EngineGone):
                self._suspects.land(ask)
            self._blame(engine, death)
            self._suspects.land(ask)
            await self._revive(engine, death)
            return None
        self._suspects.acquit()
        return made

    def _announce(self) -> None:
        """Let all who wait for their turn look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def _blame(self, dead: Engine, death: EngineDied) -> None:
        """Once for each dead engine, by the first who hears of it: the others in flight have not yet been told."""
        if dead is self._engine and dead is not self._blamed:
            self._blamed = dead
            self._suspects.blame(str(death))
            self._announce()

    async def _revive(self, dead: Engine, death: EngineDied) -> None:
        """Open another engine, once for all the requests that the dead one left."""
        async with self._lock:
            if self._hopeless is None and self._engine is dead:
                logger.warning(f"The engine ended ({death}); restarting it.")
                await dead.close()
                self._engine = await self._reopen(death)
            if self._hopeless is not None:
                raise _repeat(self._hopeless) from death

    async def _reopen(self, death: EngineDied) -> Engine:
        """The dead engine again where there is no hope for another."""
        ended = self._suspects.deaths
        for _ in range(0 if self._suspects.machine_is_at_fault else DEATHS):
            try:
                return await self._opened()
            except EngineDied as again:
                ended, death = ended + 1, again
            except UserError as error:
                self._hopeless = error
                return self._engine
        self._hopeless = WorkUndone(
            f"The engine ended {ended} times in a row, the last with: {death}. "
            "The samples are kept; run the same command again to resume."
        )
        return self._engine


def _repeat(error: UserError) -> UserError:
    """The same for one more who asks: an exception that is raised twice mixes up its tracebacks."""
    return type(error)(str(error))
