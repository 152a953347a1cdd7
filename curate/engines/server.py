"""Any OpenAI-compatible endpoint (vLLM, SGLang, llama.cpp, hosted), several at once: which is asked, how often, for how long an answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from curate.engines.endpoint import Endpoint
from curate.engines.errors import RefusalError, TransientError
from curate.engines.identity import identify_engine
from curate.engines.refusals import BUSY_STATUSES, explain_refusal, is_about_context, read_limits
from curate.engines.retries import retry_transient
from filters.engine import Completion, EngineError, EngineOptions, Request, RequestRefused

logger = logging.getLogger(__name__)

CONCURRENCY_PER_ENDPOINT = 64


class ServerEngine:
    """The `Engine` over chat completions.

    in_force: `sent`, the sampling parameters as they are said; by endpoint, where a server made it necessary, what of
    them is `left_out`, `limit_name` and `context_length`. It grows as they are learnt.
    """

    def __init__(self, options: EngineOptions) -> None:
        self.identity = identify_engine(options)
        self.concurrency = options.concurrency or CONCURRENCY_PER_ENDPOINT * len(options.endpoints)
        self._learnt: dict[str, Any] = {}
        self.in_force: Mapping[str, object] = self._learnt
        self._options = options
        self._down = False
        self._told: set[str] = set()
        self._endpoints = [Endpoint(url, options, self._learnt) for url in options.endpoints]

    async def complete(self, request: Request) -> Completion:
        """Answer one request, given again after a failure that may pass.

        Raises RequestRefused where the server will never answer it, UserError where it would refuse any (key,
        credit, model, address, a parameter), and EngineError where every try failed. Where a request was given up
        and none answered meanwhile, the next ones are tried once: a server that is gone is soon known to be.
        """
        tries = 1 if self._down else self._options.retries + 1
        began = time.monotonic()
        try:
            return await retry_transient(lambda: self._try_once(request), tries, lambda: _restart(request))
        except EngineError as error:
            given_up = isinstance(error.__cause__, TransientError)
            self._down |= given_up and all(each.answered_at < began for each in self._endpoints)
            raise

    async def close(self) -> None:
        """Close the connections."""
        await asyncio.gather(*(endpoint.close() for endpoint in self._endpoints))

    async def _try_once(self, request: Request) -> Completion:
        """Ask the endpoint with the lowest load, and keep what came of it for the next choice."""
        endpoint = min(self._endpoints, key=lambda e: e.load)
        endpoint.outstanding += 1
        try:
            made = await self._ask_within_context(endpoint, request)
        except TransientError as error:
            endpoint.record_failure(error.wait_s)
            raise
        except RefusalError as refusal:
            meant = explain_refusal(refusal, endpoint.name, self._options)
            if isinstance(meant, TransientError):
                meant.busy = refusal.status in BUSY_STATUSES and endpoint.answers
                endpoint.record_failure(meant.wait_s)
            raise meant from refusal
        finally:
            endpoint.outstanding -= 1
        endpoint.record_answer()
        self._down = False
        self._look_at(endpoint, made)
        return made

    async def _ask_within_context(self, endpoint: Endpoint, request: Request) -> Completion:
        """The answer. Where prompt and limit together pass the model's context, servers refuse.

        The limit then becomes what is left of the context, as it is in process; it is never left out, since what a
        server does without one is its own affair.
        """
        try:
            return await self._ask_adapting(endpoint, request, request.sampling.max_tokens)
        except RefusalError as refusal:
            if not is_about_context(refusal):
                raise
            first = refusal
        limit = await self._find_room(endpoint, request, first)
        while limit > 0:
            _restart(request)
            try:
                made = await self._ask_adapting(endpoint, request, limit)
            except RefusalError as refusal:
                if not is_about_context(refusal):
                    raise
                limit //= 2
            else:
                self._tell(
                    f"max_tokens {request.sampling.max_tokens:,} exceeds what the context of {endpoint.name} leaves; "
                    f"longer chains are cut off there, the first at {limit:,} tokens. It said: {first.said}",
                    once=f"context {endpoint.name}",
                )
                return made
        raise RequestRefused(f"{endpoint.name} has no room for an answer to this prompt: {first.said}")

    async def _find_room(self, endpoint: Endpoint, request: Request, first: RefusalError) -> int:
        """The most tokens that an answer to this prompt may have, as far as the server tells; else half of what was asked.

        Servers tell their context's length, but few how long the prompt is: an answer of one token counts it.
        """
        asked, prompt = request.sampling.max_tokens, None
        try:
            prompt = (await self._ask_adapting(endpoint, replace(request, watch=None), 1)).prompt_tokens
        except RefusalError as refusal:
            if is_about_context(refusal):
                raise RequestRefused(f"{endpoint.name}: the prompt is too long: {refusal.said}") from refusal
            if refusal.status not in {400, 422}:
                raise
        context, longest = read_limits(first)
        rooms = [longest] if longest is not None else []
        if context is not None:
            self._learnt.setdefault("context_length", {})[endpoint.name] = context
            rooms += [context - prompt] if prompt is not None else []
        room = min(rooms, default=asked)
        return room if room < asked else asked // 2

    async def _ask_adapting(self, endpoint: Endpoint, request: Request, limit: int) -> Completion:
        """The answer to a request written as the server takes it, again where it has just been learnt how."""
        while True:
            sent = endpoint.dialect.write(request, limit, stream=request.watch is not None)
            try:
                made = await endpoint.ask(request, sent)
            except RefusalError as refusal:
                if not endpoint.dialect.learn(refusal, sent):
                    raise
                _restart(request)
            else:
                self._compare_limit(endpoint, made, limit)
                return replace(made, seeded=request.seed is None or "seed" in sent)

    def _compare_limit(self, endpoint: Endpoint, made: Completion, limit: int) -> None:
        """Say so where a server did not keep to the limit it was told."""
        cut = made.finish == "length" and made.tokens is not None and made.tokens < limit
        if cut or (made.tokens or 0) > limit:
            self._tell(
                f"{endpoint.name} ended an answer after {made.tokens:,} tokens, where the limit was {limit:,}: it has one "
                "of its own.",
                once=f"limit {endpoint.name}",
            )

    def _look_at(self, endpoint: Endpoint, made: Completion) -> None:
        """Say so where a server does not count."""
        if made.tokens is None:
            self._tell(
                f"{endpoint.name} does not count its tokens (usage): its samples have none, and a budget of "
                "tokens takes each for the longest.",
                once=f"usage {endpoint.name}",
            )

    def _tell(self, warning: str, once: str) -> None:
        if once not in self._told:
            self._told.add(once)
            logger.warning(warning)


def _restart(request: Request) -> None:
    """What the request's watch has seen does not count: it is asked again."""
    if request.watch is not None:
        request.watch.restart()
