"""Stages of seconds: what a process of a stage's own may meet."""

import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from curate.stage_results import StageResult
from filters.errors import UserError, WorkUndone

SPOILED = "R1CURATE_TEST_SPOILED"


class OddError(UserError):
    """A refusal that cannot be made again from its text."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def look(asked: object) -> dict[str, object]:
    """What a stage finds."""
    return {
        "asked": asked,
        "pid": os.getpid(),
        "folder": str(Path.cwd()),
        "spoiled": os.environ.get(SPOILED),
        "torch": "torch" in sys.modules,
        "threads": threading.active_count(),
    }


def spoil(asked: object) -> int:
    """Leave an environment, a thread, a folder and processes of sessions of their own behind."""
    os.environ[SPOILED] = "yes"
    os.chdir("/")
    threading.Thread(target=time.sleep, args=(600,)).start()
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    forked = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,), daemon=True)
    forked.start()
    Path(str(asked)).write_text(f"{left.pid} {forked.pid}")
    return left.pid


def refuse(asked: object) -> None:
    raise UserError("no such thing: name another.")


def refuse_oddly(asked: object) -> None:
    raise OddError(1, 2)


def leave_undone(asked: object) -> None:
    raise WorkUndone("half of it is left.")


def fail(asked: object) -> None:
    raise ZeroDivisionError("somewhere deep")


def die(asked: object) -> None:
    os.kill(os.getpid(), int(str(asked)))


def leave(asked: object) -> None:
    os._exit(3)


def log(asked: object) -> StageResult:
    logging.getLogger("curate.somewhere").info("a word on the way")
    return StageResult()


def log_from_threads(asked: object) -> StageResult:
    def say(number: int) -> None:
        for _ in range(20):
            logging.getLogger("curate.somewhere").info(f"{number}: " + "x" * 100_000)

    threads = [threading.Thread(target=say, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return StageResult()


def give_what_cannot_be_given(asked: object) -> object:
    return lambda: None


def work_long(asked: object) -> None:
    """Start a process with a session of its own, say who all are, and wait."""
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    Path(str(asked)).write_text(f"{os.getpid()} {os.getppid()} {left.pid}")
    try:
        time.sleep(600)
    except KeyboardInterrupt:
        Path(f"{asked}.interrupted").touch()
        raise


def ignore_interrupts(asked: object) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    work_long(asked)
