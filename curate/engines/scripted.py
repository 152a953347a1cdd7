"""A real backend without a model: it answers from a script, and its faults are scripted too.

Each line of the script's JSON Lines file is
`{"prompt": the last user message, or "*" for any other, "responses": [{"text": …}, …]}`.
A request with a seed gets the response at its seed modulo their number, so a run's answers hang neither
on concurrency nor on where it was resumed; without a seed they are taken in turn.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from curate.engines.errors import EngineDied
from curate.engines.identity import find_script
from filters.digest import digest, digest_file
from filters.engine import (
    Completion,
    CompletionFinish,
    EngineError,
    EngineOptions,
    Request,
    RequestRefused,
    Watch,
)
from filters.errors import UserError
from filters.option_values import explain_validation_error

CONCURRENCY = 64
ANY = "*"
PIECE = 128
"""Characters handed to a watch at once."""


class Response(BaseModel):
    """One scripted answer."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    text: str = ""
    """The whole response."""
    finish: CompletionFinish = "stop"
    """The finish reason the engine reports."""
    tokens: int | None = Field(default=None, ge=0)
    """Its length; none counts its words."""
    delay_s: float = Field(default=0.0, ge=0)
    """How long it takes to come."""
    error: str | None = None
    """The request fails with this message; another time it may succeed."""
    refused: str | None = None
    """The request is refused for good with this message."""
    dies: bool = False
    """With this answer the whole engine ends: this request and all later ones fail."""


class Line(BaseModel):
    """One line of the script: what a prompt is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    prompt: str
    """The text of the last user message, or * for every prompt the script does not name."""
    responses: tuple[Response, ...] = Field(min_length=1)
    """The answers a request's seed chooses from."""


class ScriptedEngine:
    """The `Engine` that answers with `answer(request)`.

    `requests` counts how often it was asked; `aborted` how many requests were cancelled while waiting.
    """

    def __init__(
        self,
        answer: Callable[[Request], Response],
        identity: str = "scripted",
        concurrency: int | None = None,
    ) -> None:
        self.identity = identity
        self.concurrency = concurrency or CONCURRENCY
        self.in_force: Mapping[str, object] = {}
        self.requests = 0
        self.aborted = 0
        self._answer = answer
        self._dead: str | None = None

    @classmethod
    def open(cls, options: EngineOptions) -> ScriptedEngine:
        """The engine that answers from the file `options.model`; UserError, with the line, where it is malformed."""
        path = find_script(options)
        identity = digest("scripted", digest_file(path))
        return cls(_Script(_read_script(path)), identity, options.concurrency)

    async def complete(self, request: Request) -> Completion:
        """Answer as scripted, after the scripted delay; EngineError, RequestRefused or EngineDied where the script says so."""
        self._assert_alive()
        self.requests += 1
        response = self._answer(request)
        asked = sum(len(m["content"].split()) for m in request.messages)
        try:
            if (stopped := await _stream_to_watch(response, request.watch)) is not None:
                return Completion(stopped, "stopped", asked, len(stopped.split()))
        except asyncio.CancelledError:
            self.aborted += 1
            raise
        if response.dies:
            self._dead = response.error or "the script ended the engine"
        self._assert_alive()
        if response.refused is not None:
            raise RequestRefused(response.refused)
        if response.error is not None:
            raise EngineError(response.error)
        tokens = len(response.text.split()) if response.tokens is None else response.tokens
        return Completion(response.text, response.finish, asked, tokens)

    async def close(self) -> None:
        """Nothing to free; later requests fail."""
        self._dead = "the engine was closed"

    def _assert_alive(self) -> None:
        if self._dead is not None:
            raise EngineDied(self._dead)


async def _stream_to_watch(response: Response, watch: Watch | None) -> str | None:
    """Wait as scripted; the text so far where the watch ended it, None where the response is whole."""
    if watch is None:
        await asyncio.sleep(response.delay_s)
        return None
    pieces = [response.text[at : at + PIECE] for at in range(0, len(response.text), PIECE)]
    said = ""
    for piece in pieces:
        await asyncio.sleep(response.delay_s / len(pieces))
        said += piece
        if watch(piece, len(said.split())) is not None:
            return said
    return None


class _Script:
    """The script's lines by prompt, and the turn of each for requests without a seed."""

    def __init__(self, lines: Mapping[str, tuple[Response, ...]]) -> None:
        self._lines = lines
        self._turns: Counter[str] = Counter()

    def __call__(self, request: Request) -> Response:
        prompt = next((m["content"] for m in reversed(request.messages) if m["role"] == "user"), "")
        responses = self._lines.get(prompt) or self._lines.get(ANY)
        if responses is None:
            return Response(error=f"the script has no answer for {prompt[:80]!r}")
        if request.seed is not None:
            return responses[request.seed % len(responses)]
        self._turns[prompt] += 1
        return responses[(self._turns[prompt] - 1) % len(responses)]


def _read_script(path: Path) -> dict[str, tuple[Response, ...]]:
    lines: dict[str, tuple[Response, ...]] = {}
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            if text.strip():
                line = _parse_line(text, f"{path}, line {number}")
                lines[line.prompt] = line.responses
    return lines


def _parse_line(text: str, where: str) -> Line:
    try:
        return Line.model_validate_json(text)
    except ValidationError as error:
        raise UserError(f"{where}: {explain_validation_error(error, Line)}") from None
