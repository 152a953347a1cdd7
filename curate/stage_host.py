"""The process from which the processes of stages are forked, one after the other; `curate.stage_process` drives it.

Started as `python -P -m curate.stage_host FD DRIVER` in a process group of its own. It holds nothing but modules: those that
stages before have needed, are slow to import and leave no thread behind, so that a fork of it is safe. It adopts
whatever a stage leaves, and ends it: nothing outlives a stage, and nothing outlives the driver by more than seconds.
"""

from __future__ import annotations

import atexit
import logging
import os
import pickle
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Collection, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from curate.engines.process_group import end_descendants, signal_group
from curate.heavy_imports import import_heavy, list_imported
from filters.child_python import make_command
from filters.errors import UserError
from filters.sandbox.kernel import adopt_orphans, die_with_parent

POLL_S: Final = 0.03
"""Between two looks at a stage that runs."""
IDLE_S: Final = 1.0
"""Between two looks at a driver that asks for nothing."""
SIGNALS: Final = {"interrupt": signal.SIGINT, "pause": signal.SIGSTOP, "continue": signal.SIGCONT}
"""What the driver passes on to a stage's process group, by name."""
ORDERLY_S: Final = 3.0
"""What a stage may take to end by itself once its driver is gone."""
LEFTOVERS_S: Final = 2.0
"""What the processes that a stage has started may take to end after it."""
LEAVING_S: Final = 60
"""What libraries may take to tidy up once a stage has given its result: a tracker may have much to send."""
PLAIN: Final = (str, int, float, bool, type(None))
"""What of a log record is handed on: anything else may be of a kind that cannot be."""
SEND_LOCK: Final = threading.Lock()
"""Held while a message is sent: a large one is sent in parts, between which another thread's would tear it."""
OUR_PACKAGES: Final = ("builtins", "curate", "distill", "filters")
"""An exception of another package would have its reader import that package."""


class _Host:
    """Forks a process a stage, looks after it, and tells the driver its process id and its exit code."""

    def __init__(self, control: socket.socket, driver: int) -> None:
        self._socket, self._control = control, Connection(os.dup(control.fileno()))
        self._driver = driver

    def serve(self) -> None:
        """Run stages until the driver closes the connection or has gone."""
        with suppress(EOFError, ConnectionResetError, BrokenPipeError):
            while True:
                message = self._receive(IDLE_S)
                if isinstance(message, tuple):
                    self._run(message[1])
        end_descendants(0.0, reap=True)

    def _receive(self, seconds: float) -> Any:
        """What the driver says within this time; None if nothing. EOFError once it is gone.

        A process that the driver has forked holds the connection too, so that its end is no sign of the driver's.
        """
        if self._control.poll(seconds):
            return self._control.recv()
        if os.getppid() != self._driver:
            raise EOFError
        return None

    def _run(self, needed: Collection[str]) -> None:
        _, (channel,), _, _ = socket.recv_fds(self._socket, 1, 1)
        import_heavy(needed)
        stage = os.fork()
        if stage == 0:
            self._socket.close()
            self._control.close()
            _become_stage(channel)
        os.close(channel)
        with suppress(OSError):  # it has done so itself, or is gone
            os.setpgid(stage, stage)
        self._control.send(stage)
        code = self._wait(stage)
        end_descendants(LEFTOVERS_S, reap=True)
        self._control.send(code)

    def _wait(self, stage: int) -> int:
        while True:
            ended, status = os.waitpid(stage, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            try:
                message = self._receive(POLL_S)
            except (EOFError, ConnectionResetError):
                self._end_in_order(stage)
                raise
            if message in SIGNALS:
                signal_group(stage, SIGNALS[message])
            elif message == "kill":
                os.kill(stage, signal.SIGKILL)

    def _end_in_order(self, stage: int) -> None:
        """Interrupt a stage that nobody waits for; what has not ended soon is killed by who calls this."""
        for number in (signal.SIGINT, signal.SIGCONT):
            signal_group(stage, number)
        deadline = time.monotonic() + ORDERLY_S
        while time.monotonic() < deadline and not os.waitpid(stage, os.WNOHANG)[0]:
            time.sleep(POLL_S)
        with suppress(ProcessLookupError):
            os.kill(stage, signal.SIGKILL)


def _become_stage(channel: int) -> NoReturn:
    """In the fork: be the stage, or, where a fork of this host may not be trusted, a fresh process that is."""
    with suppress(OSError):
        os.setpgid(0, 0)
    die_with_parent(signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if _is_fork_safe():
        serve_stage(channel)
    os.set_inheritable(channel, True)
    command = make_command("curate.stage_host", str(channel), "stage")
    os.execv(command[0], command)  # noqa: S606  our own module


def _is_fork_safe() -> bool:
    """Whether a fork has all its parent had: a thread is not copied, its locks are, and CUDA survives no fork."""
    threads = Path("/proc/self/task")
    # In a fork only the caller is left: its parent's threads count.
    parents = Path(f"/proc/{os.getppid()}/task")
    if not threads.exists() or len(list(parents.iterdir())) > 1:
        return False
    torch = sys.modules.get("torch")
    return torch is None or not torch.cuda._is_in_bad_fork()


def serve_stage(channel: int) -> NoReturn:
    """Take one stage from the driver, run it, hand back what came of it, and end."""
    connection = Connection(channel)
    signal.signal(signal.SIGTERM, _interrupt)
    outcome: tuple[str, object, object]
    try:
        _take_over(connection, connection.recv())
        function, options = connection.recv()
        outcome = ("done", function(options), list_imported())
        code = 0
    except KeyboardInterrupt:
        outcome, code = ("interrupted", None, ()), 130
    except Exception as error:  # noqa: BLE001  the driver raises it
        outcome, code = ("failed", _make_portable(error), traceback.format_exc()), 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left takes no time and is not to be torn
    _send(connection, outcome)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(LEAVING_S)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)  # threads that never end hold nothing up


def _take_over(connection: Connection[Any, Any], state: Mapping[str, Any]) -> None:
    """Be where the driver is: its folder, environment, import path and log."""
    from curate.stage_process import claim_process

    claim_process()
    with suppress(OSError):
        os.chdir(state["folder"])
    os.environ.clear()
    os.environ.update(state["environment"])
    sys.path[:] = state["path"]
    if state["console"]:
        from curate.console import show_logs

        show_logs()
        return
    for name, level in state["levels"].items():
        logger = logging.getLogger(name)
        logger.setLevel(level)
        logger.addHandler(_Forwarder(connection))
        logger.propagate = False


class _Forwarder(logging.Handler):
    """Hands log messages to the driver, whose script or notebook decides what becomes of them."""

    def __init__(self, connection: Connection[Any, Any]) -> None:
        super().__init__()
        self._connection, self._process = connection, os.getpid()

    def emit(self, record: logging.LogRecord) -> None:
        """Send a record with its text made; of a process that the stage has forked nothing is sent."""
        if os.getpid() != self._process:
            return
        plain = {name: value for name, value in vars(record).items() if isinstance(value, PLAIN)}
        plain |= {"msg": record.getMessage(), "args": None, "exc_info": None}
        with suppress(OSError), SEND_LOCK:
            self._connection.send(("log", plain, ()))


def _interrupt(number: int, frame: FrameType | None) -> None:
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, None):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.raise_signal(signal.SIGINT)


def _make_portable(error: Exception) -> Exception:
    """An exception that its reader can read without importing what the stage has imported."""
    if type(error).__module__.partition(".")[0] in OUR_PACKAGES:
        with suppress(Exception):
            pickle.loads(pickle.dumps(error))  # noqa: S301  of our own making
            return error
    if isinstance(error, UserError):
        return UserError(str(error))
    return RuntimeError(f"{type(error).__name__}: {error}")


def _send(connection: Connection[Any, Any], outcome: tuple[str, object, object]) -> None:
    try:
        message = pickle.dumps(outcome)
    except Exception as error:  # noqa: BLE001  a result that cannot be pickled is a fault like any other
        fault = RuntimeError(f"{type(error).__name__}: {error}")
        message = pickle.dumps(("failed", fault, traceback.format_exc()))
    with suppress(OSError), SEND_LOCK:  # the driver may be gone
        connection.send_bytes(message)


def main() -> None:
    """Host the stages of the driver with the process id given second, or be one stage, on the file descriptor given first."""
    descriptor = int(sys.argv[1])
    if sys.argv[2:] == ["stage"]:
        os.set_inheritable(descriptor, False)
        serve_stage(descriptor)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)  # a stage writes to the terminal that its driver holds
    adopt_orphans()
    _Host(socket.socket(fileno=descriptor), int(sys.argv[2])).serve()


if __name__ == "__main__":
    main()
