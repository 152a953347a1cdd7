"""The warm process behind the walls: it forks for each program, waits for its end, and says how it ended.

It never runs a program itself, and holds nothing that one could take: code and input come as open files that it hands on unread.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from filters.sandbox import kernel, seccomp, walls
from filters.sandbox.compile_program import compile_program
from filters.sandbox.run_program import leave_after, open_streams, run_program
from filters.sandbox.run_tests import run_tests

_PRELOADED: Final = (
    "array", "asyncio", "bisect", "cmath", "collections", "copy", "datetime", "decimal", "enum", "fractions", "functools",
    "heapq", "io", "itertools", "json", "math", "operator", "queue", "random", "re", "statistics", "string", "threading",
    "traceback", "typing", "unittest", "unittest.mock", "contextlib", "inspect",
)  # fmt: skip
"""What programs import most: forked with the zygote, it costs them nothing."""
_MESSAGE: Final = 1 << 16
_FILES: Final = 16
_TELL_S: Final = 5.0
_LOOK_S: Final = 0.05
"""How often the processor time of a program is looked at, where its limit is not a whole second."""


def main(
    control: int, tier: walls.Tier, readable: Sequence[str], packages: Sequence[str], places: Sequence[str]
) -> None:
    """Serve one client until it is gone.

    control: the socket to it, which must be message by message. packages: those that programs may import; places: their files
    and folders.
    """
    for name in _PRELOADED:
        __import__(name)
    channel = socket.socket(fileno=control)
    try:
        built = walls.build(tier, readable)
        if tier != "none":
            kernel.bound_capabilities()
        for kind in get_args(seccomp.Kind):
            seccomp.make_filter(1, tier == "namespaces", kind)
        sys.meta_path.append(_PackageFinder(places))
        for name in packages:  # behind the walls: some start threads, with which nobody can move there
            importlib.import_module(name)
    except (OSError, ImportError) as error:
        channel.send(json.dumps({"refused": str(error)}).encode())
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    channel.send(json.dumps({"ready": tier}).encode())
    while True:
        said, files, _, _ = socket.recv_fds(channel, _MESSAGE, _FILES)
        if not said:
            return
        number, _, asked = said.partition(b" ")
        told = _serve(json.loads(asked), files, built, channel)
        if told is None:
            return
        channel.send(json.dumps({**told, "asked": int(number)}).encode())


def _serve(
    asked: dict[str, Any], files: Sequence[int], built: walls.Walls, channel: socket.socket
) -> dict[str, Any] | None:
    """Run one program to its end; None where the client is gone, and with it the program."""
    limits = walls.Limits(**asked["limits"])
    folder = ""
    if asked["mode"] == "compile" and built.tier != "namespaces":
        folder = _make_folder()
        built = walls.build(built.tier, asked["readable"], folder)
    began = time.monotonic()
    heard, failed = os.pipe()  # which no program has: it is closed before one begins
    starts, ours = _list_starts(asked, files)
    children = [_start(built, limits, failed, start) for start in starts]
    for file in (failed, *files, *ours):
        os.close(file)
    stopped = _watch(children, limits, began, channel)
    ends = []
    for child in children:
        _kill(child)  # who has not ended by now is not waited for
        _, status, used = os.wait4(child, 0)
        ended = os.waitstatus_to_exitcode(status)
        ends.append(
            {"code": max(ended, 0), "signal": max(-ended, 0), "cpu_s": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss << 10}
        )  # fmt: skip
    wrong = os.read(heard, 1000).decode("utf-8", "replace")
    os.close(heard)
    _reap()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)
        if built.rules is not None:
            os.close(built.rules)
    if stopped is None:
        return None
    told = [{**end, "stopped": limit} for end, limit in zip(ends, stopped, strict=True)]
    return {"ends": told, "wall_s": time.monotonic() - began, "failed": wrong}


class _PackageFinder:
    """Finds packages among some that are installed: the others beside them are not there for programs."""

    def __init__(self, places: Sequence[str]) -> None:
        self._names = {Path(place).name.partition(".")[0] for place in places}
        self._folders = sorted({str(Path(place).parent) for place in places})

    def find_spec(self, name: str, path: Sequence[str] | None, target: Any = None) -> Any:
        """Where a module of the top is, as import asks for it."""
        if path is None and name in self._names:
            return PathFinder.find_spec(name, self._folders, target)
        return None


class _Start(NamedTuple):
    """A process: what it does with a text, the file that the text is in, its files from 0 on, and what it runs."""

    work: Callable[[bytes], object]
    text: int | None
    files: Sequence[int]
    kind: seccomp.Kind = "script"


def _list_starts(asked: dict[str, Any], files: Sequence[int]) -> tuple[list[_Start], list[int]]:
    """The processes of a program, of which the last one's end is the end, and files that were opened for them."""
    code, *rest = files
    name, mode = asked["name"], asked["mode"]
    if mode == "tests":
        ours, theirs = (end.detach() for end in socket.socketpair())
        spec, given, out, err, result = rest[3:]
        program = _Start(partial(run_program, name=name, socket=3), code, [*rest[:3], theirs])
        return [program, _Start(_run_tests, spec, [given, out, err, ours, result])], [ours, theirs]
    if mode == "compile":
        work = partial(compile_program, name=name, command=asked["command"], last=asked["last"])
        return [_Start(work, code, rest, "compiler")], []
    if mode == "binary":
        # By its path it is what programs may read; a file from outside lies behind no wall that lets it pass.
        opened = [os.open(asked["path"], os.O_RDONLY | os.O_CLOEXEC)] if asked["path"] else []
        become = partial(_become, arguments=asked["arguments"], more=asked["environment"])
        return [_Start(become, None, [*rest[:3], *(opened or [code]), *rest[3:]], "binary")], opened
    kept = 0 if asked["compiled"] else len(rest) - 1
    run = partial(run_program, name=name, function=asked["function"], named=asked["named"], compiled=asked["compiled"], kept=kept)  # fmt: skip
    return [_Start(run, code, rest)], []


def _run_tests(spec: bytes) -> None:
    leave_after(lambda: run_tests(json.loads(spec), 3, 4), open_streams())


def _become(_: bytes, arguments: Sequence[str], more: Mapping[str, str]) -> None:
    os.set_inheritable(seccomp.PROGRAM_FILE, False)
    kernel.become(seccomp.PROGRAM_FILE, arguments, {**os.environ, **more})


def _make_folder() -> str:
    """A folder that a compiler can write to, whoever it runs as."""
    folder = tempfile.mkdtemp(prefix="r1curate-")
    if os.getuid() == 0 and walls.can_be_nobody():  # as whom the compiler will run
        os.chown(folder, walls.NOBODY, walls.NOBODY)
    return folder


def _start(built: walls.Walls, limits: walls.Limits, failed: int, start: _Start) -> int:
    """A process behind the walls, by its id."""
    child = os.fork()
    if child:
        return child
    try:
        content = b"" if start.text is None else _read_all(start.text)
        walls.shut_in(built, limits, start.files, start.kind)
    except BaseException as error:  # noqa: BLE001  nothing may go on without the walls
        os.write(failed, f"{type(error).__name__}: {error}".encode()[:500])
        os._exit(125)
    try:
        start.work(content)
    finally:
        walls.EXIT(70)  # whatever the program has put in the place of what ends it


def _watch(
    children: Sequence[int], limits: walls.Limits, began: float, channel: socket.socket
) -> list[str] | None:
    """Wait for the end of the last process, and end those that pass a limit: by which one, of each; None where the client is gone."""
    watched = {os.pidfd_open(child): place for place, child in enumerate(children)}
    running, stopped = set(watched.values()), [""] * len(children)
    poll = select.poll()
    for file in watched:
        poll.register(file, select.POLLIN)
    poll.register(channel.fileno(), select.POLLHUP | select.POLLRDHUP)
    try:
        while len(children) - 1 in running:
            for file, _ in poll.poll(_LOOK_S * 1000):
                if file not in watched:
                    return None
                poll.unregister(file)
                running.discard(watched[file])
            for place in running:
                stopped[place] = stopped[place] or _stop(children[place], limits, began, place)
        return stopped
    finally:
        for file in watched:
            os.close(file)


def _stop(child: int, limits: walls.Limits, began: float, place: int) -> str:
    """End a process that has passed a limit, which is told; who tries a program has time to tell of its end."""
    clock = (~child << 3) | 2  # the kernel's name for the process' own clock
    used = time.clock_gettime(clock) > limits.cpu_s
    if not used and time.monotonic() - began <= limits.wall_s + place * _TELL_S:
        return ""
    _kill(child)
    return "cpu" if used else "wall"


def _reap() -> None:
    """Let go of what others left behind, whose parent this process has become."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _kill(child: int) -> None:
    """End a process with all that it started, which cannot leave its group."""
    with suppress(ProcessLookupError):  # it had not come so far as to have a group
        os.killpg(child, signal.SIGKILL)
    os.kill(child, signal.SIGKILL)


def _read_all(file: int) -> bytes:
    with open(file, "rb", closefd=False) as opened:
        return opened.read()
