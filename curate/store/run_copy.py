"""The local copy of a run that lies on an object store: what is committed goes there first, what others commit comes from there.

The store is what counts: a kill leaves nothing here that the next refresh does not set right. Names that begin with a
dot are this machine's own. A journal lies there in numbered pieces (`curate.store.object_journals`).
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from curate.store.fetched_versions import FetchedVersions
from curate.store.object_journals import (
    ObjectJournal,
    fetch_journal,
    has_journal,
    list_journals,
    remove_journal,
)
from curate.store.object_locks import LostLockError, ObjectLock, read_beside, take_lock
from curate.store.object_store import ObjectStore, StoreError, Version, do_at_once
from curate.visible_text import show_as
from filters.errors import UserError

ADDRESS: Final = ".address"
"""The file of a copy that says of which run it is one."""
VERSIONS: Final = ".fetched.jsonl"
"""The file that says which version of each object lies here."""
MARKER: Final = ".coming"
"""An object beside those of a folder that is not whole: until it is gone, the folder counts as not there."""
LINES: Final = ".jsonl"
JOURNAL: Final = "journal"
TRIES: Final = 10
LOCK_FOLDERS: Final = {
    "samples": ("samples", "prompts", "verdicts", "signatures"),
    "verdicts": ("verdicts", "signatures"),
    "set": ("sets",),
    "model": ("models",),
}
"""In which folders a lock of one kind, with its name, lets its holder write as if nobody else did."""
KEPT_BYTES: Final = 1 << 20
"""What is as large is not fetched again from where it was just put."""


class RunCopy:
    """The copy at `root`, whose file ADDRESS names the run. For all threads of a process; files are never half there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = ObjectStore((root / ADDRESS).read_text("utf-8"))
        show_as(str(root), self.store.url)
        self._fetched = FetchedVersions(root / VERSIONS)
        self._locks: list[ObjectLock] = []
        self._guard = threading.RLock()
        self._journals: set[Path] = set()
        self._measured: dict[Path, tuple[int, int]] = {}

    def refresh(self, *folders: Path) -> None:
        """Make folders here what they are there; the whole run unless some are named.

        Measurements of this process, which it adds to line by line, stay. Raises UserError where others keep changing the rest.
        """
        with self._guard:
            for _ in range(TRIES):
                there = self._list_there(folders)
                if not self._fetch(there):
                    self._forget_others(folders, there)
                    return
        raise UserError(f"What lies at '{self.store.url}' keeps changing; run the same command again later.")

    def put(self, aside: Path, place: Path, *, new: bool) -> None:
        """Commit the file `aside`, which is about to become `place`. new: FileExistsError where there is one of that name."""
        name = self._name(place)
        if is_hidden(name):
            return
        self._require_locks()
        self.store.put(aside, name, new=new)
        if aside.stat().st_size >= KEPT_BYTES:
            self._fetched.add(name, self.store.find_version(name), aside)

    def put_folder(self, new: Path, place: Path) -> None:
        """Commit a folder, which is about to become `place`, in place of what is there."""
        name = self._name(place)
        if is_hidden(name):
            return
        self._require_locks()
        files = [file for file in new.rglob("*") if file.is_file()]
        with self._coming(name):
            self._remove_there(name)
            do_at_once(lambda file: self.store.put(file, f"{name}/{file.relative_to(new).as_posix()}"), files)

    def remove(self, place: Path) -> None:
        """Remove a file or a folder there, with the journals in it."""
        name = self._name(place)
        if is_hidden(name):
            return
        self._require_locks()
        if place.is_dir():
            with self._coming(name):
                self._remove_there(name)
        else:
            self.store.remove(name)

    def list_journals(self, folder: Path) -> list[Path]:
        """The journals that lie in a folder there."""
        return [folder / name for name in list_journals(self.store, self._name(folder))]

    def has_journal(self, path: Path) -> bool:
        """Whether a journal is there that holds anything."""
        return has_journal(self.store, self._name(path))

    def fetch_journal(self, path: Path) -> None:
        """Bring a journal here as it is there, unless this process writes it."""
        if path not in self._journals and not is_hidden(self._name(path)):
            fetch_journal(self.store, self._name(path), path)

    def open_journal(self, path: Path) -> ObjectJournal | None:
        """The pieces of a journal that this process is to write; None for one of this machine's own."""
        name = self._name(path)
        if is_hidden(name):
            return None
        self._journals.add(path)
        return ObjectJournal(self.store, name, self._require_locks)

    def close_journal(self, path: Path) -> None:
        """It is written no more."""
        self._journals.discard(path)

    def remove_journal(self, path: Path) -> None:
        """Remove a journal there."""
        if not is_hidden(self._name(path)):
            self._require_locks()
            remove_journal(self.store, self._name(path))

    @contextmanager
    def lock(self, path: Path, what: str, shared: bool, wait: bool) -> Iterator[None]:
        """Hold a lock while the block runs, with all of the run as it is once the lock is held.

        shared: only see that nobody writes; what is read then is here. At the end measurements are put.
        """
        name = path.stem
        kind, _, what_of = name.partition("-")
        if shared:
            with read_beside(self.store, name, what):
                self.refresh()
            yield
            return
        lock = take_lock(self.store, name, what, wait)
        self._locks.append(lock)
        try:
            for folder in LOCK_FOLDERS.get(kind, ()):
                self._finish_removals(f"{folder}/{what_of}")
            self.refresh()
            yield
        finally:
            with suppress(StoreError, LostLockError):  # what was measured, and not what was made
                self._put_measured()
            self._locks.remove(lock)
            if not self._locks:
                self._measured.clear()
            lock.close()

    def note_measured(self, file: Path) -> None:
        """Take note that this process adds lines to a file, which is put at the end."""
        if not is_hidden(self._name(file)):
            self._measured.setdefault(file.absolute(), (0, 0))

    def _put_measured(self) -> None:
        """Put what was measured here and is not there yet."""
        for file, put in self._measured.items():
            about = file.stat() if file.exists() else None
            now = (about.st_size, about.st_mtime_ns) if about else put
            if now != put:
                self._require_locks()
                self.store.put(file, self._name(file))
                self._measured[file] = now

    def _require_locks(self) -> None:
        for lock in list(self._locks):
            lock.require()

    def _name(self, place: Path) -> str:
        name = place.absolute().relative_to(self.root).as_posix()
        return "" if name == "." else name

    def _list_there(self, folders: tuple[Path, ...]) -> dict[str, Version]:
        names = [self._name(folder) for folder in folders] or [
            name for name in self.store.list_names("") if not is_hidden(name)
        ]
        found: dict[str, Version] = {}
        for name in names:
            found |= self.store.list_files(name)
        coming = [name.removesuffix(MARKER) for name in found if name.rpartition("/")[2] == MARKER]
        return {
            name: version
            for name, version in found.items()
            if not is_hidden(name) and not name.startswith(tuple(coming))
        }

    def _fetch(self, there: Mapping[str, Version]) -> bool:
        """Fetch what is another here, or not; whether there was anything."""
        missing = [
            name
            for name, version in there.items()
            if not (
                self._fetched.holds(name, version, self.root / name) or self.root / name in self._measured
            )
        ]
        do_at_once(lambda name: self._fetch_one(name, there[name]), missing)
        return bool(missing)

    def _fetch_one(self, name: str, version: Version) -> None:
        place = self.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        aside = place.with_name(f".{place.name}.{uuid.uuid4().hex}.fetching")
        try:
            self.store.get(name, aside)
            if aside.stat().st_size == version.size:  # else it has changed since it was listed
                self._fetched.add(name, version, aside)
                aside.replace(place)
        except FileNotFoundError:  # it was removed since
            return
        finally:
            aside.unlink(missing_ok=True)

    def _forget_others(self, folders: tuple[Path, ...], there: Mapping[str, Version]) -> None:
        """Remove what lies here and not there, and folders that hold nothing."""
        for folder in folders or (self.root,):
            for path in sorted(folder.rglob("*"), reverse=True):
                name = self._name(path)
                if is_hidden(name) or name in there or is_journal(path) or path in self._measured:
                    continue
                if not path.is_dir():
                    path.unlink(missing_ok=True)
                elif not any(path.iterdir()):
                    path.rmdir()

    @contextmanager
    def _coming(self, name: str) -> Iterator[None]:
        """Let a folder count as not there while it is not whole; it stays so where the block fails."""
        self.store.write(f"{name}/{MARKER}", b"")
        yield
        self.store.remove(f"{name}/{MARKER}")

    def _finish_removals(self, name: str) -> None:
        """Remove what a kill has left of folders that were being replaced or removed, in a folder that is locked now."""
        for each in self.store.list_files(name):
            if each.rpartition("/")[2] == MARKER:
                folder = each.rpartition("/")[0]
                self._remove_there(folder)
                self.store.remove(each)

    def _remove_there(self, name: str) -> None:
        gone = [each for each in self.store.list_files(name) if each != f"{name}/{MARKER}"]
        do_at_once(self.store.remove, gone)
        for journal in list_journals(self.store, name):
            remove_journal(self.store, f"{name}/{journal}")


def is_hidden(name: str) -> bool:
    """Whether a file or a folder that it lies in is not part of what the run is."""
    return any(part.startswith(".") for part in name.split("/"))


def is_journal(path: Path) -> bool:
    """Whether a file is a journal, which lies there in pieces."""
    return path.name.startswith(JOURNAL) and path.suffix == LINES
