"""One engine in a process of its own, answering its parent over a socket.

Started as `python -m curate.engines.replica_process FD`. The parent may then have several engines at work on one
machine, each with GPUs of its own, and outlives the crash of any of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from curate.engines.errors import EngineDied
from curate.engines.factory import open_engine
from filters.engine import Engine, EngineError, EngineOptions, Request, RequestRefused
from filters.errors import UserError


class _Parent:
    """The socket to the parent, on which the loop's thread and an engine's own thread speak."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, *message: object) -> None:
        """Tell the parent; where it has gone nobody is told, and `receive` says so."""
        with self._lock, contextlib.suppress(OSError):
            self._connection.send(message)

    def receive(self) -> Any:
        """The parent's next message; None where it has gone."""
        with contextlib.suppress(EOFError, OSError):
            return self._connection.recv()
        return None


class _Relay:
    """Hands a watched completion's text to the parent, whose watch it belongs to."""

    def __init__(self, parent: _Parent, key: int) -> None:
        self._parent, self._key = parent, key
        self.reason: str | None = None

    def __call__(self, text: str, tokens: int) -> str | None:
        self._parent.send("piece", self._key, text, tokens)
        return self.reason

    def restart(self) -> None:
        self._parent.send("restart", self._key)


class _Replica:
    """Answers the parent's requests with one engine, until the parent closes the socket or has gone."""

    def __init__(self, parent: _Parent) -> None:
        self._parent = parent
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._relays: dict[int, _Relay] = {}

    async def serve(self) -> None:
        options: EngineOptions | None = self._parent.receive()
        if options is None:
            return
        try:
            engine = await open_engine(options)
        except UserError as error:
            self._parent.send("refused", str(error))
            return
        self._parent.send("ready", engine.identity, engine.concurrency, dict(engine.in_force))
        try:
            while (message := await asyncio.to_thread(self._parent.receive)) is not None:
                self._take(engine, message)
        finally:
            await self._abandon()
            await engine.close()

    async def _abandon(self) -> None:
        """Abort what nobody waits for any more."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _take(self, engine: Engine, message: Any) -> None:
        what, key, *rest = message
        if what == "ask":
            request, watched = rest
            if watched:
                self._relays[key] = _Relay(self._parent, key)
            self._tasks[key] = asyncio.create_task(self._answer(engine, key, request))
        elif what == "stop" and key in self._relays:
            self._relays[key].reason = "stopped by the parent's watch"
        elif what == "abort" and key in self._tasks:
            self._tasks[key].cancel()

    async def _answer(self, engine: Engine, key: int, request: Request) -> None:
        try:
            made = await engine.complete(replace(request, watch=self._relays.get(key)))
            self._parent.send("done", key, made)
        except EngineDied as error:
            self._parent.send("died", key, str(error))
        except RequestRefused as error:
            self._parent.send("request refused", key, str(error))
        except EngineError as error:
            self._parent.send("failed", key, str(error))
        finally:
            self._tasks.pop(key, None)
            self._relays.pop(key, None)


def main() -> None:
    """Serve on the file descriptor given as the first argument."""
    asyncio.run(_Replica(_Parent(Connection(int(sys.argv[1])))).serve())


if __name__ == "__main__":
    main()
