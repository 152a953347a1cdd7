"""A watched request streams: its watch sees what the whole answer says, can end it, and starts anew after a cut."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from curate.engines import retries
from curate.engines.factory import open_engine
from curate.engines.openai_stream import STREAM_CHUNKS
from filters.engine import Completion, EngineError, EngineOptions, Request, SamplingOptions
from filters.types import Message
from tests.curate.engines.unreliable import Answer, Unreliable, in_turn, on_servers, refusal, stream

FINE = stream("fi", "ne")


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.001)


class Recorder:
    """Keeps what it is shown; ends the completion after `most` tokens."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.restarts = -1
        self.restart()

    def __call__(self, text: str, tokens: int) -> str | None:
        self.text += text
        self.counts.append(tokens)
        return "enough" if self.most is not None and tokens >= self.most else None

    def restart(self) -> None:
        self.text, self.counts = "", list[int]()
        self.restarts += 1


def watched(*answers: Answer | None, watch: Recorder, **options: Any) -> tuple[Completion, Unreliable]:
    """Ask once, with a watch, of a server that gives these answers in turn."""

    async def work(endpoint: Unreliable) -> tuple[Completion, Unreliable]:
        given = {"kind": "server", "model": "m", "endpoints": (endpoint.url,), "retries": 2} | options
        engine = await open_engine(EngineOptions.model_validate(given))
        try:
            message = Message(role="user", content="hello")
            return await engine.complete(Request([message], SamplingOptions(), 1, watch)), endpoint
        finally:
            await engine.close()

    result: tuple[Completion, Unreliable] = on_servers(work, in_turn(*answers))
    return result


@pytest.mark.parametrize(
    ("deltas", "text", "seen"),
    [
        (("2+2", "=4"), "2+2=4", "2+2=4"),
        (
            ({"reasoning_content": "2"}, {"reasoning_content": "+2"}, "4", "!"),
            "<think>2+2</think>4!",
            "<think>2+2</think>4!",
        ),
        (({"reasoning": "2+2"}, "4"), "<think>2+2</think>4", "<think>2+2</think>4"),
        (({"reasoning": "2+"},), "<think>2+", "<think>2+"),
        (("<think>2", "</think>4"), "<think>2</think>4", "<think>2</think>4"),
        (("2", "</think>4"), "<think>2</think>4", "2</think>4"),
        (("a\u2028b", "\x85\n"), "a\u2028b\x85\n", "a\u2028b\x85\n"),
        ((), "", ""),
    ],
)
def test_the_watch_sees_what_the_answer_says(deltas: tuple[Any, ...], text: str, seen: str) -> None:
    watch = Recorder()
    made, endpoint = watched(stream(*deltas), watch=watch)
    assert made == Completion(text, "stop", 3, len(deltas))
    assert (watch.text, watch.counts[-1], watch.restarts) == (seen, len(deltas), 0)
    assert endpoint.requests[0]["stream"] is True
    assert endpoint.requests[0]["stream_options"] == {"include_usage": True}


def test_the_watch_is_shown_a_few_dozen_tokens_at_once() -> None:
    watch = Recorder()
    watched(stream(*["word "] * 100, finish="length"), watch=watch)
    assert watch.counts == [STREAM_CHUNKS, 2 * STREAM_CHUNKS, 3 * STREAM_CHUNKS, 100]


def test_the_watch_ends_the_stream() -> None:
    watch = Recorder(most=50)
    made, endpoint = watched(stream({"reasoning": "so "}, *[{"reasoning": "on "}] * 300), watch=watch)
    assert made == Completion(watch.text, "stopped", None, 2 * STREAM_CHUNKS)
    assert made.text == "<think>so " + "on " * (2 * STREAM_CHUNKS - 1)
    assert len(endpoint.requests) == 1


def test_ending_the_stream_closes_the_connection() -> None:
    """The server must hear of it: its tokens would be paid for otherwise."""
    closed = asyncio.Event()

    class Endless(Unreliable):
        async def _respond(self, writer: asyncio.StreamWriter, answer: Answer | None) -> None:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
            event = stream("on ", finish=None, end=b"")[2]
            try:
                while True:
                    writer.write(event)
                    await writer.drain()
                    await asyncio.sleep(0)
            except ConnectionError:
                closed.set()

    async def work() -> Completion:
        async with Endless(lambda request: None) as endpoint:
            options = EngineOptions(kind="server", model="m", endpoints=(endpoint.url,))
            engine = await open_engine(options)
            message = Message(role="user", content="hello")
            made = await engine.complete(Request([message], SamplingOptions(), 1, Recorder(most=50)))
            await asyncio.wait_for(closed.wait(), 20)
            await engine.close()
            return made

    assert asyncio.run(work()).finish == "stopped"


def cut(answer: Answer, share: float) -> Answer:
    """The first part of an answer, under the length of the whole."""
    status, headers, body = answer
    return status, headers | {"Content-Length": str(len(body))}, body[: int(len(body) * share)]


@pytest.mark.parametrize(
    "failure",
    [
        refusal(429),
        refusal(503),
        cut(FINE, 0.1),
        cut(FINE, 0.6),
        cut(FINE, 0.8),
        stream("fi", finish=None, end=b""),
        stream("fi", finish=None),
        stream("fi", finish=None, end=b'{"choices": [{"del'),
        stream("fi", finish=None, end=b'{"error": {"message": "out of memory", "code": 500}}'),
        stream("fi", finish=None, end=b'{"choices": [{"delta": {"content": 7}}]}'),
        stream("fi", finish=None, end=b"\xff\xfe"),
        (200, {"Content-Encoding": "gzip"}, b"no gzip"),
        (200, {}, b'{"choices": [{"message": {"content": "whole"}}]}'),
        (200, {}, b""),
    ],
)
def test_a_broken_stream_is_asked_for_again_and_watched_anew(failure: Answer) -> None:
    watch = Recorder()
    made, endpoint = watched(failure, failure, FINE, watch=watch)
    assert made == Completion("fine", "stop", 3, 2)
    assert (watch.text, watch.restarts, len(endpoint.requests)) == ("fine", 2, 3)


def test_a_stream_that_falls_silent_is_given_up() -> None:
    silent = cut(FINE, 0.5)

    class Silent(Unreliable):
        async def _respond(self, writer: asyncio.StreamWriter, answer: Answer | None) -> None:
            await super()._respond(writer, answer)
            if answer is silent:
                await asyncio.sleep(30)

    async def work() -> Completion:
        async with Silent(in_turn(silent, FINE)) as endpoint:
            options = EngineOptions(kind="server", model="m", endpoints=(endpoint.url,), timeout_s=1.0)
            engine = await open_engine(options)
            message = Message(role="user", content="hello")
            made = await engine.complete(Request([message], SamplingOptions(), 1, Recorder()))
            await engine.close()
            return made

    assert asyncio.run(asyncio.wait_for(work(), 25)).text == "fine"


def test_a_malformed_event_is_quoted_when_tries_run_out() -> None:
    broken = stream("fi", finish=None, end=b'{"error": {"message": "out of memory"}}')
    with pytest.raises(EngineError, match=r"gave up after 3 tries; the last: .* answered 500: out of memory"):
        watched(broken, broken, broken, watch=Recorder())
