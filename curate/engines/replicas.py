"""Several copies of one engine at work on one machine: replicas times tensor parallel, with one command."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

from curate.engines.errors import EngineDied
from curate.engines.restarting import RestartingEngine
from filters.engine import Completion, Engine, EngineError, EngineOptions, Request, RequestRefused
from filters.errors import UserError

CLOSING_S: Final = 20
"""A process that has not ended so long after its engine was closed is killed."""


class Replicas:
    """The `Engine` over several engines: a request goes to the one with the fewest outstanding."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.identity = engines[0].identity
        self.concurrency = sum(engine.concurrency for engine in engines)
        self.in_force = engines[0].in_force
        self._outstanding = dict.fromkeys(engines, 0)

    @classmethod
    async def open(cls, options: EngineOptions) -> Replicas:
        """Start `options.replicas` processes at once, each with its share of the GPUs or cores."""
        alone = options.model_copy(update={"replicas": 1})
        places = [_place(number, options) for number in range(options.replicas)]
        opened = (RestartingEngine.open(partial(Replica.open, alone, place)) for place in places)
        engines = await asyncio.gather(*opened, return_exceptions=True)
        failed = [engine for engine in engines if isinstance(engine, BaseException)]
        alive = [engine for engine in engines if isinstance(engine, RestartingEngine)]
        if failed:
            await asyncio.gather(*(engine.close() for engine in alive))
            raise failed[0]
        return cls(alive)

    async def complete(self, request: Request) -> Completion:
        """Answer one request on the least busy replica."""
        engine = min(self._outstanding, key=self._outstanding.__getitem__)
        self._outstanding[engine] += 1
        try:
            return await engine.complete(request)
        finally:
            self._outstanding[engine] -= 1

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(engine.close() for engine in self._outstanding))


class Replica:
    """The `Engine` in another process; EngineDied for all it had when that process ends."""

    def __init__(self, process: subprocess.Popen[bytes], ours: socket.socket) -> None:
        self.identity, self.concurrency = "", 0
        self.in_force: Mapping[str, object] = {}
        self._process, self._socket = process, ours
        self._connection = Connection(os.dup(ours.fileno()))
        self._keys = itertools.count()
        self._waiting: dict[int, tuple[asyncio.Future[Completion], Request]] = {}
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self._ended: EngineError | None = None
        # The socket carries whole texts: sending must not wait on a full buffer in the loop's thread for long,
        # and receiving has a thread of its own.
        self._listener = threading.Thread(target=self._listen, name="replica", daemon=True)
        self._listener.start()

    @classmethod
    async def open(cls, options: EngineOptions, environment: Mapping[str, str]) -> Replica:
        """Start the process and wait until its engine is loaded; UserError where it refuses."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603  our own module
                [sys.executable, "-m", "curate.engines.replica_process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**os.environ, **environment},
            )
        replica = cls(process, ours)
        replica._send(options)
        try:
            await replica._ready
        except asyncio.CancelledError:
            process.kill()  # while it loads it does not listen
            await replica.close()
            raise
        except (EngineError, UserError):
            await replica.close()
            raise
        return replica

    async def complete(self, request: Request) -> Completion:
        """Answer one request; cancelling aborts it in the other process."""
        if self._ended is not None:
            raise type(self._ended)(str(self._ended))
        key, future = next(self._keys), self._loop.create_future()
        self._waiting[key] = (future, request)
        self._send(("ask", key, replace(request, watch=None), request.watch is not None))
        try:
            made: Completion = await future
        except asyncio.CancelledError:
            self._send(("abort", key))
            raise
        finally:
            self._waiting.pop(key, None)
        return made

    async def close(self) -> None:
        """Let the process close its engine and end, and kill it where it does not; what still waits gets an EngineError."""
        self._end(EngineError("the engine was closed"))
        # Closing alone would tell nobody: the listener, blocked in recv, keeps the socket open.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        try:
            await asyncio.to_thread(self._process.wait, CLOSING_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            await asyncio.to_thread(self._process.wait)
        await asyncio.to_thread(self._listener.join)
        self._connection.close()
        self._socket.close()

    def _send(self, message: object) -> None:
        try:
            self._connection.send(message)
        except OSError:
            self._end(_died())

    def _listen(self) -> None:
        try:
            while True:
                message = self._connection.recv()
                self._loop.call_soon_threadsafe(self._take, message)
        except (EOFError, OSError, RuntimeError):  # the process, or our loop, has gone
            if not self._loop.is_closed():
                self._loop.call_soon_threadsafe(self._end, _died())

    def _take(self, message: Any) -> None:
        what, *rest = message
        if what == "ready":
            self.identity, self.concurrency, self.in_force = rest
            self._ready.set_result(None)
        elif what == "refused":
            self._ready.set_exception(UserError(rest[0]))
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
        elif what == "died":
            self._end(EngineDied(told[0]))
        elif what == "restart" and request.watch is not None:
            request.watch.restart()
        elif request.watch is not None and request.watch(*told) is not None:
            self._send(("stop", key))

    def _end(self, ended: EngineError) -> None:
        """Tell everybody who waits, and whoever asks from now on, why there are no more answers."""
        self._ended = self._ended or ended
        waiting: list[asyncio.Future[Any]] = [self._ready, *(future for future, _ in self._waiting.values())]
        for future in waiting:
            if not future.done():
                future.set_exception(type(ended)(str(ended)))


def _died() -> EngineDied:
    return EngineDied("the replica's process ended")


def _place(number: int, options: EngineOptions) -> dict[str, str]:
    """The environment that gives one replica its own GPUs, or its share of the cores."""
    gpus = _gpus()
    if not gpus or options.kind != "vllm":
        share = max(1, len(os.sched_getaffinity(0)) // options.replicas)
        return {"OMP_NUM_THREADS": str(share)}
    needed = options.replicas * options.tensor_parallel
    if needed > len(gpus):
        raise UserError(
            f"{options.replicas} replicas of {options.tensor_parallel} GPUs need {needed} GPUs; here are {len(gpus)}."
        )
    first = number * options.tensor_parallel
    return {"CUDA_VISIBLE_DEVICES": ",".join(gpus[first : first + options.tensor_parallel])}


def _gpus() -> list[str]:
    """The GPUs this process may use, by the names that CUDA_VISIBLE_DEVICES takes."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [gpu for gpu in visible.split(",") if gpu.strip()]
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    listed = subprocess.run([tool, "-L"], capture_output=True, text=True, check=False)  # noqa: S603
    return [str(number) for number, line in enumerate(listed.stdout.splitlines()) if line.startswith("GPU ")]
