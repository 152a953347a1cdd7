"""One engine in a process of its own, answering its parent over a socket.

Started as `python -P -m curate.engines.replica_process FD`, in a session of its own, so that Ctrl-C reaches the parent
alone. The parent may then have several engines at work on one machine, each with GPUs of its own, and outlives the
crash of any of them. This process ends at once, and all it started with it, when the parent has gone; it tells the
parent and ends when a process that its engine started is lost, for which vLLM waits for ever.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from dataclasses import replace
from multiprocessing.process import BaseProcess
from typing import Any, Final, NoReturn

from curate.engines.channel import Channel, ChannelClosed
from curate.engines.errors import EngineDied
from curate.engines.factory import open_here
from curate.engines.opening_log import OpeningLog
from curate.engines.process_group import describe_exit
from filters.engine import Engine, EngineError, EngineOptions, Request, RequestRefused
from filters.errors import UserError

WATCH_S: Final = 0.2
"""Between two looks at the processes that the engine started."""
FLUSH_S: Final = 1.0
"""What the last words to the parent may take."""


class _Relay:
    """Hands a watched completion's text to the parent, whose watch it belongs to."""

    def __init__(self, parent: Channel, key: int) -> None:
        self._parent, self._key = parent, key
        self.reason: str | None = None

    def __call__(self, text: str, tokens: int) -> str | None:
        self._parent.send("piece", self._key, text, tokens)
        return self.reason

    def restart(self) -> None:
        self._parent.send("restart", self._key)


class _Replica:
    """Answers the parent's requests with one engine, until the parent asks to close it or has gone."""

    def __init__(self, parent: Channel) -> None:
        self._parent = parent
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._relays: dict[int, _Relay] = {}
        self._engine: Engine | None = None
        self._log = OpeningLog()

    async def serve(self) -> None:
        """Open the engine while listening; whatever fails unforeseen ends the process."""
        (options,) = await self._receive()
        async with asyncio.TaskGroup() as self._group:
            self._watching = self._group.create_task(self._watch())
            self._group.create_task(self._open(options))
            self._group.create_task(self._listen())

    async def _open(self, options: EngineOptions) -> None:
        self._log.begin()
        try:
            engine = await open_here(options)
        except UserError as error:
            self._log.drop()
            await self._leave("refused", str(error))
        except EngineDied as error:
            await self._leave("ended", self._log.explain(str(error)))
        self._log.end()
        self._engine = engine
        self._parent.send("ready", engine.identity, engine.concurrency, dict(engine.in_force))

    async def _listen(self) -> None:
        while (message := await self._receive())[0] != "close":
            self._take(message)
        await self._close()
        _exit(0)

    async def _receive(self) -> Any:
        try:
            return await self._parent.receive()
        except ChannelClosed:
            # Nobody is left to tell, and vLLM's own processes would stay.
            os.killpg(0, signal.SIGKILL)
            raise

    async def _watch(self) -> None:
        seen: set[BaseProcess] = set()
        while True:
            await asyncio.sleep(WATCH_S)
            seen.update(multiprocessing.active_children())
            for child in seen:
                if child.exitcode is not None:
                    death = f"its process {child.name} {describe_exit(child.exitcode)}"
                    await self._leave("ended", self._log.explain(death))

    async def _leave(self, *last_words: object) -> NoReturn:
        self._parent.send(*last_words)
        await self._parent.flush(FLUSH_S)
        _exit(1)

    async def _close(self) -> None:
        """Abort what nobody waits for any more, and free the model."""
        tasks = [self._watching, *self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._engine is not None:
            await self._engine.close()
        self._log.drop()

    def _take(self, message: Any) -> None:
        what, key, *rest = message
        if what == "ask":
            request, watched = rest
            if watched:
                self._relays[key] = _Relay(self._parent, key)
            self._tasks[key] = self._group.create_task(self._answer(key, request))
        elif what == "stop" and key in self._relays:
            self._relays[key].reason = "stopped by the parent's watch"
        elif what == "abort" and key in self._tasks:
            self._tasks[key].cancel()

    async def _answer(self, key: int, request: Request) -> None:
        assert self._engine is not None, "asked before it was ready"
        try:
            made = await self._engine.complete(replace(request, watch=self._relays.get(key)))
            self._parent.send("done", key, made)
        except EngineDied as error:
            self._parent.send("died", key, str(error))
        except RequestRefused as error:
            self._parent.send("request refused", key, str(error))
        except EngineError as error:
            self._parent.send("failed", key, str(error))
        except UserError as error:
            self._parent.send("mistaken", key, str(error))
        finally:
            self._tasks.pop(key, None)
            self._relays.pop(key, None)


async def _serve(descriptor: int) -> None:
    await _Replica(await Channel.open(socket.socket(fileno=descriptor))).serve()


def _exit(code: int) -> NoReturn:
    """Leave without waiting for threads and processes that may never end."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def main() -> None:
    """Serve on the file descriptor given as the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when this ends
    try:
        asyncio.run(_serve(int(sys.argv[1])))
    finally:
        error = sys.exc_info()
        if error[0] is not None and error[1] is not None:
            sys.excepthook(error[0], error[1], error[2])
        _exit(1)


if __name__ == "__main__":
    main()
