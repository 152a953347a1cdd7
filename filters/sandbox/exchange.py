"""Messages between a program and what tries it, two processes that share one socket and nothing else."""

from __future__ import annotations

import json
import os
import struct
from typing import Any, Final

LONGEST: Final = 64 << 20
"""Bytes of a message."""


class GoneError(Exception):
    """The other side has ended, or said what is no message."""


class Line:
    """One end of the socket, by its file descriptor; messages are JSON behind their length."""

    def __init__(self, file: int) -> None:
        self._file = file

    def send(self, said: Any) -> None:
        """Say something. Raises GoneError."""
        content = json.dumps(said).encode()
        rest = memoryview(struct.pack("=Q", len(content)) + content)
        while rest:
            try:
                rest = rest[os.write(self._file, rest) :]
            except OSError:
                raise GoneError from None

    def receive(self) -> Any:
        """What the other side says next. Raises GoneError."""
        (length,) = struct.unpack("=Q", self._read(8))
        if length > LONGEST:
            raise GoneError
        try:
            return json.loads(self._read(length))
        except (ValueError, RecursionError):
            raise GoneError from None

    def _read(self, length: int) -> bytes:
        parts = []
        while length:
            try:
                part = os.read(self._file, min(length, 1 << 20))
            except OSError:
                part = b""
            if not part:
                raise GoneError
            parts.append(part)
            length -= len(part)
        return b"".join(parts)
