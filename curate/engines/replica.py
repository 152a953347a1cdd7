"""An engine in another process, spoken to over a socket.

The process is the unit of failure: whatever goes wrong in it, it and all it started are ended together, and a new one
takes its place. It leads a session of its own, so that they are one process group, and Ctrl-C does not reach them.
"""

from __future__ import annotations

import asyncio
import itertools
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from curate.engines.channel import Channel, ChannelClosed
from curate.engines.errors import EngineDied, EngineGone, repeat_end
from curate.engines.process_group import describe_exit, is_group_gone, signal_group
from filters.child_python import make_command, make_environment
from filters.engine import Completion, EngineError, EngineOptions, Request, RequestRefused
from filters.errors import UserError

CLOSING_S: Final = 3.0
"""A process that has not ended so long after it was asked to is ended by signals."""
ENDING_S: Final = 1.0
"""What a process group may take to end by SIGTERM before it is killed: vLLM's processes remove their shared memory."""
POLL_S: Final = 0.02


class Replica:
    """The `Engine` in another process; EngineDied for all it had when that process ends. Make one with `open`."""

    def __init__(self, process: subprocess.Popen[bytes], channel: Channel) -> None:
        self.identity, self.concurrency = "", 0
        self.in_force: Mapping[str, object] = {}
        self._process, self._channel = process, channel
        self._keys = itertools.count()
        self._waiting: dict[int, tuple[asyncio.Future[Completion], Request]] = {}
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ended: BaseException | None = None
        self._listener = asyncio.create_task(self._listen())
        self._listener.add_done_callback(self._end_with)

    @classmethod
    async def open(cls, options: EngineOptions, environment: Mapping[str, str]) -> Replica:
        """Start the process and wait until its engine is loaded; UserError where it refuses, EngineDied where it ends."""
        ours, theirs = socket.socketpair()
        channel = await Channel.open(ours)
        with theirs:
            process = subprocess.Popen(  # noqa: S603  our own module
                make_command("curate.engines.replica_process", str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=make_environment(**environment),
                start_new_session=True,
            )
        replica = cls(process, channel)
        channel.send(options)
        opened = False
        try:
            await replica._ready
            opened = True
        finally:
            if not opened:
                await replica._end_process()  # what is half loaded has nothing to save
        return replica

    async def complete(self, request: Request) -> Completion:
        """Answer one request; cancelling aborts it in the other process."""
        if self._ended is not None:
            raise _repeat(self._ended, EngineGone)
        key, future = next(self._keys), asyncio.get_running_loop().create_future()
        self._waiting[key] = (future, request)
        self._channel.send("ask", key, replace(request, watch=None), request.watch is not None)
        try:
            made: Completion = await future
        except asyncio.CancelledError:
            self._channel.send("abort", key)
            raise
        finally:
            self._waiting.pop(key, None)
        return made

    async def close(self) -> None:
        """Let the process close its engine and end, and end it where it does not; what still waits gets an EngineError."""
        self._end(EngineError("the engine was closed"))
        self._channel.send("close")
        try:
            await _wait_until(lambda: self._process.poll() is not None, CLOSING_S)
        finally:
            await self._end_process()

    async def _end_process(self) -> None:
        """End what is left of the process and all it started: at once where this is interrupted."""
        try:
            signal_group(self._process.pid, signal.SIGTERM)
            await _wait_until(self._is_gone, ENDING_S)
        finally:
            signal_group(self._process.pid, signal.SIGKILL)
        await _wait_until(self._is_gone, ENDING_S)
        self._channel.close()
        self._listener.cancel()
        await asyncio.gather(self._listener, return_exceptions=True)

    def _is_gone(self) -> bool:
        return self._process.poll() is not None and is_group_gone(self._process.pid)

    async def _listen(self) -> None:
        try:
            while True:
                self._take(await self._channel.receive())
        except ChannelClosed:
            await _wait_until(lambda: self._process.poll() is not None, ENDING_S)
            code = self._process.poll()
            how = "closed its socket" if code is None else describe_exit(code)
            raise EngineDied(f"the replica's process {how}") from None

    def _take(self, message: Any) -> None:
        what, *rest = message
        if what == "ready":
            self.identity, self.concurrency, self.in_force = rest
            self._ready.set_result(None)
        elif what == "refused":
            self._ready.set_exception(UserError(rest[0]))
        elif what == "ended":
            self._end(EngineDied(rest[0]))
        elif (found := self._waiting.get(rest[0])) is not None and not found[0].done():
            self._settle(what, rest, *found)

    def _settle(
        self, what: str, rest: Sequence[Any], future: asyncio.Future[Completion], request: Request
    ) -> None:
        key, *told = rest
        if what == "done":
            future.set_result(told[0])
        elif what == "failed":
            future.set_exception(EngineError(told[0]))
        elif what == "request refused":
            future.set_exception(RequestRefused(told[0]))
        elif what == "mistaken":
            future.set_exception(UserError(told[0]))
        elif what == "died":
            self._end(EngineDied(told[0]))
        elif what == "restart" and request.watch is not None:
            request.watch.restart()
        elif request.watch is not None and request.watch(*told) is not None:
            self._channel.send("stop", key)

    def _end_with(self, listener: asyncio.Task[None]) -> None:
        """Nothing more will be heard: of the engine's end, or of what a watch raised."""
        error = None if listener.cancelled() else listener.exception()
        self._end(error or EngineError("the engine was closed"))

    def _end(self, ended: BaseException) -> None:
        """Tell everybody who waits, and whoever asks from now on, why there are no more answers."""
        self._ended = self._ended or ended
        waiting: list[asyncio.Future[Any]] = [self._ready, *(future for future, _ in self._waiting.values())]
        for future in waiting:
            if not future.done():
                future.set_exception(_repeat(ended, EngineDied))


def _repeat(ended: BaseException, died: type[EngineDied]) -> BaseException:
    return repeat_end(ended, died) if isinstance(ended, EngineError) else ended


async def _wait_until(true: Callable[[], bool], limit_s: float) -> None:
    """Return when it is true, or the limit is over."""
    ends = time.monotonic() + limit_s
    while not true() and time.monotonic() < ends:
        await asyncio.sleep(POLL_S)
