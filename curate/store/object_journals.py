"""A journal on an object store, which nothing can be added to: pieces named by the byte that they begin with, one a sync.

The first piece holds the journal's token, and pieces are removed from the last to the first: what a kill leaves is the
beginning of a journal, or nothing. Where there are many they become one, which is written over the first: what others
hold of it again is passed over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from curate.store.object_store import ObjectStore
from filters.errors import UserError

JOURNALS: Final = ".journals"
"""The folder of all journals' pieces."""
MOST_PIECES: Final = 64
"""So many become one."""
TRIES: Final = 3
"""A journal may become a part while it is read."""


class ObjectJournal:
    """The pieces of one journal, written by one process. require: raises where it may not write any more."""

    def __init__(self, store: ObjectStore, name: str, require: Callable[[], None]) -> None:
        self._store, self._name, self._require = store, name, require
        self._pieces = list_pieces(store, name)
        self._sent = len(read_pieces(store, name) or b"")
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
            self._store.write(name_piece(self._name, begin), content)
            self._sent = begin + len(content)
            if many:
                self._remove(1)
            else:
                self._pieces.append(begin)

    def clear(self) -> None:
        """Remove all pieces."""
        with self._guard:
            self._remove(0)
            self._sent = 0

    def _remove(self, kept: int) -> None:
        while len(self._pieces) > kept:
            self._store.remove(name_piece(self._name, self._pieces[-1]))
            self._pieces.pop()


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
        pieces = list_pieces(store, name)
        if not pieces or pieces[0]:
            return None
        content = _join(store, name, pieces)
        if content is not None:
            return content
    raise UserError(f"The journal '{name}' at '{store.url}' was damaged: pieces of it are missing.")


def _join(store: ObjectStore, name: str, pieces: list[int]) -> bytes | None:
    """The pieces as one; None where one is missing."""
    content = bytearray()
    for begin in pieces:
        piece = store.read(name_piece(name, begin))
        if piece is None or begin > len(content):
            return None
        content += piece[len(content) - begin :]
    return bytes(content)


def list_journals(store: ObjectStore, folder: str) -> list[str]:
    """The names of the journals that a folder has."""
    return store.list_names(f"{JOURNALS}/{folder}")


def list_pieces(store: ObjectStore, name: str) -> list[int]:
    """Where a journal's pieces begin, in order."""
    return [int(begin) for begin in store.list_names(f"{JOURNALS}/{name}")]


def name_piece(name: str, begin: int) -> str:
    """The name of a piece."""
    return f"{JOURNALS}/{name}/{begin:012d}"
