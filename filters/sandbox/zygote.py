"""The warm process behind the walls: it forks for each program, waits for its end, and says how it ended.

It never runs a program itself, and holds nothing that one could take: code and input come as open files that it hands on unread.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import time
from collections.abc import Sequence
from typing import Any, Final

from filters.sandbox import walls
from filters.sandbox.run_program import run_program

_PRELOADED: Final = (
    "array", "asyncio", "bisect", "cmath", "collections", "copy", "datetime", "decimal", "enum", "fractions", "functools",
    "heapq", "io", "itertools", "json", "math", "operator", "queue", "random", "re", "statistics", "string", "threading",
    "traceback", "typing", "unittest",
)  # fmt: skip
"""What programs import most: forked with the zygote, it costs them nothing."""
_MESSAGE: Final = 1 << 16
_LOOK_S: Final = 0.05
"""How often the processor time of a program is looked at, where its limit is not a whole second."""


def main(control: int, tier: walls.Tier, readable: Sequence[str]) -> None:
    """Serve one client until it is gone. control: the socket to it, which must be message by message."""
    for name in _PRELOADED:
        __import__(name)
    channel = socket.socket(fileno=control)
    try:
        built = walls.build_namespaces(readable) if tier == "namespaces" else walls.build_landlock(readable)
    except OSError as error:
        channel.send(json.dumps({"refused": str(error)}).encode())
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    channel.send(json.dumps({"ready": tier}).encode())
    while True:
        said, files, _, _ = socket.recv_fds(channel, _MESSAGE, 8)
        if not said:
            return
        told = _serve(json.loads(said), files, built, channel)
        if told is None:
            return
        channel.send(json.dumps(told).encode())


def _serve(
    asked: dict[str, Any], files: Sequence[int], built: walls.Walls, channel: socket.socket
) -> dict[str, Any] | None:
    """Run one program to its end; None where the client is gone, and with it the program."""
    limits = walls.Limits(**asked["limits"])
    code, *rest = files
    began = time.monotonic()
    heard, failed = os.pipe()  # which no program has: it is closed before one begins
    child = os.fork()
    if not child:
        try:
            source = _read_all(code)
            walls.shut_in(built, limits, rest)
        except BaseException as error:  # noqa: BLE001  nothing may go on without the walls
            os.write(failed, f"{type(error).__name__}: {error}".encode()[:500])
            os._exit(125)
        try:
            run_program(source, asked["name"], asked["function"])
        finally:
            walls.EXIT(70)  # whatever the program has put in the place of what ends it
    for file in (failed, *files):
        os.close(file)
    stopped = _await(child, limits, began, channel)
    if stopped is None:
        _kill(child)
        return None
    _, status, used = os.wait4(child, 0)
    wrong = os.read(heard, 1000).decode("utf-8", "replace")
    os.close(heard)
    ended = os.waitstatus_to_exitcode(status)
    return {
        "code": max(ended, 0), "signal": max(-ended, 0), "stopped": stopped, "cpu_s": used.ru_utime + used.ru_stime,
        "wall_s": time.monotonic() - began, "memory": used.ru_maxrss << 10, "failed": wrong,
    }  # fmt: skip


def _await(child: int, limits: walls.Limits, began: float, channel: socket.socket) -> str | None:
    """Wait for a program's end, or end it: says by which limit, empty for none; None where the client is gone."""
    watched = os.pidfd_open(child)
    clock = (~child << 3) | 2  # the kernel's name for the process' own clock
    poll = select.poll()
    poll.register(watched, select.POLLIN)
    poll.register(channel.fileno(), select.POLLHUP | select.POLLRDHUP)
    try:
        while True:
            for file, _ in poll.poll(_LOOK_S * 1000):
                if file == watched:
                    return ""
                return None
            if time.clock_gettime(clock) > limits.cpu_s:
                return _stop(child, "cpu")
            if time.monotonic() - began > limits.wall_s:
                return _stop(child, "wall")
    finally:
        os.close(watched)


def _stop(child: int, limit: str) -> str:
    os.kill(child, signal.SIGKILL)
    return limit


def _kill(child: int) -> None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def _read_all(file: int) -> bytes:
    with open(file, "rb", closefd=False) as opened:
        return opened.read()
