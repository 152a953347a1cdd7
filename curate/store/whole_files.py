"""How a file or folder becomes whole: written aside, synced, renamed.

Where the place lies in the copy of a run on an object store (`curate.store.copies`), it is put there first.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from curate.store.copies import find_copy
from filters.errors import UserError

UNABLE: Final = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
"""What the system says where a file system knows no hard links."""


@contextmanager
def write_aside(path: Path) -> Iterator[Path]:
    """A file beside `path` to write; it takes the path's place, synced, when the block ends well."""
    with _write_beside(path, new=False) as aside:
        yield aside


@contextmanager
def write_once(path: Path) -> Iterator[Path]:
    """As `write_aside`, but FileExistsError where there is a file of that name: of several writers one has it."""
    with _write_beside(path, new=True) as aside:
        yield aside


@contextmanager
def _write_beside(path: Path, *, new: bool) -> Iterator[Path]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Writers on other machines may have this process's number.
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}.writing")
    try:
        yield aside
        _sync(path, [aside])
        if copy := find_copy(path):
            copy.put(aside, path, new=new)
        if new and not copy:
            _link(aside, path)
        else:
            aside.replace(path)
        _sync(path, [path.parent])
    finally:
        aside.unlink(missing_ok=True)


def _link(aside: Path, path: Path) -> None:
    try:
        os.link(aside, path)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
        raise UserError(
            f"The file system of '{path.parent}' has no hard links ({error.strerror}), by which several writers are told "
            "apart; put the run on another one."
        ) from None


@contextmanager
def write_folder_aside(place: Path) -> Iterator[Path]:
    """An empty folder beside `place` to fill; it takes the place's, synced, when the block ends well."""
    place = place.absolute()
    aside = place.with_name(f".{place.name}.writing")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    try:
        yield aside
        replace_folder(aside, place)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def replace_folder(new: Path, place: Path) -> None:
    """Move a whole folder, synced, to `place`, and remove what was there; both lie on one file system.

    A kill leaves at `place` the old folder, the new one, or nothing and the old one as `.NAME.replaced` beside it.
    """
    _sync(place, [*new.rglob("*"), new])
    if copy := find_copy(place):
        copy.put_folder(new, place)
    old = place.with_name(f".{place.name}.replaced")
    shutil.rmtree(old, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.exists():
        place.rename(old)
    new.rename(place)
    _sync(place, [place.parent])
    shutil.rmtree(old, ignore_errors=True)


def remove_folder(place: Path) -> None:
    """Remove a folder; a kill leaves all of it, or nothing under its name."""
    if copy := find_copy(place):
        copy.remove(place)
    if place.exists():
        gone = place.with_name(f".{place.name}.removed")
        shutil.rmtree(gone, ignore_errors=True)
        place.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def remove_file(place: Path) -> None:
    """Remove a file that may be there."""
    if copy := find_copy(place):
        copy.remove(place)
    place.unlink(missing_ok=True)


_FLEETING: Final[set[Path]] = set()


@contextmanager
def make_fleeting_folder(beside: Path) -> Iterator[Path]:
    """A folder for this process alone, beside a file, which is gone when the block ends: nothing in it need survive a power cut.

    What is written into it is not synced; what is moved out of it by `replace_folder` is.
    """
    with tempfile.TemporaryDirectory(prefix=".r1curate-", dir=beside.absolute().parent) as name:
        folder = Path(name)
        _FLEETING.add(folder)
        try:
            yield folder
        finally:
            _FLEETING.discard(folder)


def _sync(place: Path, paths: Iterable[Path]) -> None:
    """Force files, and folders' entries, to the disk where what becomes of them at `place` has to last."""
    if not _FLEETING.isdisjoint(place.absolute().parents):
        return
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write JSON for people and programs, whole or not at all; `read_json` gives the same value back."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    with write_aside(path) as aside:
        # A lone surrogate, which UTF-8 cannot hold, becomes \udXXX, which JSON reads as that surrogate.
        aside.write_bytes(text.encode("utf-8", "backslashreplace"))


def read_json(path: Path) -> Any:
    """Read JSON, or None where there is no such file. Raises UserError where it is something else."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        said = " ".join(str(error).split())[:100]
        raise UserError(f"'{path}' was damaged, or changed by hand: it is not JSON ({said}).") from None
