"""Which version of each object of a store lies in a copy: noted line by line, by all processes that use the copy."""

from __future__ import annotations

import json
import threading
from pathlib import Path

from curate.store.object_store import Version


class FetchedVersions:
    """Which version of each object lies here, as this process and others that use the copy have noted."""

    def __init__(self, path: Path) -> None:
        self._path, self._read, self._known = path, 0, dict[str, tuple[Version, int, int]]()
        self._guard = threading.Lock()

    def add(self, name: str, version: Version, file: Path) -> None:
        """A file that is about to get its place holds this version."""
        about = file.stat()
        line = json.dumps([name, *version, about.st_size, about.st_mtime_ns]) + "\n"
        with self._guard, self._path.open("a", encoding="utf-8") as lines:
            lines.write(line)

    def holds(self, name: str, version: Version, place: Path) -> bool:
        """Whether a file is there, is as it was noted last, and holds this version."""
        self._take_in()
        try:
            about = place.stat()
        except OSError:
            return False
        return self._known.get(name) == (version, about.st_size, about.st_mtime_ns)

    def _take_in(self) -> None:
        with self._guard:
            if not self._path.exists() or self._path.stat().st_size <= self._read:
                return
            with self._path.open("rb") as lines:
                lines.seek(self._read)
                for line in lines:
                    if not line.endswith(b"\n"):  # another process is just writing it
                        break
                    self._read += len(line)
                    name, size, tag, own, changed = json.loads(line)
                    self._known[name] = (Version(size, tag), own, changed)
