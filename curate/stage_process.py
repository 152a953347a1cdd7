"""Each stage in a process of its own: its memory, its threads and what it does to its environment end with it.

Whoever drives stages (a recipe, a script that trains) holds no model and imports no torch. A stage's result, its
refusal, its end by a signal and an interrupt come back here as if it had been called; what it started ends with it.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import FrameType
from typing import Any, Final, TypeVar

from curate.console import LOGGERS, ConsoleHandler
from curate.engines.process_group import describe_exit, signal_group
from filters.child_python import make_command, make_environment
from filters.errors import WorkUndone

Options = TypeVar("Options")
Result = TypeVar("Result")

ENDING_S: Final = 30.0
"""What a stage may take to end once it was interrupted, before it is killed."""
PATIENT_INTERRUPTS: Final = 3
"""So many interrupts kill the stage at once."""
POLL_S: Final = 0.5

_claims: list[bool] = []


def claim_process() -> None:
    """Say that this process does one stage's work and then ends, so that what it leaves behind hurts nobody."""
    _claims[:] = [True]


def is_claimed() -> bool:
    """Whether this process may be used up by one stage."""
    return bool(_claims)


def run_alone(function: Callable[[Options], Result], options: Options, title: str) -> Result:
    """Call a module's function in a process of its own; see `StageProcesses.run`."""
    with closing(StageProcesses()) as processes:
        return processes.run(function, options, title)


class _StageTracebackError(Exception):
    """Where in the stage's process an exception was raised."""

    def __str__(self) -> str:
        return f"in the process of the stage:\n{self.args[0]}"


class StageProcesses:
    """Runs stages one after the other, each in a process of its own, forked from one host (`curate.stage_host`)."""

    def __init__(self) -> None:
        self._host: subprocess.Popen[bytes] | None = None
        self._needed: set[str] = set()

    def close(self) -> None:
        """End the host."""
        if self._host is not None:
            self._control.close()
            self._socket.close()
            self._host.wait()
        self._host = None

    def run(
        self,
        function: Callable[[Options], Result],
        options: Options,
        title: str,
        expected: Collection[str] = (),
    ) -> Result:
        """The function's result, from a process of its own. function: a module's own, found again by its name.

        expected: modules of `curate.heavy_imports` that it will need, beside those that stages before have needed.

        Raises what it raises; WorkUndone where the process ends without a word, by a signal or for lack of memory;
        KeyboardInterrupt, once the process has ended, where this process is interrupted.
        """
        asked = ForkingPickler.dumps((function, options))
        self._needed.update(expected)
        if self._host is None:
            self._start_host()
        try:
            with (
                closing(_Channel(self._socket, self._control, sorted(self._needed))) as channel,
                _interrupts_passed_on(self._control) as interrupts,
            ):
                channel.ask(asked)
                kind, value, rest = channel.follow(interrupts)
        except BaseException:
            self.close()  # what it still has to say would be taken for the next stage's
            raise
        if interrupts or kind == "interrupted":
            raise KeyboardInterrupt
        if kind == "done":
            self._needed.update(rest)
            made: Result = value
            return made
        if kind == "failed":
            raise value from _StageTracebackError(str(rest))
        if kind == "lost":
            value = self._let_host_go()
        raise WorkUndone(f"{title}: {_explain_end(value)}")

    def _start_host(self) -> None:
        self._socket, theirs = socket.socketpair()
        self._control = Connection(os.dup(self._socket.fileno()))
        with theirs:
            self._host = subprocess.Popen(  # noqa: S603  our own module
                make_command("curate.stage_host", str(theirs.fileno()), str(os.getpid())),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env=make_environment(),
                process_group=0,  # an interrupt reaches a stage once, through this process
            )

    def _let_host_go(self) -> int:
        """How the host ended, which takes its stage with it; the next stage gets a new one."""
        assert self._host is not None
        code = self._host.wait()
        self.close()
        return code


class _Channel:
    """The connection to one stage, beside the one to the host."""

    def __init__(self, host: socket.socket, control: Connection[Any, Any], needed: list[str]) -> None:
        ours, theirs = socket.socketpair()
        self._stage: Connection[Any, Any] = Connection(ours.detach())
        self._control, self._process = control, 0
        with theirs, suppress(BrokenPipeError, ConnectionResetError):
            control.send(("run", needed))
            socket.send_fds(host, [b"-"], [theirs.fileno()])

    def ask(self, asked: Any) -> None:
        """Hand over where this process is, and the function with its options, pickled."""
        with suppress(BrokenPipeError, ConnectionResetError):  # it is gone already: how is told later
            self._stage.send(_describe_place())
            self._stage.send_bytes(asked)

    def close(self) -> None:
        self._stage.close()

    def follow(self, interrupts: list[float]) -> tuple[str, Any, Any]:
        """Pass on what the stage logs, until it has ended: its outcome, or how it ended without one."""
        outcome: tuple[str, Any, Any] | None = None
        talking = True
        while True:
            ready = wait([self._stage, self._control] if talking else [self._control], POLL_S)
            if self._stage in ready:
                told = self._receive_from_stage()
                talking = told is not None
                outcome = outcome if told is None or told[0] == "log" else told
            elif self._control in ready:  # the stage has ended once it has nothing more to say
                ended = self._receive_from_host()
                if ended is not None:
                    return outcome or ended
            if interrupts and time.monotonic() - interrupts[0] > ENDING_S:
                with suppress(OSError):
                    self._control.send("kill")

    def _receive_from_stage(self) -> tuple[str, Any, Any] | None:
        """One message, a log message passed on already; None where the connection has ended."""
        try:
            message: tuple[str, Any, Any] = self._stage.recv()
        except (EOFError, OSError):
            return None
        if message[0] == "log":
            record = logging.makeLogRecord(message[1])
            logging.getLogger(record.name).handle(record)
        return message

    def _receive_from_host(self) -> tuple[str, Any, Any] | None:
        """How the stage's process ended; None of the message that it has begun."""
        try:
            number = self._control.recv()
        except (EOFError, OSError):
            if self._process:
                signal_group(self._process, signal.SIGKILL)
            return "lost", None, None
        if not self._process:
            self._process = number
            return None
        return "ended", number, None


@contextmanager
def _interrupts_passed_on(control: Connection[Any, Any]) -> Iterator[list[float]]:
    """Hand interrupts to the stage instead of raising them here, and let it pause with this process; gives when they came.

    Raised in the middle of a message they would tear it.
    """
    interrupts: list[float] = []

    def pass_on(number: int, frame: FrameType | None) -> None:
        interrupts.append(time.monotonic())
        with suppress(OSError):
            control.send("interrupt" if len(interrupts) < PATIENT_INTERRUPTS else "kill")

    def pause(number: int, frame: FrameType | None) -> None:
        with suppress(OSError):
            control.send("pause")
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # and goes on here
        signal.signal(number, pause)
        with suppress(OSError):
            control.send("continue")

    with _handle(signal.SIGINT, pass_on), _handle(signal.SIGTSTP, pause):
        yield interrupts


@contextmanager
def _handle(number: signal.Signals, handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Handle a signal within the block, unless it is ignored."""
    before = signal.getsignal(number)
    # Ignored, as in the background of a script; or handled by a library in C.
    ignored = before is signal.SIG_IGN or before is None
    if ignored or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _describe_place() -> Mapping[str, Any]:
    """Where this process is, for the stage to be there too."""
    loggers = {name: logging.getLogger(name) for name in LOGGERS}
    return {
        "folder": str(Path.cwd()),
        "environment": make_environment(),
        "path": list(sys.path),
        "console": any(isinstance(h, ConsoleHandler) for one in loggers.values() for h in one.handlers),
        "levels": {name: logger.getEffectiveLevel() for name, logger in loggers.items()},
    }


def _explain_end(code: int) -> str:
    """How a process ended that said nothing, and what to do."""
    why = ""
    if code == -signal.SIGKILL:
        why = ", as the system does where memory runs out: give the machine more, or the stage less to hold"
    return f"its process {describe_exit(code)}{why}. Finished work is kept; run the same command again to resume."
