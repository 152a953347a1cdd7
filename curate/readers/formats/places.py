"""The one place that opens bytes: files and folders on this machine or behind an fsspec URL look the same to the readers."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from filters.errors import UserError

URL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*(::[^/]+)?://")
"""What a URL begins with: s3://, hf://, simplecache::s3://."""

BUFFER: Final = 1 << 20
"""Bytes that are read from a file at a time."""

_OF_NETWORKS: Final = (
    ("aiohttp", "ClientError"),
    ("httpx", "HTTPError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("google.auth.exceptions", "GoogleAuthError"),
    ("azure.core.exceptions", "AzureError"),
)
"""What libraries of networks raise beside OSError. They are looked up where they are imported, so none is for this."""


@dataclass(frozen=True, slots=True)
class Place:
    """A file or a folder. `name` is what it is called in messages: a URL without its password and its signed query."""

    name: str
    path: str
    system: Any = None

    def open(self) -> IO[bytes]:
        """Open the file to read it once from its beginning."""
        if self.system is None:
            return Path(self.path).open("rb")
        # Not every web server gives parts of a file; as a stream it is read all the same.
        whole = {"block_size": 0} if "http" in self.system.protocol else {}
        return self.system.open(self.path, "rb", **whole)  # type: ignore[no-any-return]

    def open_parts(self) -> IO[bytes]:
        """Open the file to read parts of it, also from its end."""
        return Path(self.path).open("rb") if self.system is None else self.system.open(self.path, "rb")

    def is_file(self) -> bool:
        """Whether there is such a file."""
        return bool(self._ask("is_file" if self.system is None else "isfile"))

    def is_folder(self) -> bool:
        """Whether there is such a folder."""
        return bool(self._ask("is_dir" if self.system is None else "isdir"))

    def list_files(self) -> dict[str, Place]:
        """All files below the folder by their path from it, in the order of these paths. Hidden ones are not listed."""
        found = _walk(self.path) if self.system is None else self._find()
        shown = sorted(path for path in found if not any(part.startswith(".") for part in path.split("/")))
        return {path: Place(f"{self.name.rstrip('/')}/{path}", found[path], self.system) for path in shown}

    def _find(self) -> dict[str, str]:
        root = self.system._strip_protocol(self.path).rstrip("/")
        return {path[len(root) :].lstrip("/"): path for path in self._ask("find")}

    def _ask(self, question: str) -> Any:
        try:
            return (
                getattr(Path(self.path), question)()
                if self.system is None
                else getattr(self.system, question)(self.path)
            )
        except unreachable() as error:
            raise UserError(f"{self.name}: cannot be reached ({say_error(error)}).") from None


def find_place(source: str) -> Place:
    """The place that a path or a URL names, whether or not something is there."""
    if not URL.match(source):
        return Place(source, source)
    import fsspec

    name = re.sub(r"//[^/@]*@", "//", source.partition("?")[0])
    try:
        system, path = fsspec.core.url_to_fs(source)
    except ImportError as error:
        raise UserError(f"{name}: this kind of address needs a package that is not here: {error}.") from None
    except unreachable(ValueError) as error:
        raise UserError(f"{name}: cannot be reached ({say_error(error)}).") from None
    return Place(name, path, system)


def unreachable(*more: type[Exception]) -> tuple[type[Exception], ...]:
    """What reading a file may raise where it or the network is at fault, with what else is to be caught."""
    raised = (getattr(sys.modules.get(module), name, None) for module, name in _OF_NETWORKS)
    return (OSError, *more, *(kind for kind in raised if kind is not None))


def say_error(error: BaseException) -> str:
    """What an exception says, in one line."""
    said = getattr(error, "strerror", None) or str(error).strip() or type(error).__name__
    return said.partition("\n")[0][:300].rstrip(". ")


def _walk(root: str) -> dict[str, str]:
    """The files below a folder, those behind links too; a link that leads back is not followed again."""
    found: dict[str, str] = {}
    seen: set[str] = set()
    for folder, below, names in os.walk(root, followlinks=True):
        below[:] = [name for name in below if not name.startswith(".")]
        if (real := os.path.realpath(folder)) in seen:
            below.clear()
            continue
        seen.add(real)
        inside = Path(folder).relative_to(root)
        found.update(((inside / name).as_posix(), str(Path(folder) / name)) for name in names)
    return found
