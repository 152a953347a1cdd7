"""The scripted engine: what other tests rely on."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from curate.engines.errors import EngineDied
from curate.engines.factory import open_engine
from curate.engines.identity import identify_engine
from curate.engines.scripted import Response, ScriptedEngine
from filters.engine import Completion, Engine, EngineError, EngineOptions, Request, SamplingOptions
from filters.errors import UserError
from filters.types import Message


def ask(text: str = "hello", seed: int | None = None) -> Request:
    return Request(
        [Message(role="system", content="s s"), Message(role="user", content=text)], SamplingOptions(), seed
    )


def script(path: Path, *lines: Any) -> EngineOptions:
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
    return EngineOptions(kind="scripted", model=str(path))


def answers(options: EngineOptions, *requests: Request) -> list[Any]:
    async def work() -> list[Any]:
        engine: Engine = await open_engine(options)
        made = await asyncio.gather(*map(engine.complete, requests), return_exceptions=True)
        await engine.close()
        return made

    return asyncio.run(work())


def test_answers_by_prompt_and_counts(tmp_path: Path) -> None:
    options = script(
        tmp_path / "s.jsonl",
        {"prompt": "hello", "responses": [{"text": "one two", "finish": "length"}]},
        {"prompt": "*", "responses": [{"text": "any", "tokens": 70}]},
    )
    assert answers(options, ask(), ask("other")) == [
        Completion("one two", "length", 3, 2),
        Completion("any", "stop", 3, 70),
    ]


def test_a_seed_chooses_the_same_response_in_any_order(tmp_path: Path) -> None:
    options = script(tmp_path / "s", {"prompt": "*", "responses": [{"text": str(i)} for i in range(3)]})
    seeds = [5, 0, 4, 2]
    forward = answers(options, *(ask(seed=s) for s in seeds))
    backward = answers(options, *(ask(seed=s) for s in reversed(seeds)))
    assert [a.text for a in forward] == ["2", "0", "1", "2"]
    assert forward == backward[::-1]


def test_without_a_seed_each_prompt_takes_its_turns(tmp_path: Path) -> None:
    options = script(tmp_path / "s", {"prompt": "*", "responses": [{"text": "0"}, {"text": "1"}]})
    assert [a.text for a in answers(options, ask("a"), ask("b"), ask("a"), ask("a"))] == ["0", "0", "1", "0"]


def test_errors_and_deaths_are_scripted(tmp_path: Path) -> None:
    options = script(
        tmp_path / "s",
        {"prompt": "bad", "responses": [{"error": "no"}]},
        {"prompt": "last", "responses": [{"dies": True, "delay_s": 0.01}]},
        {"prompt": "slow", "responses": [{"text": "x", "delay_s": 0.05}]},
        {"prompt": "quick", "responses": [{"text": "x"}]},
    )
    bad, last, slow, quick, unknown = answers(options, *map(ask, ["bad", "last", "slow", "quick", "unknown"]))
    assert (type(bad), str(bad)) == (EngineError, "no")
    assert (type(last), type(slow)) == (EngineDied, EngineDied)
    assert quick.text == "x"
    assert str(unknown) == "the script has no answer for 'unknown'"


def test_a_delayed_answer_can_be_cancelled() -> None:
    async def work() -> tuple[int, float]:
        engine = ScriptedEngine(lambda request: Response(text="x", delay_s=30))
        task = asyncio.create_task(engine.complete(ask()))
        await asyncio.sleep(0)
        task.cancel()
        started = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        return engine.aborted, time.monotonic() - started

    aborted, took = asyncio.run(work())
    assert aborted == 1
    assert took < 15


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", r"line 2: .*[Ii]nvalid JSON"),
        ('{"prompt": "x"}', "line 2: option 'responses' is required"),
        ('{"prompt": "x", "responses": []}', "line 2: option 'responses'"),
        (
            '{"prompt": "x", "responses": [{"txt": ""}]}',
            r"line 2: there is no option 'responses\.1\.txt'",
        ),
    ],
)
def test_a_malformed_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    options = script(tmp_path / "s", {"prompt": "*", "responses": [{}]}, line)
    with pytest.raises(UserError, match=says):
        answers(options)


def test_a_missing_script_is_the_users() -> None:
    with pytest.raises(UserError, match=r"no script file 'none\.jsonl'"):
        identify_engine(EngineOptions(kind="scripted", model="none.jsonl"))


def test_identity_follows_the_scripts_bytes(tmp_path: Path) -> None:
    first = identify_engine(script(tmp_path / "a", {"prompt": "*", "responses": [{"text": "1"}]}))
    same = identify_engine(script(tmp_path / "b", {"prompt": "*", "responses": [{"text": "1"}]}))
    other = identify_engine(script(tmp_path / "c", {"prompt": "*", "responses": [{"text": "2"}]}))
    assert first == same != other
