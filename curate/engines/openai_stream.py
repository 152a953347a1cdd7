"""A completion as it streams in, event by event (server-sent events, as HTML's standard has them).

Not the client's own reader, which costs more than parsing, and breaks lines at characters that JSON may hold.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from curate.engines.errors import TransientError
from curate.engines.openai_format import (
    Message,
    choose_first,
    count_prompt,
    count_tokens,
    make_completion,
    read_message,
    read_object,
)
from curate.engines.refusals import raise_inner_refusal, read_refusal
from filters.engine import Completion, Watch
from filters.think import CLOSE, OPEN
from filters.types import make_storable

STREAM_CHUNKS: Final = 32
"""Chunks of a stream, most often tokens, that a watch is shown at once."""


async def split_lines(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a body."""
    rest: list[bytes] = []
    async for block in blocks:
        first, *others = block.split(b"\n")
        rest.append(first)
        for line in others:
            yield b"".join(rest).rstrip(b"\r")
            rest = [line]
    yield b"".join(rest)


class Draft:
    """A completion in the making, shown to its watch piece by piece where it has one.

    The watch sees the text that the whole answer will have, but for one thing: that a template opened the
    chain is only known, and the `<think>` put before it, when the chain ends.
    """

    def __init__(self, watch: Watch | None) -> None:
        self._watch = watch
        self._event, self._data = b"", list[bytes]()
        self._chain, self._content, self._refusal = list[str](), list[str](), list[str]()
        self._new: list[str] = []
        self._chunks = 0
        self._usage: Any = None
        self._finish: Any = None
        self._ended = self._stopped = False

    def take(self, line: bytes) -> bool:
        """Take a line of the stream; whether it was the last that is needed.

        TransientError where it is malformed, RefusalError where the server says that it failed.
        """
        if not line:
            return self._take_event()
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if field == b"event":
            self._event = value
        elif field == b"error":  # llama.cpp's
            raise read_refusal(None, read_object(value))
        elif field == b"data":
            self._data.append(value)
            self._ended = value.strip() == b"[DONE]"
        return self._ended

    def completion(self) -> Completion:
        """What came, as `make_completion` has it. TransientError where the stream was cut."""
        if not self._stopped:
            if not self._ended:
                self._take_event()
            if self._finish is None:
                raise TransientError("the stream was cut: it did not say how its answer ended")
            self._show(last=True)
        message = Message("".join(self._chain), "".join(self._content), "".join(self._refusal))
        if self._stopped:
            return Completion(make_storable(message.text), "stopped", count_prompt(self._usage), self._tokens)
        return make_completion(message, self._finish, self._usage)

    @property
    def _tokens(self) -> int:
        """The server's count, which most give at the end only; until then the number of chunks."""
        return count_tokens(self._usage) or self._chunks

    def _take_event(self) -> bool:
        """Take the event that an empty line, or the stream, ended."""
        data, event = b"\n".join(self._data), self._event
        self._event, self._data = b"", []
        if not data.strip():
            return False
        chunk = read_object(data)
        if event == b"error":
            raise read_refusal(None, chunk)
        raise_inner_refusal(chunk)
        self._usage = chunk.get("usage") or self._usage
        choice = choose_first(chunk)
        if choice is not None:
            self._add(choice)
        return self._stopped

    def _add(self, choice: Mapping[str, Any]) -> None:
        self._finish = choice.get("finish_reason") or self._finish
        change = choice.get("delta") or {}
        if not isinstance(change, dict):
            raise TransientError("malformed response: a delta is no object")
        chain, content, refusal = read_message(change)
        if chain:
            self._new.append(chain if self._chain else OPEN + chain)
            self._chain.append(chain)
        if content:
            self._new.append(CLOSE + content if self._chain and not self._content else content)
            self._content.append(content)
        self._refusal.append(refusal)
        self._chunks += bool(chain or content)
        if len(self._new) >= STREAM_CHUNKS:
            self._show()

    def _show(self, *, last: bool = False) -> None:
        """Show the watch what is new; half a character, as JSON may escape it, waits for its other half."""
        new, self._new = "".join(self._new), []
        if not last and "\ud800" <= new[-1:] <= "\udbff":
            new, self._new = new[:-1], [new[-1]]
        if self._watch is not None:
            self._stopped = self._watch(make_storable(new), self._tokens) is not None
