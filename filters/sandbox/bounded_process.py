"""A command run with bounds on its time and on what it writes."""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, Literal, NamedTuple

_PIECE: Final = 1 << 16
_PATIENCE_S: Final = 10.0
"""What a command may take to end once it has been stopped."""


class Ran(NamedTuple):
    """How a command ended. stopped: why it was stopped, if it was: for its time, or for what it wrote."""

    code: int
    stdout: bytes
    stderr: bytes
    stopped: Literal["", "late", "much"]
    wall_s: float


def run_bounded(
    command: Sequence[str],
    given: bytes,
    environment: Mapping[str, str],
    seconds: float,
    most: int,
    stop: Callable[[], None],
) -> Ran:
    """Run a command to its end, or until a bound. given: its input; most: bytes of each output; stop: what is done at a bound."""
    began = time.monotonic()
    process = subprocess.Popen(  # noqa: S603  no shell: its arguments are what they are
        command,
        bufsize=0,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    written: tuple[bytearray, bytearray] = (bytearray(), bytearray())
    stopped: Literal["", "late", "much"] = "late"
    try:
        stopped = _exchange(process, memoryview(given), written, began + seconds, most)
        if not stopped:
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(began + seconds - time.monotonic(), _PATIENCE_S))
        if stopped:
            stop()
    finally:
        _let_go(process, 0.0 if stopped == "" else _PATIENCE_S)
    return Ran(process.returncode, bytes(written[0]), bytes(written[1]), stopped, time.monotonic() - began)


def _let_go(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Close what leads to it first, so that nothing it still has to say keeps it."""
    for pipe in (process.stdin, process.stdout, process.stderr):
        assert pipe is not None
        pipe.close()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _exchange(
    process: subprocess.Popen[bytes],
    given: memoryview,
    written: tuple[bytearray, bytearray],
    until: float,
    most: int,
) -> Literal["", "late", "much"]:
    """Give it its input, and take its outputs until it has closed both."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ, written[0])
        waiting.register(process.stderr, selectors.EVENT_READ, written[1])
        os.set_blocking(process.stdin.fileno(), False)
        waiting.register(process.stdin, selectors.EVENT_WRITE)
        reading = 2
        while reading:
            left = until - time.monotonic()
            if left <= 0:
                return "late"
            for key, _ in waiting.select(left):
                if key.data is None:
                    given = _feed(key.fd, given)
                    if not given:
                        waiting.unregister(process.stdin)
                        process.stdin.close()
                    continue
                piece = os.read(key.fd, _PIECE)
                key.data.extend(piece)
                if len(key.data) > most:
                    return "much"
                if not piece:
                    waiting.unregister(key.fileobj)
                    reading -= 1
    return ""


def _feed(file: int, given: memoryview) -> memoryview:
    """Write what it takes; what is left. Nothing is, where it reads no more."""
    try:
        return given[os.write(file, given[:_PIECE]) :]
    except BlockingIOError:
        return given
    except BrokenPipeError:
        return given[:0]
