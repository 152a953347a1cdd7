"""A training in several processes, as its parent and as each of them sees it: what is shown, what is logged, what failed.

The processes (ranks) are started by accelerate. Libraries write pages when one of them fails, each its own traceback
and the launcher a summary; the screen gets one sentence, that of the rank that failed first, and the pages go into
files. Rank 0 shows the progress.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Final

from curate.console import STDERR
from curate.engines.process_group import describe_exit, end_descendants, list_descendants
from curate.store.whole_files import read_json, write_aside
from distill.common.machines import Machines
from filters.child_python import make_command, make_environment
from filters.errors import UserError, WorkUndone
from filters.sandbox.kernel import adopt_orphans, die_with_parent

LAUNCH_FOLDER: Final = "R1CURATE_LAUNCHED"
"""In the environment of all that a launched training runs: the folder of its logs, or nothing where it has none."""
MACHINE: Final = "R1CURATE_MACHINE"
"""In the same environment: which of the training's machines this is."""
SCREEN: Final = "screen.log"
"""Where the messages of rank 0 go that nobody sees where it runs."""
LOGS: Final = "logs"
ENDING_S: Final = 5.0
"""What the processes of a training may take to end once one of them has failed, or once it was interrupted."""
POLL_S: Final = 0.1
RESUME: Final = "Run the same command again to resume from the last checkpoint."


class Launch:
    """One training in several processes on this machine, or this machine's part of one on several; its logs are kept beside its checkpoints.

    Several machines share the folder of their logs, so that each learns of what has failed on another.
    """

    def __init__(self, aside: Path, title: str, machines: Machines | None = None) -> None:
        self._logs = name_logs(aside, machines.launch if machines else None)
        self._title, self._index = title, machines.index if machines else 0

    def run(self, arguments: Sequence[str], stage: str, options: str, *, unseen: bool = False) -> None:
        """Train to the end. unseen: rank 0's messages go into a file, for somebody elsewhere to show.

        Raises what kept it from that: UserError, or WorkUndone with the log's place.
        """
        if self._index == 0:
            clear_logs(self._logs)
        self._logs.mkdir(parents=True, exist_ok=True)
        file = self._logs / f"options-{self._index}.json"
        file.write_text(options, encoding="utf-8")
        command = make_command("distill.common.launcher", *arguments, "-m", stage, str(file))
        before = list_descendants()
        with suppress(OSError):
            adopt_orphans()
        with ExitStack() as stack:
            screen = stack.enter_context((self._logs / SCREEN).open("ab")) if unseen else None
            process = subprocess.Popen(  # noqa: S603  our own module
                command,
                env=make_environment(
                    **{LAUNCH_FOLDER: str(self._logs.absolute()), MACHINE: str(self._index)}
                ),
                stderr=screen,
            )
        try:
            code = self._wait(process)
        except KeyboardInterrupt:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(ENDING_S)
            raise
        finally:
            # Also what the ranks have started: vLLM's processes have sessions of their own.
            end_descendants(0.0 if process.poll() is None else ENDING_S, before)
            process.wait()
        if code:
            raise explain_failure(self._logs, self._title, f"its launcher {describe_exit(code)}")

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        """The launcher's exit code; a launcher that outlives the failure of a rank or of another machine for long is ended."""
        failed_at: float | None = None
        while process.poll() is None:
            time.sleep(POLL_S)
            if failed_at is None and (any(self._logs.glob("failed-*.json")) or self._is_other_dead()):
                failed_at = time.monotonic()
            if failed_at is not None and time.monotonic() - failed_at > ENDING_S:
                process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    process.wait(ENDING_S)
                end_descendants(0.0)
        return process.wait()

    def _is_other_dead(self) -> bool:
        own = f"deaths-{self._index}.json"
        return any(path.name != own for path in self._logs.glob("deaths-*.json"))


def name_logs(aside: Path, launch: str | None) -> Path:
    """The folder of a training's logs. launch: the name of a launch on several machines."""
    return aside / LOGS / launch if launch else aside / LOGS


def clear_logs(logs: Path) -> None:
    """Remove what earlier launches have left, and nothing of this one, which other machines may have begun."""
    whole = logs if logs.name == LOGS else logs.parent
    for old in whole.iterdir() if whole.exists() else ():
        if old.is_dir() and old != logs:
            shutil.rmtree(old, ignore_errors=True)
        elif not old.is_dir():
            old.unlink()


def explain_failure(logs: Path, title: str, end: str) -> UserError:
    """The failure that the others follow from: a refusal, then a death without a word, then the earliest error.

    end: how it ended, where no process has left word.
    """
    found = [read_json(path) for path in logs.glob("failed-*.json")]
    failures = sorted((one for one in found if isinstance(one, dict)), key=lambda one: one["at"])
    deaths = [death for path in sorted(logs.glob("deaths-*.json")) for death in read_json(path) or []]
    for one in failures:
        if one["told"]:
            return (UserError if one["exit_code"] == UserError.exit_code else WorkUndone)(one["sentence"])
    log = f"the whole of it is in '{logs}'"
    for death in deaths:
        if death["code"] < 0 and death["code"] != -signal.SIGTERM:
            return WorkUndone(
                f"{title}: rank {death['rank']} {describe_exit(death['code'])}"
                f"{_guess(death['code'])}; {log}. {RESUME}"
            )
    for one in failures:
        return WorkUndone(f"{title}: rank {one['rank']} failed: {one['sentence']}; {log}. {RESUME}")
    return WorkUndone(f"{title}: {end}; {log}. {RESUME}")


def _guess(code: int) -> str:
    return ", as the system does where memory runs out" if code == -signal.SIGKILL else ""


def enter_rank(rank: int) -> None:
    """Be one rank: what libraries print goes into its log, our messages to the screen; end where the launcher does."""
    folder = os.environ.get(LAUNCH_FOLDER)
    if not folder:
        return
    die_with_parent(signal.SIGKILL)
    screen = os.fdopen(os.dup(2), "w", buffering=1) if rank == 0 else None
    log = os.open(
        Path(folder) / f"rank-{rank}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644
    )
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    STDERR.file = screen if screen is not None else sys.stderr


def leave_failed_rank(rank: int, error: Exception) -> None:
    """Leave the reason for the parent and end at once: others may wait for ever in what is tidied up. Returns where no parent waits."""
    folder = os.environ.get(LAUNCH_FOLDER)
    if not folder:
        return
    told = isinstance(error, UserError)
    if not told:
        traceback.print_exception(error)
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    failure: dict[str, Any] = {
        "rank": rank,
        "at": time.time(),
        "told": told,
        "sentence": str(error) if told else f"{type(error).__name__}: {' '.join(lines)[:500]}",
        "exit_code": error.exit_code if isinstance(error, UserError) else 1,
    }
    with suppress(OSError), write_aside(Path(folder) / f"failed-{rank}.json") as aside:
        aside.write_text(json.dumps(failure), encoding="utf-8")
    for stream in (sys.stdout, sys.stderr, STDERR.file):
        stream.flush()
    os._exit(failure["exit_code"])
