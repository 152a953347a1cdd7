"""vLLM in this process, stepped by a thread of its own and bridged to asyncio.

`LLMEngine` rather than `AsyncLLM`, because only it also runs without a process of its own, which on a CPU
loads in a second or two instead of twenty and generates faster; one code path serves CPU and GPU. Every
sample is its own request: continuous batching then refills one place at a time, with no barrier.

vLLM waits for ever for a process of its own that is lost. So where it has any, this runs in a replica's process, which
looks after them (`replica_process`).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import queue
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from curate.engines.chat_template import Chat, RenderedPrompt
from curate.engines.errors import EngineDied, EngineGone, repeat_end
from curate.engines.identity import find_model, identify_model
from curate.engines.vllm_loading import (
    CONCURRENCY,
    describe_settings,
    list_request_errors,
    load_engine,
    make_sampling_params,
    read_context_length,
)
from filters.engine import Completion, EngineError, EngineOptions, Request, RequestRefused
from filters.errors import UserError

logger = logging.getLogger(__name__)

CLOSING_S: Final = 4.0
"""A step that has not ended so long after the engine was closed is left to itself, and ends with the process."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ask:
    """A request on its way to the engine's thread, and the future that waits for its completion."""

    key: str
    request: Request
    future: asyncio.Future[Completion]


@dataclass(slots=True, eq=False)
class _Draft:
    """A request in the engine, and what it has said so far where it is watched."""

    ask: _Ask
    rendered: RenderedPrompt
    text: str = ""
    tokens: int = 0


Answer = Completion | EngineError | UserError


class VllmEngine:
    """The `Engine` over vLLM. Make one with `await VllmEngine.open(options)`."""

    def __init__(self, options: EngineOptions) -> None:
        self.identity = ""
        self.concurrency = options.concurrency or CONCURRENCY
        self.in_force: Mapping[str, object] = {}
        self._keys = itertools.count()
        self._stepper = _Stepper(options)

    @classmethod
    async def open(cls, options: EngineOptions) -> VllmEngine:
        """Load the model. Raises UserError where the model, its template or vLLM's settings are at fault."""
        engine = cls(options)
        try:
            loaded = await asyncio.wrap_future(engine._stepper.start())
        except asyncio.CancelledError:
            engine._stepper.stop()  # once it has loaded: nothing can interrupt that
            raise
        engine.identity, engine.in_force = loaded.identity, loaded.in_force
        return engine

    async def complete(self, request: Request) -> Completion:
        """Answer one request; cancelling aborts it. EngineError for it alone, EngineDied for all of them."""
        ask = _Ask(str(next(self._keys)), request, asyncio.get_running_loop().create_future())
        self._stepper.post(ask)
        try:
            return await ask.future
        except asyncio.CancelledError:
            self._stepper.abort(ask.key)
            raise

    async def close(self) -> None:
        """End the thread and free the model; what still waits gets an EngineError."""
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await asyncio.wrap_future(self._stepper.stop())
        self._stepper.end(EngineError("the engine was closed"))


class _Loaded(NamedTuple):
    """What is known of the model once it is there."""

    identity: str
    in_force: Mapping[str, object]


class _Stepper:
    """The thread that alone touches vLLM: loads it, takes requests, steps the engine, hands completions back.

    `_inbox` carries requests, keys to abort, and None to stop; `_ended` is set, under the lock, when
    nothing more will be taken from it.
    """

    def __init__(self, options: EngineOptions) -> None:
        self._options = options
        self._inbox: queue.SimpleQueue[_Ask | str | None] = queue.SimpleQueue()
        self._waiting: dict[str, _Draft] = {}
        self._lock = threading.Lock()
        self._ended: EngineError | None = None
        self._loaded: Future[_Loaded] = Future()
        self._freed: Future[None] = Future()
        for future in (self._loaded, self._freed):
            future.set_running_or_notify_cancel()  # whoever waits for it and is cancelled leaves it alone
        self._told = False
        # A daemon: nothing interrupts it while it loads or steps, and neither Ctrl-C nor a caller that forgets to
        # close is to wait for that.
        self._thread = threading.Thread(target=self._run, name="vllm", daemon=True)

    def start(self) -> Future[_Loaded]:
        """Begin to load; the future ends when the engine takes requests, or with what kept it from it."""
        self._thread.start()
        return self._loaded

    def stop(self) -> Future[None]:
        """Let the thread end; the future ends when the model is freed."""
        self._inbox.put(None)
        return self._freed

    def post(self, ask: _Ask) -> None:
        """Hand a request in. Raises the engine's end where it has ended."""
        with self._lock:
            if self._ended is not None:
                raise repeat_end(self._ended, EngineGone)
            self._inbox.put(ask)

    def abort(self, key: str) -> None:
        """Let go of a request that nobody waits for any more."""
        self._inbox.put(key)

    def _run(self) -> None:
        ended = EngineError("the engine was closed")
        try:
            source = find_model(self._options)
            identity = identify_model(self._options, source)
            with load_engine(self._options, source) as (engine, chat):
                self._loaded.set_result(_Loaded(identity, describe_settings(engine)))
                while self._take_all(engine, chat):
                    self._deliver(engine, chat, engine.step())
        except Exception as error:  # noqa: BLE001  whoever waits on this thread must hear of its end
            if not self._loaded.done():
                self._loaded.set_exception(error)
            ended = EngineDied(f"vLLM ended: {type(error).__name__}: {error}")
        self.end(ended)
        self._freed.set_result(None)

    def _take_all(self, engine: Any, chat: Chat) -> bool:
        """Take what is in the inbox, waiting for it where there is nothing to step; False to stop."""
        while True:
            try:
                item = self._inbox.get(block=not self._waiting)
            except queue.Empty:
                return True
            if item is None:
                return False
            if isinstance(item, _Ask):
                self._add(engine, chat, item)
            elif self._waiting.pop(item, None) is not None:
                engine.abort_request([item])

    def _add(self, engine: Any, chat: Chat, ask: _Ask) -> None:
        try:
            rendered = chat.render(ask.request.messages, ask.request.switches)
            self._assert_room(len(rendered.ids), ask.request.sampling.max_tokens, read_context_length(engine))
            params = make_sampling_params(ask.request, keep_special=chat.special)
            engine.add_request(ask.key, {"prompt_token_ids": rendered.ids}, params)
        except (EngineError, UserError) as error:
            _deliver_answers([(ask.future, error)])
        except list_request_errors() as error:
            _deliver_answers([(ask.future, EngineError(f"vLLM refused the request: {error}"))])
        else:
            self._waiting[ask.key] = _Draft(ask, rendered, rendered.opened)

    def _assert_room(self, prompt: int, asked: int, longest: int) -> None:
        """EngineError where the prompt leaves no token; a note, once, where it leaves fewer than were asked for."""
        if prompt >= longest:
            raise RequestRefused(
                f"the prompt has {prompt:,} tokens; the model takes {longest:,}, answer included"
            )
        if prompt + asked > longest and not self._told:
            self._told = True
            logger.warning(
                f"max_tokens is {asked:,}, but prompt and answer together are at most {longest:,} tokens here: "
                "longer chains are cut off there (finish reason length)."
            )

    def _deliver(self, engine: Any, chat: Chat, outputs: Iterable[Any]) -> None:
        answers: list[tuple[asyncio.Future[Completion], Answer]] = []
        for output in outputs:
            draft = self._waiting.get(output.request_id)
            if draft is None:
                continue
            stopped = _feed_watch(chat, draft, output)
            if stopped and not output.finished:
                engine.abort_request([output.request_id])
            if stopped or output.finished:
                self._waiting.pop(output.request_id, None)
                answers.append((draft.ask.future, _make_completion(draft, output, stopped)))
        _deliver_answers(answers)

    def end(self, ended: EngineError) -> None:
        """Tell all who wait, and whoever asks from now on, why there are no more answers."""
        with self._lock:
            self._ended = self._ended or ended
        late: list[_Ask] = []
        with suppress(queue.Empty):
            while True:
                item = self._inbox.get_nowait()
                late += [item] if isinstance(item, _Ask) else []
        given = [draft.ask for draft in list(self._waiting.values())]
        self._waiting.clear()
        _deliver_answers(
            [(ask.future, repeat_end(ended, EngineDied)) for ask in given]
            + [(ask.future, repeat_end(ended, EngineGone)) for ask in late]
        )


def _feed_watch(chat: Chat, draft: _Draft, output: Any) -> bool:
    """Take in what is new of a completion; whether its watch ends it."""
    made = output.outputs[0]
    new = chat.clean(made.text)
    opened = draft.text if draft.tokens == 0 else ""
    draft.text += new
    draft.tokens += len(made.token_ids)
    watch = draft.ask.request.watch
    return watch is not None and watch(opened + new, draft.tokens) is not None


def _make_completion(draft: _Draft, output: Any, stopped: bool) -> Answer:
    finish = output.outputs[0].finish_reason
    if finish == "error":
        return EngineError("vLLM ended the request with an error")
    return Completion(
        text=draft.text,
        finish="stopped" if stopped else finish,
        prompt_tokens=len(draft.rendered.ids),
        tokens=draft.tokens,
    )


def _deliver_answers(answers: Iterable[tuple[asyncio.Future[Completion], Answer]]) -> None:
    """Settle futures from this thread, waking each event loop once."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[Completion], Answer]]]
    by_loop = defaultdict(list)
    for future, answer in answers:
        by_loop[future.get_loop()].append((future, answer))
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(_settle_futures, settled)


def _settle_futures(answers: Iterable[tuple[asyncio.Future[Completion], Answer]]) -> None:
    for future, answer in answers:
        if future.done():
            continue
        if isinstance(answer, EngineError | UserError):
            future.set_exception(answer)
        else:
            future.set_result(answer)
