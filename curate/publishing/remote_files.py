"""What a folder and a repository differ in, by digests: what a push has to send, and how it knows that it is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

HUB_FILES: Final = (".gitattributes",)
"""Files of a repository that are the Hub's own: it says by them which files are large."""
BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Differences:
    """Paths in a repository that are to be written, because they are missing or other there, and to be removed."""

    written: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


@dataclass(frozen=True)
class OutgoingFolder:
    """The files of a folder that are to be those of a repository; hidden ones are nobody's business there.

    Digests are read once: nothing changes the folder while it is pushed.
    """

    path: Path
    _digests: dict[tuple[str, bool], str] = field(default_factory=dict)

    def list_files(self) -> list[str]:
        """The paths inside the folder, with slashes, sorted."""
        found = (file.relative_to(self.path) for file in self.path.rglob("*") if file.is_file())
        return sorted(
            file.as_posix() for file in found if not any(part.startswith(".") for part in file.parts)
        )

    def compare(self, remote: Mapping[str, Any]) -> Differences:
        """What is to be done so that the repository's files are the folder's. remote: huggingface_hub's RepoFile by path."""
        ours = self.list_files()
        written = [name for name in ours if name not in remote or not self._equals(name, remote[name])]
        removed = sorted(set(remote) - set(ours) - set(HUB_FILES))
        return Differences(tuple(written), tuple(removed))

    def _equals(self, name: str, there: Any) -> bool:
        if (self.path / name).stat().st_size != there.size:
            return False
        large = there.lfs is not None
        known = self._digests.get((name, large))
        if known is None:
            known = self._digests[name, large] = digest_file(self.path / name, large)
        return bool(known == (there.lfs.sha256 if large else there.blob_id))


def digest_file(path: Path, large: bool) -> str:
    """A file's digest as a repository has it: SHA-256 of a large one, git's of all others."""
    found = hashlib.sha256() if large else hashlib.sha1(b"blob %d\0" % path.stat().st_size)  # noqa: S324  git's own
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def split_batches(folder: Path, names: Iterable[str], size: int) -> list[list[str]]:
    """Files in batches of about `size` bytes, at least one each: after each of them there is something to tell."""
    batches: list[list[str]] = []
    room = 0
    for name in names:
        need = (folder / name).stat().st_size
        if not batches or need > room:
            batches.append([])
            room = size
        batches[-1].append(name)
        room -= need
    return batches
