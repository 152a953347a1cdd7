"""A journal: checksummed lines that are synced a second after they were written at the latest, and read after a kill.

A last line that was torn by a kill was never acknowledged: it is cut off. A damaged line with whole ones after it is not
what a kill leaves: the journal is refused.
"""

from __future__ import annotations

import json
import os
import threading
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from curate.store.copies import find_copy
from filters.errors import UserError

SYNC_S: Final = 1.0
"""A line waits at most this long before it is synced."""
PIECE_S: Final = 5.0
"""The same on an object store, where each time is an object."""


class JournalFile:
    """A journal that is open for writing; a thread of its own syncs it, so that whoever writes does not wait."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path, self._copy = path, find_copy(path)
        self._pieces = self._copy.open_journal(path) if self._copy else None
        self._file = path.open("ab")
        self._behind, self._closing = threading.Event(), threading.Event()
        self._failed: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)
        self._thread.start()

    def add(self, row: Mapping[str, Any]) -> None:
        """Write a line. Raises what kept earlier lines from the disk."""
        if self._failed is not None:
            raise self._failed
        self._file.write(_format_line(row))
        self._behind.set()

    def sync(self) -> None:
        """Wait until all that was written is on the disk."""
        self._behind.clear()
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._pieces is not None:
            self._pieces.sync(self._path)

    def clear(self) -> None:
        """Remove all lines: what they held is elsewhere."""
        self._file.flush()
        self._file.truncate(0)
        if self._pieces is not None:
            self._pieces.clear()

    def close(self) -> None:
        """End the thread and close the file. Raises what keeps its last lines from the disk."""
        self._closing.set()
        self._thread.join()
        self._file.close()
        if self._copy is not None:
            self._copy.close_journal(self._path)

    def _run(self) -> None:
        while not self._closing.wait(SYNC_S if self._pieces is None else PIECE_S):
            if self._behind.is_set():
                try:
                    self.sync()
                except (OSError, UserError) as error:  # the disk, or an object store
                    self._failed = error
                    return


def list_journals(folder: Path) -> list[Path]:
    """The journals that lie in a folder, in order."""
    if copy := find_copy(folder):
        return copy.list_journals(folder)
    return sorted(folder.glob("journal*.jsonl"))


def remove_journal(path: Path) -> None:
    """Remove a journal that may be there."""
    if copy := find_copy(path):
        copy.remove_journal(path)
    path.unlink(missing_ok=True)


def has_lines(path: Path) -> bool:
    """Whether a journal is there and holds anything."""
    if copy := find_copy(path):
        return copy.has_journal(path)
    return path.exists() and path.stat().st_size > 0


def read_journal(path: Path, repair: bool = False) -> Iterator[dict[str, Any]]:
    """The whole lines of a journal that may be there; `repair` cuts off a torn tail once all were taken.

    Raises UserError where a line is damaged and whole ones follow it.
    """
    if copy := find_copy(path):
        copy.fetch_journal(path)
    if not path.exists():
        return
    good = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            row = _parse_line(line)
            if row is None:
                whole = sum(_parse_line(later) is not None for later in lines)
                if whole:
                    raise UserError(
                        f"'{path}' was damaged: line {number} is not what was written, and {whole:,} whole lines "
                        "follow it. Restore the file, or remove that line to go on without its sample."
                    )
                break
            good += len(line)
            yield row
    if repair:
        os.truncate(path, good)


def _format_line(row: Mapping[str, Any]) -> bytes:
    text = json.dumps(row, ensure_ascii=True, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _parse_line(line: bytes) -> dict[str, Any] | None:
    """The row of a journal line, or None where the line is torn."""
    checksum, _, text = line.rstrip(b"\n").partition(b" ")
    if not line.endswith(b"\n") or checksum != b"%08x" % zlib.crc32(text):
        return None
    row: dict[str, Any] = json.loads(text)
    return row
