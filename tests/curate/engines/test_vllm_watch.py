"""A watched completion streams: its watch sees all of it, and can end it inside the engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curate.engines.vllm_loading import STREAM_TOKENS
from filters.engine import Request
from tests.curate.engines.running import Running, ask

pytest.importorskip("vllm")


class Recorder:
    """Keeps what it is shown; ends the completion after `most` tokens."""

    def __init__(self, most: int | None = None) -> None:
        self.pieces: list[str] = []
        self.counts: list[int] = []
        self.most = most

    def __call__(self, text: str, tokens: int) -> str | None:
        self.pieces.append(text)
        self.counts.append(tokens)
        return "enough" if self.most is not None and tokens >= self.most else None

    def restart(self) -> None:
        self.pieces, self.counts = [], []


@pytest.fixture(scope="module")
def running(tiny_model: Path) -> Iterator[Running]:
    with Running(tiny_model) as engine:
        yield engine


def talkative(running: Running) -> Request:
    """A request whose completion is long: a random model ends where it likes."""
    requests = [ask("hello", seed, max_tokens=190) for seed in range(24)]
    made = running.all(*requests)
    return max(zip(requests, made, strict=True), key=lambda pair: pair[1].tokens)[0]


def test_a_watched_completion_is_the_same_and_seen_whole(running: Running) -> None:
    request, watch = talkative(running), Recorder()
    plain = running.one(request)
    assert plain.tokens > 3 * STREAM_TOKENS
    assert running.one(replace(request, watch=watch)) == plain
    assert "".join(watch.pieces) == plain.text
    assert watch.counts[-1] == plain.tokens
    assert 3 <= len(watch.pieces) <= plain.tokens // STREAM_TOKENS + 2


def test_a_watch_ends_a_completion_and_others_go_on(running: Running) -> None:
    request, watch = talkative(running), Recorder(most=60)
    stopped, other = running.all(replace(request, watch=watch), request)
    assert stopped.finish == "stopped"
    assert other.finish != "stopped"
    assert 60 <= stopped.tokens <= 60 + STREAM_TOKENS < other.tokens
    assert stopped.text == "".join(watch.pieces)
    assert other.text.startswith(stopped.text.rstrip("\ufffd"))
    assert running.one(ask("again", 1)).tokens > 0
