"""One OpenAI-compatible server: its connections, what it takes, and how it has been doing.

The `openai` client makes the connections; retries are our own, because its own give a request to the same
endpoint again, wait 8 s at most, and take a cut or malformed body for an answer.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import openai

from curate.engines.dialect import Dialect
from curate.engines.errors import TransientError
from curate.engines.http import make_http_client
from curate.engines.openai_format import read_completion
from curate.engines.openai_stream import Draft, split_lines
from curate.engines.refusals import read_refusal
from curate.engines.retries import LONGEST_PAUSE_S, pause_s, read_retry_after
from curate.scrubber import display_url
from filters.engine import Completion, EngineOptions, Request, RequestRefused, Watch
from filters.errors import UserError

CONNECT_TIMEOUT_S = 10.0
# What the client lets through while a stream is read: its HTTP library's errors, and that library has changed.
STREAM_ERRORS = tuple(import_module(name).HTTPError for name in ("httpx2", "httpx") if find_spec(name))


class Endpoint:
    """One server: how many requests it holds, its failures in a row, and until when it rests after them.

    Without the rest, an endpoint that is down would look idle and draw every request to itself.
    name: its URL without what may stand there of a user and a password.
    """

    def __init__(self, url: str, options: EngineOptions, in_force: dict[str, Any]) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UserError(
                f"The endpoint '{display_url(url)}' is not a URL; write it as http://HOST:PORT/v1."
            )
        self.name = display_url(url)
        self.outstanding = 0
        self.failures = 0
        self.rests_until = 0.0
        self.answered_at = -LONGEST_PAUSE_S
        self.dialect = Dialect(self.name, in_force)
        timeout = openai.Timeout(options.timeout_s, connect=min(CONNECT_TIMEOUT_S, options.timeout_s))
        self._model, self._timeout_s = options.model, options.timeout_s
        self._client = openai.AsyncOpenAI(
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

    @property
    def answers(self) -> bool:
        """Whether it has answered lately."""
        return time.monotonic() - self.answered_at < LONGEST_PAUSE_S

    def record_answer(self) -> None:
        """It is there."""
        self.failures, self.answered_at = 0, time.monotonic()

    def record_failure(self, wait_s: float) -> None:
        """Let it rest, longer with each failure in a row; those of requests sent together count as one."""
        now = time.monotonic()
        if self.failures == 0 or now >= self.rests_until:
            self.rests_until = now + pause_s(self.failures, wait_s)
            self.failures += 1

    async def ask(self, request: Request, sent: Mapping[str, Any]) -> Completion:
        """Ask once. TransientError where no whole answer came, RefusalError where the server gives none."""
        arguments = {
            "model": self._model,
            "messages": [dict(message) for message in request.messages],
            "extra_body": sent,
        }
        try:
            # The client's own limit is on silence; a server that drips bytes would never meet it.
            async with asyncio.timeout(self._timeout_s):
                return await _request_answer(self._client, arguments, request.watch)
        except (openai.APITimeoutError, TimeoutError) as error:
            raise TransientError(f"no response from {self.name} in {self._timeout_s:g} s") from error
        except (openai.APIConnectionError, *STREAM_ERRORS) as error:
            raise TransientError(f"{self.name}: {error.__cause__ or error}") from error
        except UnicodeEncodeError as error:
            raise RequestRefused(f"the prompt is not valid text: {error.reason}") from error
        except openai.APIStatusError as error:
            wait_s = read_retry_after(error.response.headers)
            raise read_refusal(error.status_code, error.body or error.message, wait_s) from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


async def _request_answer(
    client: openai.AsyncOpenAI, arguments: Mapping[str, Any], watch: Watch | None
) -> Completion:
    """One answer: whole, or as a stream for one who watches; some servers give the other than was asked for."""
    if watch is None:
        reply = await client.chat.completions.with_raw_response.create(**arguments)
        body = reply.http_response.content
        if "event-stream" not in reply.headers.get("content-type", ""):
            return read_completion(body)
        draft = Draft(None)
        any(draft.take(line.rstrip(b"\r")) for line in body.split(b"\n"))
        return draft.completion()
    draft = Draft(watch)
    # Leaving the block closes the connection, which ends the request in the server.
    async with client.chat.completions.with_streaming_response.create(**arguments, stream=True) as events:
        if "json" in events.headers.get("content-type", ""):
            made = read_completion(await events.read())
            return replace(made, finish="stopped") if watch(made.text, made.tokens or 0) else made
        async for line in split_lines(events.iter_bytes()):
            if draft.take(line):
                break
        return draft.completion()
