"""Files as bytes, unpacked on the way, with their first bytes at hand. The packing is told from the bytes, not the name."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import IO, Any, NamedTuple, cast

from curate.readers.formats.kinds import HEAD, Kind, tell_kind
from curate.readers.formats.places import BUFFER, Place
from curate.readers.formats.zstd import unpack_zstd


class OpenFile(NamedTuple):
    """A file that was opened: its bytes, unpacked, from the beginning, and what they are."""

    place: Place
    bytes: io.BufferedReader
    kind: Kind
    is_packed: bool


def open_file(place: Place) -> OpenFile:
    """Open a file for reading. Raises UserError where it is of no kind that is read here."""
    raw, head = _look(place.open())
    unpack = _find_packing(head)
    if unpack is not None:
        raw, head = _look(unpack(raw, head), raw)
    return OpenFile(place, raw, tell_kind(place.name, head), unpack is not None)


class _Headed(io.RawIOBase):
    """Bytes that were read already, then the rest of their file: not every file can go back."""

    def __init__(
        self, head: bytes, rest: IO[bytes], under: IO[bytes] | None, damage: Exception | None
    ) -> None:
        self._head, self._rest, self._under, self._damage = head, rest, under, damage
        # What comes before an error is given before it: `read` of gzip and the like would lose it.
        self._read = getattr(rest, "read1", rest.read)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._damage is not None and not self._head:
            raise self._damage  # a second read might well say that the file ends here
        got = self._head[: len(buffer)] if self._head else self._read(len(buffer))
        self._head = self._head[len(buffer) :]
        buffer[: len(got)] = got
        return len(got)

    def close(self) -> None:
        self._rest.close()
        if self._under is not None:  # gzip and the like leave open what they were given
            self._under.close()
        super().close()


def chain_bytes(head: bytes, rest: IO[bytes]) -> io.BufferedReader:
    """Bytes that were read already, then the rest of their file."""
    return io.BufferedReader(_Headed(head, rest, None, None), BUFFER)


def _look(file: IO[bytes], under: IO[bytes] | None = None) -> tuple[io.BufferedReader, bytes]:
    """A file and its first bytes; a damaged file gives those before the damage, and its error when it is read on."""
    head, damage = bytearray(), None
    read = getattr(file, "read1", file.read)
    try:
        while len(head) < HEAD and (got := read(HEAD - len(head))):
            head += got
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        if not head:
            raise
        damage = error
    return io.BufferedReader(_Headed(bytes(head), file, under, damage), BUFFER), bytes(head)


Unpack = Callable[[IO[bytes], bytes], IO[bytes]]


def _find_packing(head: bytes) -> Unpack | None:
    packings: dict[bytes, Unpack] = {
        b"\x1f\x8b": lambda file, _: cast("IO[bytes]", gzip.GzipFile(fileobj=file)),
        b"BZh": lambda file, _: bz2.BZ2File(file),
        b"\xfd7zXZ\0": lambda file, _: lzma.LZMAFile(file),  # noqa: SIM115  its reader closes it
        b"\x28\xb5\x2f\xfd": unpack_zstd,
    }
    if head[1:4] == b"\x2a\x4d\x18" and head[:1] >= b"\x50":  # a frame that only says something of the others
        return unpack_zstd
    return next((unpack for magic, unpack in packings.items() if head.startswith(magic)), None)
