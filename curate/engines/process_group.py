"""Processes as the system sees them: how one ended, in words, and whether a group or all that one started are gone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

TERMINATING_S: Final = 1.0
"""What a process may take to end by SIGTERM before it is killed."""
KILLED_S: Final = 5.0
"""What the system may take to end a process that was killed: one may be in the middle of a write."""
_POLL_S: Final = 0.02


def describe_exit(code: int) -> str:
    """What a sentence says after the process's name; codes below 0 are signals, as `subprocess` gives them."""
    if code >= 0:
        return f"ended with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


def signal_group(group: int, number: signal.Signals) -> None:
    """Send a signal to all processes of a group, where there are any."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


def is_group_gone(group: int) -> bool:
    """Whether no process of a group lives.

    The dead that nobody has yet reaped count as gone: in a container that may take a second, or for ever.
    """
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return True
    states = [_read_state(folder, group) for folder in Path("/proc").glob("[0-9]*")]
    return bool(states) and set(states) <= {"", "Z", "X"}


def _read_state(folder: Path, group: int) -> str:
    """The state of one process of the group, as `man 5 proc` names it; empty for any other."""
    with suppress(OSError):
        state, _, its_group = (folder / "stat").read_text().rpartition(")")[2].split()[:3]
        return state if int(its_group) == group else ""
    return ""


def list_descendants() -> set[int]:
    """The processes that this one and its children have started and that still live, as far as one is below another.

    With `adopt_orphans` these are all of them, in whatever session.
    """
    below: dict[int, list[tuple[int, str]]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            below.setdefault(int(parent), []).append((int(folder.name), state))
    found, open_ = set(), [os.getpid()]
    while open_:
        children = below.get(open_.pop(), [])
        open_ += [number for number, _ in children]
        found |= {number for number, state in children if state not in ("Z", "X")}
    return found


def end_descendants(patience_s: float, spared: Collection[int] = (), *, reap: bool = False) -> None:
    """End all processes below this one but `spared`: by themselves within this time, by SIGTERM, or by SIGKILL.

    reap: take note of the end of children, of which then no other code of this process hears.
    """
    for number, seconds in ((0, patience_s), (signal.SIGTERM, TERMINATING_S), (signal.SIGKILL, KILLED_S)):
        deadline = time.monotonic() + seconds
        signalled: set[int] = set()
        while left := list_descendants() - set(spared):
            for process in left - signalled:
                with suppress(ProcessLookupError, PermissionError):
                    os.kill(process, number)
            signalled |= left
            if time.monotonic() > deadline:
                break
            time.sleep(_POLL_S)
        if reap:
            _reap()
        if not left:
            return


def _reap() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
