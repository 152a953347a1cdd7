"""Where a run's files lie: all that the store asks of a file system, so that an object store can be another one.

The store's promises rest on these calls: a file is there whole or not at all, one that is created has one writer, what is
listed is committed, and a lock has one holder.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, Protocol

from curate.store.locks import hold_lock
from curate.store.whole_files import write_aside, write_once


class Storage(Protocol):
    """Commits, creates, lists and locks."""

    def commit(self, path: Path) -> AbstractContextManager[Path]:
        """A file to write; it is `path`, whole and durable, once the block ends well, and nothing is where it does not."""
        ...

    def create(self, path: Path) -> AbstractContextManager[Path]:
        """As `commit`, but FileExistsError where something is there: of several writers one has it."""
        ...

    def list_files(self, folder: Path, prefix: str, suffix: str) -> list[Path]:
        """The committed files of a folder with names `PREFIX-…SUFFIX`, in order; none where there is no folder."""
        ...

    def lock(
        self, path: Path, what: str, shared: bool = False, wait: bool = False
    ) -> AbstractContextManager[None]:
        """Hold a lock while the block runs; see `curate.store.locks.hold_lock`."""
        ...


class LocalStorage:
    """A file system with atomic renames and locks."""

    def commit(self, path: Path) -> AbstractContextManager[Path]:
        """Written beside `path`, synced, renamed."""
        return write_aside(path)

    def create(self, path: Path) -> AbstractContextManager[Path]:
        """Written beside `path`, synced, linked: a link is made once."""
        return write_once(path)

    def list_files(self, folder: Path, prefix: str, suffix: str) -> list[Path]:
        """By name."""
        return sorted(folder.glob(f"{prefix}-*{suffix}"))

    def lock(
        self, path: Path, what: str, shared: bool = False, wait: bool = False
    ) -> AbstractContextManager[None]:
        """By the operating system."""
        return hold_lock(path, what, shared, wait)


STORAGE: Final[Storage] = LocalStorage()
"""The one that every run lies on."""
