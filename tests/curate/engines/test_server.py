"""The server engine against a server that fails in every way that servers do."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from dataclasses import replace
from email.utils import formatdate
from typing import Any

import pytest

from curate.engines import retries, server
from curate.engines.factory import open_engine
from filters.engine import Completion, EngineError, EngineOptions, Loops, Request, SamplingOptions
from filters.errors import UserError
from filters.types import Message
from tests.curate.engines.unreliable import Answer, Unreliable, chat, in_turn, on_servers, refusal


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.001)


def ask(text: str = "hello", seed: int | None = None, **sampling: Any) -> Request:
    return Request([Message(role="user", content=text)], SamplingOptions(**sampling), seed)


def asked(
    *answers: Answer | None, request: Request | None = None, **options: Any
) -> tuple[Completion, Unreliable]:
    """Ask once of a server that gives these answers in turn."""

    async def work(endpoint: Unreliable) -> tuple[Completion, Unreliable]:
        engine = await open_engine(
            EngineOptions(kind="server", model="m", endpoints=(endpoint.url,), **({"retries": 2} | options))
        )
        try:
            return await engine.complete(request or ask()), endpoint
        finally:
            await engine.close()

    result: tuple[Completion, Unreliable] = on_servers(work, in_turn(*answers))
    return result


def test_asks_with_the_sampling_and_reads_the_counts() -> None:
    made, endpoint = asked(
        chat(), request=ask("hi", 7, temperature=0.6, top_p=0.9, top_k=5, max_tokens=9, stop=("x",))
    )
    assert made == Completion("fine", "stop", 3, 2)
    assert endpoint.requests == [
        {
            "model": "m",
            "messages": [{"role": "user", "content": "hi"}],
            "temperature": 0.6,
            "top_p": 0.9,
            "max_tokens": 9,
            "stop": ["x"],
            "seed": 7,
            "top_k": 5,
            "min_p": 0.0,
            "repetition_penalty": 1.0,
            "presence_penalty": 0.0,
            "frequency_penalty": 0.0,
        }
    ]


def test_loops_are_left_to_a_server_that_can_see_them() -> None:
    _, endpoint = asked(chat(), request=replace(ask(), loops=Loops(20, 16)))
    (sent,) = endpoint.requests
    assert sent["repetition_detection"] == {"max_pattern_size": 20, "min_pattern_size": 1, "min_count": 16}


def test_a_connection_on_which_a_long_chain_is_awaited_is_kept_alive() -> None:
    alive: list[int] = []

    def answer(request: dict[str, Any]) -> Answer:
        open_ones = [s for s in gc.get_objects() if isinstance(s, socket.socket) and s.fileno() >= 0]
        alive.extend(s.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) for s in open_ones)
        return chat()

    async def work(endpoint: Unreliable) -> None:
        engine = await open_engine(EngineOptions(kind="server", model="m", endpoints=(endpoint.url,)))
        await engine.complete(ask())
        await engine.close()

    on_servers(work, answer)
    assert any(alive)


def test_the_key_comes_from_the_named_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sesame")
    assert asked(chat(), api_key_env="MY_KEY")[1].keys == ["Bearer sesame"]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": "4", "reasoning_content": "2+2"}, "<think>2+2</think>4"),
        ({"content": "4", "reasoning": "2+2"}, "<think>2+2</think>4"),
        ({"content": None, "reasoning": "2+"}, "<think>2+"),
        ({"content": "2+2</think>4"}, "<think>2+2</think>4"),
        ({"content": "<think>2+2</think>4"}, "<think>2+2</think>4"),
        ({"content": None}, ""),
    ],
)
def test_the_chain_is_put_back_before_the_answer(message: dict[str, Any], text: str) -> None:
    assert asked(chat(**message))[0].text == text


@pytest.mark.parametrize(
    ("said", "finish"),
    [
        ("length", "length"),
        ("tool_calls", "stop"),
        ("STOP", "stop"),
        ("eos", "stop"),
        ("model_length", "length"),
    ],
)
def test_finish_reasons_are_ours(said: str, finish: str) -> None:
    assert asked(chat(finish=said))[0].finish == finish


@pytest.mark.parametrize(
    "failure",
    [
        refusal(429),
        refusal(500),
        refusal(503),
        (502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>"),
        (200, {"Content-Length": "9999"}, chat()[2][:40]),
        (200, {}, chat()[2][:40]),
        (200, {"Content-Type": "text/plain"}, b"not JSON"),
        (200, {}, b'{"error": {"message": "upstream"}}'),
        (200, {}, b'{"choices": [], "usage": null}'),
        (200, {}, b""),
    ],
)
def test_what_may_pass_is_asked_again(failure: Answer) -> None:
    made, endpoint = asked(failure, failure, chat())
    assert made.text == "fine"
    assert len(endpoint.requests) == 3


def test_silence_is_given_up_and_asked_again() -> None:
    started = time.monotonic()
    assert asked(None, chat(), timeout_s=1.0)[0].text == "fine"
    assert 1.0 <= time.monotonic() - started < 25


@pytest.mark.parametrize("wait", ["0.3", "in an hour"])
def test_the_server_says_how_long_to_wait(wait: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "LONGEST_RETRY_AFTER_S", 0.4)
    started = time.monotonic()
    said = formatdate(time.time() + 3600, usegmt=True) if wait == "in an hour" else wait
    asked(refusal(429, **{"Retry-After": said}), chat())
    assert 0.3 <= time.monotonic() - started < 60


def test_gives_up_after_the_last_try_and_says_why() -> None:
    with pytest.raises(EngineError, match=r"gave up after 3 tries; the last: .* answered 503: busy"):
        asked(refusal(503), refusal(503), refusal(503, "busy"))


def test_an_endpoint_that_is_not_there_is_an_engine_error() -> None:
    async def work() -> None:
        options = EngineOptions(kind="server", model="m", endpoints=("http://127.0.0.1:1/v1",), retries=1)
        engine = await open_engine(options)
        with pytest.raises(EngineError, match=r"gave up after 2 tries; the last: http://127\.0\.0\.1:1/v1: "):
            await engine.complete(ask())
        await engine.close()

    on_servers(work)


def test_a_refused_prompt_fails_at_once_and_alone() -> None:
    message = "This model's maximum context length is 512 tokens."

    def answer(request: dict[str, Any]) -> Answer:
        return refusal(400, message) if len(request["messages"][0]["content"]) > 100 else chat()

    async def work(endpoint: Unreliable) -> list[Any]:
        engine = await open_engine(EngineOptions(kind="server", model="m", endpoints=(endpoint.url,)))
        asks = [ask("x" * 200), ask("x"), ask("\ud800")]
        return await asyncio.gather(*map(engine.complete, asks), return_exceptions=True)

    long, good, broken = on_servers(work, answer)
    assert isinstance(long, EngineError)
    assert message in str(long)
    assert good.text == "fine"
    assert isinstance(broken, EngineError)


@pytest.mark.parametrize(
    ("status", "says"),
    [(401, "refuses the key in the environment variable OPENAI_API_KEY"), (404, "has no model 'm'")],
)
def test_what_would_refuse_any_request_is_the_users(status: int, says: str) -> None:
    with pytest.raises(UserError, match=says):
        asked(refusal(status))


async def many(*endpoints: Unreliable) -> list[int]:
    """Ask 200 times, 20 at once; how many requests came to each endpoint."""
    options = EngineOptions(kind="server", model="m", endpoints=tuple(e.url for e in endpoints))
    engine = await open_engine(options)
    assert engine.concurrency == 64 * len(endpoints)
    slots = asyncio.Semaphore(20)

    async def one(number: int) -> Completion:
        async with slots:
            return await engine.complete(ask(str(number)))

    made = await asyncio.gather(*map(one, range(200)))
    await engine.close()
    assert [m.text for m in made] == ["fine"] * 200
    return [len(e.requests) for e in endpoints]


def test_endpoints_are_balanced_by_what_is_outstanding() -> None:
    counts = on_servers(many, *[lambda request: chat()] * 3)
    assert max(counts) - min(counts) < 40


def test_an_endpoint_that_fails_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.2)
    good, broken = on_servers(many, lambda request: chat(), lambda request: refusal(503))
    assert good == 200
    assert broken < 30


def test_cancelling_closes_the_connection() -> None:
    async def work(endpoint: Unreliable) -> int:
        options = EngineOptions(kind="server", model="m", endpoints=(endpoint.url,))
        engine = await open_engine(options)
        task = asyncio.create_task(engine.complete(ask()))
        await asyncio.sleep(0.2)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert isinstance(engine, server.ServerEngine)
        return engine._endpoints[0].outstanding

    assert on_servers(work, lambda request: None) == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"endpoints": ()}, r"needs engine\.endpoints"),
        ({"endpoints": ("localhost:8000",)}, "is not a URL"),
        ({"template": "x.jinja"}, "has no effect with the server engine"),
        ({"model": ""}, r"No model is named"),
    ],
)
def test_options_that_cannot_work_are_refused(options: dict[str, Any], says: str) -> None:
    given = EngineOptions(**({"kind": "server", "model": "m", "endpoints": ("http://h/v1",)} | options))
    with pytest.raises(UserError, match=says):
        asyncio.run(open_engine(given))
