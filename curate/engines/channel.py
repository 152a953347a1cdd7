"""Whole Python objects over one socket between two of our own processes, each a pickle after its length.

All writing happens in the event loop, in the order of the calls: two threads cannot mix their bytes, and nobody waits
on a full buffer, for the loop keeps what the socket does not take yet.
"""

from __future__ import annotations

import asyncio
import pickle
import socket
from contextlib import suppress
from typing import Any, Final

LENGTH_BYTES: Final = 8


class ChannelClosed(Exception):  # noqa: N818  a state of the channel, as the field says it
    """The other process has closed its end, or is gone."""


class Channel:
    """One end. Make it, and receive, in the loop; send from any thread."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._loop = asyncio.get_running_loop()

    @classmethod
    async def open(cls, end: socket.socket) -> Channel:
        """The end of a socket pair; the channel owns it from now on."""
        return cls(*await asyncio.open_connection(sock=end))

    def send(self, *message: object) -> None:
        """Send a tuple; where the other has gone nobody is told, and `receive` says so."""
        with suppress(RuntimeError):  # the loop is closed: this process is ending
            self._loop.call_soon_threadsafe(self._write, message)

    def _write(self, message: tuple[object, ...]) -> None:
        if not self._writer.is_closing():
            packed = pickle.dumps(message)
            self._writer.write(len(packed).to_bytes(LENGTH_BYTES, "big") + packed)

    async def flush(self, limit_s: float) -> None:
        """Wait until the socket has taken what was sent, or the limit is over."""
        await asyncio.sleep(0)  # what was sent has then been written
        self._writer.transport.set_write_buffer_limits(0)
        with suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(limit_s):
                await self._writer.drain()

    async def receive(self) -> Any:
        """The other's next tuple. Raises ChannelClosed where there will be none."""
        try:
            length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
            return pickle.loads(await self._reader.readexactly(length))  # noqa: S301  our own process wrote it
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ChannelClosed(str(error)) from None

    def close(self) -> None:
        """Close this end; what was not yet taken is dropped."""
        self._writer.transport.abort()
