"""All that the store asks of where a run's files lie: a file system, or an object store that is worked on in a copy.

The store's promises rest on these calls: a file is there whole or not at all, one that is created has one writer, what is
listed is committed, and a lock has one holder.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from curate.store.copies import find_copy
from curate.store.locks import hold_lock
from curate.store.whole_files import write_aside, write_once


class Storage:
    """Commits, creates, lists and locks."""

    def commit(self, path: Path) -> AbstractContextManager[Path]:
        """A file to write; it is `path`, whole and durable, once the block ends well, and nothing is where it does not."""
        return write_aside(path)

    def create(self, path: Path) -> AbstractContextManager[Path]:
        """As `commit`, but FileExistsError where something is there: of several writers one has it."""
        return write_once(path)

    def list_files(self, folder: Path, prefix: str, suffix: str) -> list[Path]:
        """The committed files of a folder with names `PREFIX-…SUFFIX`, in order; none where there is no folder."""
        if copy := find_copy(folder):
            copy.refresh(folder)
        return sorted(folder.glob(f"{prefix}-*{suffix}"))

    def refresh(self, folder: Path) -> None:
        """See what processes on other machines have committed in a folder."""
        if copy := find_copy(folder):
            copy.refresh(folder)

    def lock(
        self, path: Path, what: str, shared: bool = False, wait: bool = False
    ) -> AbstractContextManager[None]:
        """Hold a lock while the block runs; see `curate.store.locks.hold_lock`."""
        return hold_lock(path, what, shared, wait)


STORAGE: Final = Storage()
"""The one that every run lies on."""
