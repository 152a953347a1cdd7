"""A journal on an object store, which nothing can be added to: pieces named by the byte that they begin with, one a sync.

Each writer has a folder of pieces of its own, numbered: what a former one put late, when it was taken for dead, is not
among those of its successor. The journal is what the newest has that has a beginning; a writer removes those of the ones
before once it has made parts of them, and from then on they count no more.

The first piece holds the journal's token, and pieces are removed from the last to the first: what a kill leaves is the
beginning of a journal, or nothing. Where there are many they become one, which is written over the first: what others
hold of it again is passed over.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Final

from curate.store.object_store import ObjectStore
from filters.errors import UserError

JOURNALS: Final = ".journals"
"""The folder of all journals' pieces."""
ENDINGS: Final = ".ended"
"""The folder that says of each journal which writers count no more: an object named by the number of the last of them."""
MOST_PIECES: Final = 64
"""So many become one."""
TRIES: Final = 3
"""A journal may become a part while it is read."""


class ObjectJournal:
    """The pieces of one journal, written by one process. require: raises where it may not write any more."""

    def __init__(self, store: ObjectStore, name: str, require: Callable[[], None]) -> None:
        self._store, self._name, self._require = store, name, require
        numbers = [int(writer.partition("-")[0]) for writer in store.list_names(f"{JOURNALS}/{name}")]
        self._number = max([*numbers, read_ended(store, name)]) + 1
        self._folder = f"{JOURNALS}/{name}/{self._number:08d}-{uuid.uuid4().hex[:8]}"
        self._pieces: list[int] = []
        self._sent = 0
        self._is_alone = self._number == 1
        self._guard = threading.Lock()

    def sync(self, path: Path) -> None:
        """Put what was added to the journal here, at `path`, since the last time."""
        with self._guard:
            many = len(self._pieces) >= MOST_PIECES
            begin = 0 if many else self._sent
            with path.open("rb") as lines:
                lines.seek(begin)
                content = lines.read()
            content = content[: content.rfind(b"\n") + 1]  # the last may not be whole yet
            if begin + len(content) == self._sent:
                return
            self._require()
            self._store.write(f"{self._folder}/{begin:012d}", content)
            self._sent = begin + len(content)
            if many:
                self._remove(1)
            else:
                self._pieces.append(begin)

    def clear(self) -> None:
        """Remove all pieces, and those of the writers before: what they held is in parts."""
        with self._guard:
            self._require()
            if not self._is_alone:
                end_writers(self._store, self._name, self._number - 1)
                self._is_alone = True
            self._remove(0)
            self._sent = 0

    def _remove(self, kept: int) -> None:
        while len(self._pieces) > kept:
            self._store.remove(f"{self._folder}/{self._pieces[-1]:012d}")
            self._pieces.pop()


def end_writers(store: ObjectStore, name: str, last: int) -> None:
    """Let the writers of a journal up to this number count no more, and remove what they have put."""
    store.write(f"{ENDINGS}/{name}/{last:08d}", b"")
    for older in store.list_names(f"{ENDINGS}/{name}"):
        if int(older) < last:
            store.remove(f"{ENDINGS}/{name}/{older}")
    for writer in store.list_names(f"{JOURNALS}/{name}"):
        if int(writer.partition("-")[0]) <= last:
            for piece in reversed(store.list_names(f"{JOURNALS}/{name}/{writer}")):
                store.remove(f"{JOURNALS}/{name}/{writer}/{piece}")


def remove_journal(store: ObjectStore, name: str) -> None:
    """Remove all of a journal."""
    writers = store.list_names(f"{JOURNALS}/{name}")
    if writers:
        end_writers(store, name, max(int(writer.partition("-")[0]) for writer in writers))


def read_ended(store: ObjectStore, name: str) -> int:
    """The number of the last writer that counts no more."""
    return max((int(number) for number in store.list_names(f"{ENDINGS}/{name}")), default=0)


def fetch_journal(store: ObjectStore, name: str, path: Path) -> None:
    """Bring a journal to `path` as it is there; nothing is there where it has no beginning. Raises UserError where pieces are missing."""
    content = read_pieces(store, name)
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def read_pieces(store: ObjectStore, name: str) -> bytes | None:
    """A journal's content; None where it has no beginning. Raises UserError where pieces are missing."""
    for _ in range(TRIES):
        found = _find_writer(store, name)
        if found is None:
            return None
        content = _join(store, *found)
        if content is not None:
            return content
    raise UserError(f"The journal '{name}' at '{store.url}' was damaged: pieces of it are missing.")


def has_journal(store: ObjectStore, name: str) -> bool:
    """Whether a journal has a beginning."""
    return _find_writer(store, name) is not None


def _find_writer(store: ObjectStore, name: str) -> tuple[str, list[int]] | None:
    """The folder of the newest writer that counts and has a beginning, with where its pieces begin, in order."""
    writers = store.list_names(f"{JOURNALS}/{name}")
    ended = read_ended(store, name) if writers else 0
    for writer in reversed(writers):
        folder = f"{JOURNALS}/{name}/{writer}"
        pieces = [int(begin) for begin in store.list_names(folder)]
        if int(writer.partition("-")[0]) > ended and pieces and not pieces[0]:
            return folder, pieces
    return None


def _join(store: ObjectStore, folder: str, pieces: list[int]) -> bytes | None:
    """The pieces as one; None where one is missing."""
    content = bytearray()
    for begin in pieces:
        piece = store.read(f"{folder}/{begin:012d}")
        if piece is None or begin > len(content):
            return None
        content += piece[len(content) - begin :]
    return bytes(content)


def list_journals(store: ObjectStore, folder: str) -> list[str]:
    """The names of the journals that a folder has."""
    names = store.list_names(f"{JOURNALS}/{folder}")
    return [name for name in names if has_journal(store, f"{folder}/{name}")]
