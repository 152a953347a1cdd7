"""Processes as the system sees them: how one ended, in words, and whether a group of them is gone."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path


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
