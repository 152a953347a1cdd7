"""An object store through fsspec: what lies under one address there, in a few calls that each succeed as a whole or say why not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from filters.errors import UserError, WorkUndone

AT_ONCE: Final = 16
"""Files that travel at the same time."""
TAGS: Final = ("ETag", "etag", "md5Hash", "generation", "mtime", "LastModified", "created")
"""By what stores tell one version of an object from another; the first that is there."""


class StoreError(WorkUndone, OSError):
    """The store did not do what it was asked: it cannot be reached, say, or refuses."""


class Version(NamedTuple):
    """What a listing says of an object: its bytes, and a tag that changes with its content."""

    size: int
    tag: str


class ObjectStore:
    """The objects under `url`, by their names relative to it. Several threads may use it at once.

    Raises UserError where nothing here knows such an address; its methods raise StoreError where the store does not do it.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self.url = url.rstrip("/")
        try:
            # What others have written since must be seen: nothing is listed from memory.
            self._fs, self._root = fsspec.core.url_to_fs(self.url, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise UserError(f"'{url}' cannot be used as a run folder: {error}.") from None

    def list_files(self, folder: str = "") -> dict[str, Version]:
        """All objects under a folder, at any depth."""
        with self._telling(f"list '{folder}'"):
            self._fs.invalidate_cache()
            found: Mapping[str, Mapping[str, Any]] = self._fs.find(self._name(folder), detail=True)
            # Of one that is an object itself some file systems tell no more than that.
            found = {name: about or self._fs.info(name) for name, about in found.items()}
        return {self._relative(name): describe_version(about) for name, about in found.items()}

    def list_names(self, folder: str) -> list[str]:
        """The names of what lies directly in a folder, sorted: of objects, and of folders that hold some."""
        with self._telling(f"list '{folder}'"):
            self._fs.invalidate_cache()
            try:
                found: list[str] = self._fs.ls(self._name(folder), detail=False)
            except FileNotFoundError:
                return []
        names = {name.rstrip("/").rpartition("/")[2] for name in found if self._relative(name) != folder}
        return sorted(names)

    def read(self, name: str) -> bytes | None:
        """An object's content; None where there is none."""
        with self._telling(f"read '{name}'"):
            try:
                return bytes(self._fs.cat_file(self._name(name)))
            except FileNotFoundError:
                return None

    def write(self, name: str, content: bytes) -> None:
        """Put an object in place of the one that may be there."""
        with self._telling(f"write '{name}'"):
            self._fs.pipe_file(self._name(name), content)

    def create(self, name: str, content: bytes) -> bool:
        """Put an object where there is none; whether it is there by this. Of several that try, with different contents, one succeeds."""
        with self._telling(f"create '{name}'"):
            try:
                self._fs.pipe_file(self._name(name), content, mode="create")
            except FileExistsError:
                # It may be this very one: where a reply is lost, the library before the store asks again.
                return self.read(name) == content
        return True

    def put(self, file: Path, name: str, *, new: bool = False) -> None:
        """Put a file. new: FileExistsError where there is an object of that name with another content."""
        with self._telling(f"write '{name}'", FileExistsError):
            if not new:
                self._fs.put_file(str(file), self._name(name))
                return
            try:
                self._fs.put_file(str(file), self._name(name), mode="create")
            except FileExistsError:
                there = self.list_files(name).get(name)
                if there is None or there.size != file.stat().st_size or self.read(name) != file.read_bytes():
                    raise

    def get(self, name: str, file: Path) -> None:
        """Fetch an object into a file, which may be cut off where this raises. FileNotFoundError where there is none."""
        with self._telling(f"read '{name}'", FileNotFoundError):
            self._fs.get_file(self._name(name), str(file))

    def find_version(self, name: str) -> Version:
        """The version that an object has now. FileNotFoundError where there is none."""
        with self._telling(f"look at '{name}'", FileNotFoundError):
            self._fs.invalidate_cache()
            return describe_version(self._fs.info(self._name(name)))

    def remove(self, name: str) -> None:
        """Remove an object that may be there."""
        with self._telling(f"remove '{name}'"):
            try:
                self._fs.rm_file(self._name(name))
            except FileNotFoundError:
                return

    def _name(self, name: str) -> str:
        return f"{self._root}/{name}" if name else str(self._root)

    def _relative(self, name: str) -> str:
        return name.lstrip("/").removeprefix(str(self._root).lstrip("/")).lstrip("/")

    @contextmanager
    def _telling(self, what: str, *passed: type[Exception]) -> Iterator[None]:
        """What a store and the libraries before it say, as one error; what the caller asks about is passed on."""
        try:
            yield
        except Exception as error:  # each store's library has its own
            if isinstance(error, (*passed, UserError)):
                raise
            said = " ".join(str(error).split())[:200] or type(error).__name__
            if isinstance(
                error, (FileNotFoundError, PermissionError)
            ):  # a bucket that is not there, or a lack of rights
                raise UserError(f"The object store '{self.url}' did not {what} ({said}).") from error
            raise StoreError(
                f"The object store '{self.url}' did not {what} ({said}). Finished work is kept; run the same command "
                "again to go on."
            ) from error


def describe_version(about: Mapping[str, Any]) -> Version:
    """What fsspec says of an object, as a version."""
    tag = next((str(about[key]) for key in TAGS if about.get(key)), "")
    return Version(int(about.get("size") or 0), tag)


def do_at_once(work: Callable[[Any], object], items: Iterable[Any]) -> None:
    """Do the same for all items, several at a time. Raises the first error once none is under way."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in threads.map(work, items):
            pass
