"""Locks: one writer of a thing in a run at a time, and who holds it is told to whoever comes second.

A lock is a file in the run's folder `.locks`, held by the operating system: it goes when its process ends, however it
ends; on an object store it is an object (`curate.store.object_locks`). It is taken before anything is read that a
decision depends on.
"""

from __future__ import annotations

import errno
import fcntl
import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from curate.store.copies import find_copy
from curate.store.lock_holders import describe_conflict, describe_holder, describe_wait, format_holder
from filters.errors import UserError

logger = logging.getLogger(__name__)

POLL_S: Final = 0.2
HELD: Final = (errno.EAGAIN, errno.EACCES)
"""What the system says of a lock that another process holds."""
UNABLE: Final = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
"""What it says where the file system cannot lock."""
HELD_HERE: Final[dict[Path, int]] = {}
"""Locks that this process holds for writing, with the thread that does: it may call what needs the same."""


@contextmanager
def hold_lock(path: Path, what: str, shared: bool = False, wait: bool = False) -> Iterator[None]:
    """Hold the lock file `path` while the block runs.

    what: what is locked, for messages. shared: beside other readers, against writers. wait: until it is free.
    Raises UserError, naming the holder, where another process holds it, and where the file system cannot lock.
    """
    path = path.absolute()
    if HELD_HERE.get(path) == threading.get_ident():
        yield
        return
    copy = find_copy(path)
    with copy.lock(path, what, shared, wait) if copy else _hold_file(path, what, shared, wait):
        if not shared:
            HELD_HERE[path] = threading.get_ident()
        try:
            yield
        finally:
            if not shared:
                HELD_HERE.pop(path, None)


@contextmanager
def _hold_file(path: Path, what: str, shared: bool, wait: bool) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        _take(file, what, shared, wait)
        if shared:
            file.truncate(0)  # whoever is named there holds nothing
        else:
            _write_holder(file)
        yield


def _take(file: IO[str], what: str, shared: bool, wait: bool) -> None:
    told = False
    while not _try(file, shared):
        if not wait:
            raise UserError(describe_conflict(what, _read_holder(file)))
        if not told:
            logger.info(describe_wait(what, _read_holder(file)))
            told = True
        time.sleep(POLL_S)


def _try(file: IO[str], shared: bool) -> bool:
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in HELD:
            return False
        if error.errno in UNABLE:
            raise UserError(
                f"The file system of '{Path(file.name).parent}' cannot lock files ({error.strerror}), so two "
                "commands at once could not be told apart; put the run on another one."
            ) from None
        raise
    return True


def _write_holder(file: IO[str]) -> None:
    file.truncate(0)
    file.write(json.dumps(describe_holder()))
    file.flush()


def _read_holder(file: IO[str]) -> str:
    """Who holds a lock, in brackets; nothing where that cannot be read: its holder is just writing it."""
    try:
        file.seek(0)
        return format_holder(json.loads(file.read()))
    except (ValueError, KeyError, TypeError, OSError):
        return ""
