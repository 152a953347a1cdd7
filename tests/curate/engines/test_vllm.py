"""vLLM for real, on the machine's own build: one engine, shared by this file's tests."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from curate.engines import vllm
from curate.engines.errors import EngineDied
from curate.engines.identity import identify_engine
from filters.engine import Completion, EngineError, Loops
from tests.curate.engines.models import LENGTH
from tests.curate.engines.running import Running, ask

pytest.importorskip("vllm")


@pytest.fixture(scope="module")
def running(tiny_model: Path) -> Iterator[Running]:
    with Running(tiny_model) as engine:
        yield engine


def test_generates_and_counts(running: Running) -> None:
    made = running.one(ask("hello"))
    assert made.finish == "length"
    assert made.tokens == 24
    # Byte-level: every byte is a token, and so is each of the three special ones.
    assert made.prompt_tokens == len("user\nhello\nassistant\n") + 3
    assert running.engine.identity == identify_engine(running.options)


def test_seeds_reproduce_and_differ(running: Running) -> None:
    first, again, other = running.all(ask("a", 1), ask("a", 1), ask("a", 2))
    assert first == again
    assert first != other


def test_a_prompt_alone_equals_itself_in_a_batch(running: Running) -> None:
    batch = running.all(*(ask(f"question {i % 7} " * (1 + i % 5), i) for i in range(40)))
    assert running.one(ask("question 3 " * 4, 38)) == batch[38]
    assert running.one(ask("question 0 ", 0)) == batch[0]


def test_greedy_needs_no_seed(running: Running) -> None:
    assert running.one(ask("x", None, temperature=0)) == running.one(ask("x", 5, temperature=0))


def test_overlong_prompt_fails_alone(running: Running) -> None:
    long, good = running.all(ask("x" * 2 * LENGTH), ask("x"))
    assert isinstance(long, EngineError)
    assert not isinstance(long, EngineDied)
    assert f"the model takes {LENGTH:,}, answer included" in str(long)
    assert isinstance(good, Completion)


def test_completion_ends_at_the_models_length(running: Running) -> None:
    made = running.one(ask("x" * (LENGTH - 60), max_tokens=4096))
    assert made.finish == "length"
    assert made.prompt_tokens + made.tokens == LENGTH


def test_a_limit_that_the_context_cannot_hold_is_told_once(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes: list[str] = []
    monkeypatch.setattr(vllm.logger, "warning", notes.append)
    running.engine._stepper._told = False
    running.all(*(ask("x" * (LENGTH - 60), seed, max_tokens=4096) for seed in range(3)))
    assert len(notes) == 1
    assert f"max_tokens is 4,096, but prompt and answer together are at most {LENGTH:,}" in notes[0]


def test_an_exact_loop_is_ended_in_the_engine(running: Running) -> None:
    asks = [ask("loop", seed, max_tokens=400) for seed in range(8)]
    free = running.all(*asks)
    ended = running.all(*(replace(one, loops=Loops(1, 2)) for one in asks))
    finishes = set()
    for whole, part in zip(free, ended, strict=True):
        assert isinstance(whole, Completion)
        assert isinstance(part, Completion)
        finishes.add(part.finish)
        assert whole.finish != "repetition"
        assert whole.text.startswith(part.text)
        assert (part.tokens < whole.tokens) == (part.finish == "repetition")
    assert "repetition" in finishes


def test_a_lone_surrogate_fails_alone(running: Running) -> None:
    bad, good = running.all(ask("\ud800"), ask("x"))
    assert isinstance(bad, EngineError)
    assert isinstance(good, Completion)


def test_stop_strings_end_a_completion(running: Running) -> None:
    whole = running.one(ask("stop", 4)).text
    cut = running.one(ask("stop", 4, stop=(whole[5:7],)))
    assert cut.finish == "stop"
    assert cut.text == whole[: whole.index(whole[5:7])]


def test_cancelling_aborts_the_request(running: Running) -> None:
    async def cancel() -> dict[str, object]:
        task = asyncio.create_task(running.engine.complete(ask("x", max_tokens=400)))
        await running.engine.complete(ask("y", max_tokens=4))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await running.engine.complete(ask("y", max_tokens=4))
        return running.engine._stepper._waiting

    assert running.run(cancel()) == {}


def test_holds_an_answer_to_a_form(running: Running) -> None:
    letter, line, free = running.all(
        replace(ask("a", max_tokens=60, temperature=0.0), form="[ABC]"),
        replace(ask("a", max_tokens=60), form=r"[a-z]{1,9}\nVERDICT: (CORRECT|INCORRECT)"),
        ask("a", max_tokens=60),
    )
    assert isinstance(letter, Completion) and letter.text in {"A", "B", "C"} and letter.finish == "stop"
    assert isinstance(line, Completion) and line.finish == "stop"
    assert re.fullmatch(r"[a-z]{1,9}\nVERDICT: (CORRECT|INCORRECT)", line.text)
    assert isinstance(free, Completion) and free.finish == "length"
