"""A journal on an object store, which nothing can be added to: pieces with numbers, one for each time it is synced.

The first piece holds the journal's token, and pieces are removed from the last to the first: what a kill leaves is the
beginning of a journal, or nothing.
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
TRIES: Final = 3
"""A journal may become a part while it is read."""
MOST_PIECES: Final = 256
"""A journal of so many pieces is to become a part."""


class ObjectJournal:
    """The pieces of one journal, written by one process. require: raises where it may not write any more."""

    def __init__(self, store: ObjectStore, name: str, require: Callable[[], None]) -> None:
        self._store, self._name, self._require = store, name, require
        self._pieces = list_pieces(store, name)
        self._sent = sum(len(store.read(piece) or b"") for piece in self._pieces)
        self._guard = threading.Lock()

    @property
    def is_full(self) -> bool:
        """Whether there are as many pieces as are good to list."""
        return len(self._pieces) >= MOST_PIECES

    def sync(self, path: Path) -> None:
        """Put what was added to the journal here, at `path`, since the last time."""
        with self._guard:
            with path.open("rb") as lines:
                lines.seek(self._sent)
                content = lines.read()
            content = content[: content.rfind(b"\n") + 1]  # the last may not be whole yet
            if not content:
                return
            self._require()
            piece = name_piece(self._name, len(self._pieces))
            self._store.write(piece, content)
            self._pieces.append(piece)
            self._sent += len(content)

    def clear(self) -> None:
        """Remove all pieces."""
        with self._guard:
            for piece in reversed(self._pieces):
                self._store.remove(piece)
            self._pieces, self._sent = [], 0


def fetch_journal(store: ObjectStore, name: str, path: Path) -> None:
    """Bring a journal to `path` as it is there; nothing is there where it has no beginning. Raises UserError where pieces are missing."""
    for _ in range(TRIES):
        pieces = list_pieces(store, name)
        if not pieces or pieces[0] != name_piece(name, 0):
            path.unlink(missing_ok=True)
            return
        content = [store.read(piece) for piece in pieces]
        if pieces == [name_piece(name, number) for number in range(len(pieces))] and None not in content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(piece for piece in content if piece))
            return
    raise UserError(f"The journal '{name}' at '{store.url}' was damaged: pieces of it are missing.")


def list_journals(store: ObjectStore, folder: str) -> list[str]:
    """The names of the journals that a folder has."""
    return store.list_names(f"{JOURNALS}/{folder}")


def list_pieces(store: ObjectStore, name: str) -> list[str]:
    """A journal's pieces, in order."""
    return [f"{JOURNALS}/{name}/{number}" for number in store.list_names(f"{JOURNALS}/{name}")]


def name_piece(name: str, number: int) -> str:
    """The name of a piece."""
    return f"{JOURNALS}/{name}/{number:08d}"
