"""A judge's model is asked once about each text of a prompt, whatever parts, batches, commands and kills lie between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.checking import engine_checks
from curate.checking.run_checks import run_checks
from curate.engines import scripted
from curate.engines.remembering import RecentAnswers, RememberingEngine
from curate.engines.scripted import Response, ScriptedEngine
from curate.readers import import_parts
from curate.readers.import_samples import import_rows
from curate.readers.row import Row
from curate.reporting.verdict_table import count_checks
from curate.store.answer_journal import Usage, read_usage
from curate.store.layout import Run, list_parts
from filters.engine import EngineError, Request, SamplingOptions
from filters.spec import CheckSpec, make_spec
from filters.types import Message


def judge(folder: Path, *texts: str, **options: Any) -> CheckSpec:
    script = folder / "script.jsonl"
    script.write_text(json.dumps({"prompt": "*", "responses": [{"text": text} for text in texts]}), "utf-8")
    return make_spec(
        {"check": "judge", "options": {"engine": {"kind": "scripted", "model": str(script)}, **options}}
    )


def import_texts(run: Run, texts: list[int], monkeypatch: pytest.MonkeyPatch, per_part: int = 2) -> None:
    monkeypatch.setattr(import_parts, "ROWS_PER_PART", per_part)
    rows = [
        {
            "prompt": f"q{n % 2}",
            "answer": "r",
            "response": f"<think>{at}</think>\\boxed{{{n}}}",
            "id": str(at),
        }
        for at, n in enumerate(texts)
    ]
    import_rows(run, "t", [Row(f"row {at}", row) for at, row in enumerate(rows)], (), True)


def counting(patch: pytest.MonkeyPatch, killed_at: int | None) -> list[Request]:
    """The requests that were answered; the one after `killed_at` of them kills."""
    patch.setattr(engine_checks, "needs_calibration", lambda check: False)
    answered: list[Request] = []
    answer: Callable[..., Response] = scripted._Script.__call__

    def count(self: Any, request: Request) -> Response:
        if len(answered) == killed_at:
            raise KeyboardInterrupt
        answered.append(request)
        return answer(self, request)

    patch.setattr(scripted._Script, "__call__", count)
    return answered


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=9),
    st.lists(st.integers(0, 4), max_size=2),
    st.integers(1, 3),
)
def test_every_distinct_text_is_paid_for_once_through_kills(
    tmp_path_factory: pytest.TempPathFactory, texts: list[int], kills: list[int], votes: int
) -> None:
    folder = tmp_path_factory.mktemp("once")
    run, spec, paid = Run(folder / "run"), judge(folder, "So.\nVERDICT: CORRECT", votes=votes), 0
    with pytest.MonkeyPatch.context() as patch:
        import_texts(run, texts, patch)
        for killed_at in [*kills, None]:
            with pytest.MonkeyPatch.context() as inner:
                answered = counting(inner, killed_at)
                try:
                    run_checks(run, "t", [spec], workers=1)
                except KeyboardInterrupt:
                    assert killed_at is not None
                paid += len(answered)
    usage = read_usage(run, "t", "judge")
    # An answer that a kill overtook on its way was never here; those that were are all kept.
    assert usage is not None and usage.requests == len(set(texts)) * votes <= paid
    if not kills:
        assert paid == usage.requests
    assert usage.completion_tokens == 3 * usage.requests and usage.prompt_tokens > 100 * usage.requests
    (counted,) = count_checks(run, "t", ["judge"])
    assert (counted.true, counted.usage) == (len(texts), usage)


def test_parts_that_come_later_pay_for_new_texts_alone_and_undecided_ones_are_asked_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, spec = Run(tmp_path / "run"), judge(tmp_path, "So.\nVERDICT: UNSURE")
    import_texts(run, [0, 0, 0, 1], monkeypatch)
    assert len(list_parts(run.samples("t"))) == 2
    for retry, expected in ((False, 2), (False, 2), (True, 4), (True, 6)):
        with pytest.MonkeyPatch.context() as patch:
            counting(patch, None)
            run_checks(run, "t", [spec], workers=1, retry=retry)
        usage = read_usage(run, "t", "judge")
        assert usage is not None and usage.requests == expected
    assert str(Usage(2, 1500, 6, 1)) == "2 requests, 1,500 tokens read, 6 written (1 uncounted)"


def request(text: str, seed: int = 0) -> Request:
    return Request([Message(role="user", content=text)], SamplingOptions(), seed)


def test_equal_requests_at_once_are_one_and_a_failure_is_nobodys_answer() -> None:
    tries: list[str] = []

    def answer(asked: Request) -> Response:
        tries.append(asked.messages[0]["content"])
        return Response(error="gone", delay_s=0.01) if len(tries) == 1 else Response(text="x", delay_s=0.01)

    async def work() -> list[Any]:
        engine = RememberingEngine(ScriptedEngine(answer), RecentAnswers())
        asked = [request("a"), request("a"), request("a"), request("b"), request("a", 1)]
        return await asyncio.gather(*map(engine.complete, asked), return_exceptions=True)

    first, *others = asyncio.run(work())
    assert isinstance(first, EngineError) and [made.text for made in others] == ["x"] * 4
    assert sorted(tries) == ["a", "a", "a", "b"]


def test_the_answers_that_were_not_asked_for_longest_are_forgotten() -> None:
    recent, engine = RecentAnswers(most=110), ScriptedEngine(lambda asked: Response(text="x" * 20))
    remembering = RememberingEngine(engine, recent)

    async def work(*texts: str) -> int:
        before = engine.requests
        for text in texts:
            await remembering.complete(request(text))
        return engine.requests - before

    assert [asyncio.run(work(*texts)) for texts in ("a", "ba", "c", "ab")] == [1, 1, 1, 1]
