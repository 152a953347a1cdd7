"""What a lock says of who holds it."""

from __future__ import annotations

import os
import shlex
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def describe_holder() -> dict[str, Any]:
    """What a lock says of the process that holds it."""
    return {
        "process": os.getpid(),
        "machine": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:3]]),
    }


def format_holder(held: Mapping[str, Any]) -> str:
    """Who holds a lock, in brackets. Raises KeyError where that is not said."""
    return f" (process {held['process']} on {held['machine']} since {held['since']}: {held['command']})"


def describe_conflict(what: str, holder: str) -> str:
    """Why a command cannot have a lock now. holder: who has it, in brackets, or nothing."""
    return f"Another process is writing to {what}{holder}; wait for it or stop it."


def describe_wait(what: str, holder: str) -> str:
    """What a command waits for that is to have a lock. holder: who has it, in brackets, or nothing."""
    return f"Waiting for another process that writes to {what}{holder}."
