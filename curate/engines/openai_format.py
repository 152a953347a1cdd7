"""What OpenAI-compatible servers answer, whole or as a stream, read strictly: a cut or malformed body is no answer.

Servers that cut the chain off into a field of its own get its tags put back, so that every engine's text
reads alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ValidationError

from curate.engines.errors import TransientError
from filters.engine import Completion, CompletionFinish, EngineError, Watch
from filters.think import CLOSE, OPEN

STREAM_CHUNKS: Final = 32
"""Chunks of a stream, most often tokens, that a watch is shown at once."""
FINISHES: Final[Mapping[str, CompletionFinish]] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "tool_calls": "stop",
    "length": "length",
    "max_tokens": "length",
    "repetition": "repetition",
}


class _Message(BaseModel):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None

    @property
    def chain(self) -> str:
        return self.reasoning_content or self.reasoning or ""

    @property
    def text(self) -> str:
        """The whole response: a chain that the server has cut off, or that its template opened, gets its tags."""
        content = self.content or ""
        if self.chain:
            # Without content the chain never ended: its tag stays open, as it was.
            return f"{OPEN}{self.chain}{CLOSE}{content}" if content else f"{OPEN}{self.chain}"
        return OPEN + content if CLOSE in content and OPEN not in content else content


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Reply(BaseModel):
    """What is read of a chat completion; whatever lacks it is malformed."""

    choices: tuple[_Choice, ...]
    usage: _Usage | None = None


class _Change(BaseModel):
    delta: _Message
    finish_reason: str | None = None


class _Chunk(BaseModel):
    """What is read of one event of a stream; the last one has usage and no choices."""

    choices: tuple[_Change, ...]
    usage: _Usage | None = None


def read_completion(body: bytes) -> Completion:
    """A whole answer. TransientError where it is malformed, EngineError where it has no token counts."""
    try:
        reply = _Reply.model_validate_json(body)
    except ValidationError as error:
        raise TransientError(f"malformed response: {error.errors(include_url=False)[0]['msg']}") from error
    if not reply.choices:
        raise TransientError("malformed response: no choices")
    choice = reply.choices[0]
    return _completion(choice.message, choice.finish_reason or "", reply.usage)


def _completion(message: _Message, finish: str, usage: _Usage | None) -> Completion:
    if usage is None:
        raise EngineError("the server's response has no token counts (usage)")
    if finish not in FINISHES:
        raise EngineError(f"the server ended the request with '{finish}'")
    return Completion(message.text, FINISHES[finish], usage.prompt_tokens, usage.completion_tokens)


class Draft:
    """A completion as it streams in, shown to its watch piece by piece.

    The watch sees the text that the whole answer will have, but for one thing: that a template opened the
    chain is only known, and the `<think>` put before it, when the chain ends.
    """

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._chain: list[str] = []
        self._content: list[str] = []
        self._new: list[str] = []
        self._chunks = 0
        self._usage: _Usage | None = None
        self._finish: str | None = None
        self._ended = self._stopped = False

    def take(self, line: bytes) -> bool:
        """Take a line of the stream; whether it was the last that is needed. TransientError where malformed."""
        field, _, data = line.partition(b":")
        if field != b"data":
            return False  # comments keep the connection alive, other fields say nothing
        if data.strip() == b"[DONE]":
            self._ended = True
            return True
        try:
            chunk = _Chunk.model_validate_json(data)
        except ValidationError as error:
            raise TransientError(f"malformed event: {data[:200]!r}") from error
        self._add(chunk)
        return self._stopped

    def completion(self) -> Completion:
        """What came. TransientError where the stream was cut, EngineError where it counted no tokens."""
        if not self._stopped:
            if self._finish is None or (self._usage is None and not self._ended):
                raise TransientError("the stream was cut")
            self._show()
        message = _Message(content="".join(self._content), reasoning="".join(self._chain))
        if self._stopped:
            asked = self._usage.prompt_tokens if self._usage else 0
            return Completion(message.text, "stopped", asked, self._tokens)
        return _completion(message, self._finish or "", self._usage)

    @property
    def _tokens(self) -> int:
        """The server's count, which most give at the end only; until then the number of chunks."""
        return self._usage.completion_tokens if self._usage else self._chunks

    def _add(self, chunk: _Chunk) -> None:
        self._usage = chunk.usage or self._usage
        for change in chunk.choices[:1]:
            self._finish = change.finish_reason or self._finish
            chain, content = change.delta.chain, change.delta.content
            if chain:
                self._new.append(chain if self._chain else OPEN + chain)
                self._chain.append(chain)
            if content:
                self._new.append(CLOSE + content if self._chain and not self._content else content)
                self._content.append(content)
            self._chunks += bool(chain or content)
        if len(self._new) >= STREAM_CHUNKS:
            self._show()

    def _show(self) -> None:
        self._stopped = self._watch("".join(self._new), self._tokens) is not None
        self._new = []
