"""zstd files, also those with a window wider than Arrow's codec takes, as published sets have (`zstd --long=31`)."""

from __future__ import annotations

import io
from typing import IO, Any, Final

import pyarrow as pa

ARROW_WINDOW: Final = 1 << 27
"""The widest window, in bytes, that Arrow's own codec takes."""

WIDEST_WINDOW: Final = 1 << 31
CHUNK: Final = 1 << 14
"""Packed bytes that are unpacked at a time: few, as a little may hold a lot."""


def unpack_zstd(file: IO[bytes], head: bytes) -> IO[bytes]:
    """The unpacked bytes of a zstd file, whose first bytes are `head`."""
    if _read_window(head) <= ARROW_WINDOW:
        return pa.CompressedInputStream(file, "zstd")  # type: ignore[no-any-return]
    return io.BufferedReader(_Frames(file))


def _read_window(head: bytes) -> int:
    """The window that a frame asks for, in bytes (RFC 8878, 3.1.1.1)."""
    if len(head) < 18 or head[0] != 0x28:
        return 0
    flags = head[4]
    if not flags & 0x20:
        base = 1 << (10 + (head[5] >> 3))
        return base + base // 8 * (head[5] & 7)
    at = 5 + (0, 1, 2, 4)[flags & 3]  # one segment: the window is the content
    return int.from_bytes(head[at : at + (1, 2, 4, 8)[flags >> 6]], "little")


class _Frames(io.RawIOBase):
    """The content of frames one after the other. Raises EOFError where the last is cut."""

    def __init__(self, file: IO[bytes]) -> None:
        try:
            import zstandard
        except ImportError:
            raise OSError(
                "a zstd window this wide needs the package zstandard: pip install zstandard"
            ) from None
        self._file, self._waiting, self._ready = file, b"", b""
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=WIDEST_WINDOW)
        self._frame: Any = None
        self._damage: type[Exception] = zstandard.ZstdError

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and self._read_more():
            pass
        got, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(got)] = got
        return len(got)

    def _read_more(self) -> bool:
        packed = self._waiting or self._file.read(CHUNK)
        if not packed:
            if self._frame is not None:
                raise EOFError("the packed file ends inside a frame")
            return False
        self._frame = self._frame or self._unpacker.decompressobj()
        try:
            self._ready = self._frame.decompress(packed)
        except self._damage as error:
            raise OSError(str(error)) from None
        self._waiting = self._frame.unused_data if self._frame.eof else b""
        self._frame = None if self._frame.eof else self._frame
        return True
