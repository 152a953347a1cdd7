"""Any OpenAI-compatible endpoint (vLLM, SGLang, llama.cpp, hosted), several at once.

The `openai` client makes the connections; retries are our own, because its own give a request to the same
endpoint again, wait 8 s at most, and take a cut or malformed body for an answer.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import AsyncIterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import openai

from curate.engines.errors import TransientError
from curate.engines.http import make_http_client
from curate.engines.identity import identify_engine
from curate.engines.openai_format import Draft, read_completion
from curate.engines.retries import is_transient, pause_s, read_retry_after, retry_transient
from curate.scrubber import display_url
from filters.engine import Completion, EngineError, EngineOptions, Request, Watch
from filters.errors import UserError

logger = logging.getLogger(__name__)

CONCURRENCY_PER_ENDPOINT = 64
CONNECT_TIMEOUT_S = 10.0
TOO_LONG = re.compile(r"context (length|size|window)|max_(completion_)?tokens|max_model_len", re.IGNORECASE)
# What the client lets through while a stream is read: its HTTP library's errors, and that library has changed.
STREAM_ERRORS = tuple(import_module(name).HTTPError for name in ("httpx2", "httpx") if find_spec(name))


class _Endpoint:
    """One server: how many requests it holds, its failures in a row, and until when it rests after them.

    Without the rest, an endpoint that is down would look idle and draw every request to itself.
    """

    def __init__(self, url: str, options: EngineOptions) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname:
            raise UserError(
                f"The endpoint '{display_url(url)}' is not a URL; write it as http://HOST:PORT/v1."
            )
        self.url = display_url(url)  # for messages alone
        self.outstanding = 0
        self.failures = 0
        self.rests_until = 0.0
        timeout = openai.Timeout(options.timeout_s, connect=min(CONNECT_TIMEOUT_S, options.timeout_s))
        self.client = openai.AsyncOpenAI(
            base_url=url,
            # Servers of one's own take any key; the client insists on one.
            api_key=os.environ.get(options.api_key_env) or "none",
            timeout=timeout,
            max_retries=0,
            http_client=make_http_client(timeout),
        )

    @property
    def load(self) -> tuple[bool, int]:
        """The lower, the sooner it is chosen; after a failure and its rest, one request tries it first."""
        shunned = self.failures > 0 and (self.outstanding > 0 or time.monotonic() < self.rests_until)
        return shunned, self.outstanding

    def record_failure(self, wait_s: float) -> None:
        """Let it rest, longer with each failure in a row; those of requests sent together count as one."""
        now = time.monotonic()
        if self.failures == 0 or now >= self.rests_until:
            self.rests_until = now + pause_s(self.failures, wait_s)
            self.failures += 1


class ServerEngine:
    """The `Engine` over chat completions."""

    def __init__(self, options: EngineOptions) -> None:
        if not options.endpoints:
            raise UserError("The server engine needs engine.endpoints, e.g. http://127.0.0.1:8000/v1.")
        self.identity = identify_engine(options)
        self.concurrency = options.concurrency or CONCURRENCY_PER_ENDPOINT * len(options.endpoints)
        self.in_force: Mapping[str, object] = {}
        self._options = options
        self._told = False
        self._endpoints = [_Endpoint(url, options) for url in options.endpoints]

    async def complete(self, request: Request) -> Completion:
        """Answer one request, given again after a failure that may pass.

        Raises EngineError where the server refuses this request or every try failed, and UserError where
        it would refuse any (key, model, address).
        """
        restart = request.watch.restart if request.watch is not None else None
        return await retry_transient(lambda: self._try_once(request), self._options.retries + 1, restart)

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(endpoint.client.close() for endpoint in self._endpoints))

    async def _try_once(self, request: Request) -> Completion:
        """Ask the endpoint with the lowest load, and keep what came of it for the next choice."""
        endpoint = min(self._endpoints, key=lambda e: e.load)
        try:
            made = await self._try_endpoint(endpoint, request)
        except TransientError as error:
            endpoint.record_failure(error.wait_s)
            raise
        endpoint.failures = 0
        return made

    async def _try_endpoint(self, endpoint: _Endpoint, request: Request) -> Completion:
        endpoint.outstanding += 1
        try:
            # The client's own limit is on silence; a server that drips bytes would never meet it.
            async with asyncio.timeout(self._options.timeout_s):
                arguments = _request_arguments(self._options.model, request)
                return await self._ask_within_context(endpoint.client, arguments, request.watch)
        except (openai.APITimeoutError, TimeoutError) as error:
            raise TransientError(
                f"no response from {endpoint.url} in {self._options.timeout_s:g} s"
            ) from error
        except (openai.APIConnectionError, *STREAM_ERRORS) as error:
            raise TransientError(f"{endpoint.url}: {error.__cause__ or error}") from error
        except UnicodeEncodeError as error:
            raise EngineError(f"the prompt is not valid text: {error.reason}") from error
        except openai.APIStatusError as error:
            raise self._refusal(endpoint, error) from error
        finally:
            endpoint.outstanding -= 1

    async def _ask_within_context(
        self, client: openai.AsyncOpenAI, arguments: dict[str, Any], watch: Watch | None
    ) -> Completion:
        """The answer. Where prompt and `max_tokens` together pass the model's context, servers refuse.

        Without a limit of its own the request then gets what is left of the context, as it does in process.
        """
        try:
            return await _request_answer(client, arguments, watch)
        except openai.BadRequestError as error:
            if not TOO_LONG.search(said := _error_message(error)):
                raise
        asked = arguments.pop("max_tokens")
        made = await _request_answer(client, arguments, watch)
        if not self._told:
            self._told = True
            logger.warning(
                f"max_tokens {asked:,} exceeds what the server's context leaves; longer chains are cut off there. {said}"
            )
        return made

    def _refusal(self, endpoint: _Endpoint, error: openai.APIStatusError) -> Exception:
        status, said = error.status_code, _error_message(error)
        if is_transient(status):
            return TransientError(
                f"{endpoint.url} answered {status}: {said}", read_retry_after(error.response.headers)
            )
        if status in {401, 403}:
            key = self._options.api_key_env
            return UserError(
                f"{endpoint.url} refuses the key in the environment variable {key} ({status}): {said}"
            )
        if status == 404:
            model = self._options.model
            return UserError(
                f"{endpoint.url} has no model '{model}', or its address does not end in /v1: {said}"
            )
        return EngineError(f"{endpoint.url} refused the request ({status}): {said}")


async def _request_answer(
    client: openai.AsyncOpenAI, arguments: dict[str, Any], watch: Watch | None
) -> Completion:
    """One answer: whole, or as a stream for one who watches; reading event by event costs what parsing costs."""
    if watch is None:
        reply = await client.chat.completions.with_raw_response.create(**arguments)
        return read_completion(reply.http_response.content)
    ask = client.chat.completions.with_streaming_response
    draft = Draft(watch)
    # Leaving the block closes the connection, which ends the request in the server.
    async with ask.create(**arguments, stream=True, stream_options={"include_usage": True}) as events:
        async for line in _split_lines(events.iter_bytes()):
            if draft.take(line):
                break
        return draft.completion()


async def _split_lines(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The lines of a body. Not the client's own, which also break at characters that JSON may hold."""
    rest: list[bytes] = []
    async for block in blocks:
        first, *others = block.split(b"\n")
        rest.append(first)
        for line in others:
            yield b"".join(rest).rstrip(b"\r")
            rest = [line]
    yield b"".join(rest)


def _request_arguments(model: str, request: Request) -> dict[str, Any]:
    asked = request.sampling
    arguments: dict[str, Any] = {
        "model": model,
        "messages": [dict(message) for message in request.messages],
        "temperature": asked.temperature,
        "top_p": asked.top_p,
        "max_tokens": asked.max_tokens,
    }
    if asked.stop:
        arguments["stop"] = list(asked.stop)
    if request.seed is not None:
        arguments["seed"] = request.seed
    more: dict[str, Any] = {}
    if asked.top_k is not None:
        more["top_k"] = asked.top_k  # not OpenAI's, but every other server's
    if request.loops is not None:  # vLLM's alone
        longest, times = request.loops.longest, request.loops.times
        more["repetition_detection"] = {
            "max_pattern_size": longest, "min_pattern_size": 1, "min_count": times,
        }  # fmt: skip
    return arguments | ({"extra_body": more} if more else {})


def _error_message(error: openai.APIStatusError) -> str:
    """The server's own sentence, cut to a line."""
    body = error.body
    inner = body.get("error", body) if isinstance(body, dict) else body
    message = inner.get("message", inner) if isinstance(inner, dict) else inner
    return " ".join(str(message or error.message).split())[:300]
