"""Where a run lies: in the folder that is named, or at an address of an object store, of which there is a copy on this machine.

`find_folder` gives the folder to work in, `find_copy` what a path in a copy belongs to, also in the processes that a command
starts. Each command has a copy of its own: two of them never share what is not committed.
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path
from typing import Final

from curate.store.object_store import ObjectStore
from curate.store.run_copy import ADDRESS, RunCopy
from filters.digest import digest
from filters.errors import UserError

URL: Final = re.compile(r"([a-z][a-z0-9+.-]+):/+([^/].*)")
"""An address; of a path made of one, which has lost a slash, too."""
READ_ONLY: Final = ("http", "https", "hf")
"""Of addresses by which files are read, and nothing is written."""
_COPIES: Final[dict[tuple[int, Path], RunCopy]] = {}
_HELD: Final[dict[tuple[int, str], tuple[Path, int]]] = {}


def read_url(path: str | Path) -> str | None:
    """The address that a run's path is; None of a folder's."""
    found = _match_url(path)
    return None if found is None or found[1] in READ_ONLY else f"{found[1]}://{found[2]}".rstrip("/")


def _is_read_only(path: str | Path) -> bool:
    found = _match_url(path)
    return found is not None and found[1] in READ_ONLY


def _match_url(path: str | Path) -> re.Match[str] | None:
    return None if Path(path).exists() else URL.fullmatch(str(path))


def find_folder(path: str | Path, *only: str) -> Path:
    """The folder of a run: the one that is named, or the copy of the run at that address, as it is there now.

    only: folders and files of it that are needed; all of it unless some are named. Raises UserError where the address
    cannot be used.
    """
    url = read_url(path)
    if url is None:
        if _is_read_only(path):
            raise UserError(f"'{path}' cannot be a run folder: nothing is written at such addresses.")
        return Path(path)
    if url.startswith("file://"):
        return Path("/" + url.removeprefix("file://"))
    held = _HELD.get((os.getpid(), url))
    if held is None:
        held = _HELD[os.getpid(), url] = _open_slot(url)
        _attach(held[0]).refresh(*(held[0] / part for part in only))
    elif not only:
        _attach(held[0]).refresh()
    return held[0]


def lists_folder(path: str | Path, name: str) -> bool:
    """Whether a folder, or an address, has a folder of that name."""
    if _is_read_only(path):
        return False
    url = read_url(path)
    if url is None or url.startswith("file://"):
        return (find_folder(path) / name).is_dir()
    try:
        store = ObjectStore(url)
    except UserError:  # nothing here knows such addresses: whoever reads it says so
        return False
    return name in store.list_names("")


def find_address(folder: Path) -> str:
    """By what another machine finds the run of a folder: its address, or the folder itself where all see the same file system."""
    return find_url(folder) or str(folder.absolute())


def find_url(path: Path) -> str | None:
    """The address of the object store that a run lies on; None of one that is on a file system."""
    url = read_url(path)
    if url is not None:
        return None if url.startswith("file://") else url
    copy = find_copy(path)
    return None if copy is None else copy.store.url


def find_copy(path: Path) -> RunCopy | None:
    """The copy that a path lies in; None of one that is on a file system alone."""
    path = path.absolute()
    home = find_home()
    if not path.is_relative_to(home):
        return None
    root = home.joinpath(*path.relative_to(home).parts[:1])
    return _attach(root) if (root / ADDRESS).is_file() else None


def find_home() -> Path:
    """The folder of all copies: R1CURATE_COPIES, or one in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("R1CURATE_COPIES") or cache / "r1curate" / "runs").absolute()


def _attach(root: Path) -> RunCopy:
    key = (os.getpid(), root)
    if key not in _COPIES:
        _COPIES[key] = RunCopy(root)
    return _COPIES[key]


def _open_slot(url: str) -> tuple[Path, int]:
    """A copy's folder that no other command uses; it is this process's, and its children's, until they end."""
    name = f"{re.sub('[^A-Za-z0-9.]+', '-', url)[:80]}-{digest(url)[:8]}"
    home = find_home()
    home.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        root = home / f"{name}.{number}"
        handle = os.open(home / f".{root.name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            number += 1
            continue
        root.mkdir(exist_ok=True)
        (root / ADDRESS).write_text(url, "utf-8")
        return root, handle
