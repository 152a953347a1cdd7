"""Landlock: what of the file system and the network a process may reach at all, in a kernel that has it."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from filters.sandbox.kernel import call

_READ: Final = (1 << 0) | (1 << 2) | (1 << 3)
"""Execute, read a file, list a folder."""
_FILE: Final = (1 << 0) | (1 << 1) | (1 << 2) | (1 << 14)
"""The rights that a rule on a file may have: execute, write, read, truncate."""
_RIGHTS: Final = (13, 14, 15, 15, 16, 16, 16)
"""How many rights to files each version of the interface knows."""
_NETWORK: Final = 0b11
"""Bind and connect TCP; from version 4 on."""
_SCOPES: Final = 0b11
"""Abstract sockets and signals of processes outside; from version 6 on."""


def find_version() -> int:
    """The version of the kernel's interface; 0 where it has none."""
    try:
        return call("landlock_create_ruleset", None, 0, 1)
    except OSError as error:
        if error.errno in (errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM):
            return 0
        raise


def make_ruleset(readable: Iterable[str], writable: Iterable[str] = ()) -> int:
    """A set of rules, as a file descriptor: some places may be read, some changed, and all else is out of reach."""
    version = find_version()
    rights = (1 << _RIGHTS[min(version, len(_RIGHTS)) - 1]) - 1
    words = [rights, _NETWORK if version >= 4 else 0, _SCOPES if version >= 6 else 0]
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = call("landlock_create_ruleset", struct.pack("=QQQ", *words)[:size], size, 0)
    for paths, wanted in ((readable, _READ), (writable, rights)):
        for path in paths:
            _add(ruleset, path, wanted & rights)
    return ruleset


def _add(ruleset: int, path: str, rights: int) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        allowed = rights if Path(path).is_dir() else rights & _FILE
        call("landlock_add_rule", ruleset, 1, struct.pack("=Qi", allowed, place), 0)
    finally:
        os.close(place)


def restrict(ruleset: int) -> None:
    """Put this process, and all it starts, under the rules for good."""
    call("landlock_restrict_self", ruleset, 0)
