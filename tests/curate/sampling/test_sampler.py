"""The sampler keeps every sample, makes none twice, and lets no fault of one request stop the others."""

import asyncio
import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.checking.executors.local import LocalExecutor
from curate.checking.run_checks import refresh_verdicts
from curate.engines.restarting import RestartingEngine
from curate.engines.scripted import Response, ScriptedEngine
from curate.sampling.budget import Budget, Counts, Share
from curate.sampling.ledger import require_enough
from curate.sampling.sampler import Sampler, derive_seed, make_sample_id
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.stages.generate import GenerateOptions, generate_samples
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.parquet import scan_parts
from curate.store.verdict_index import index_verdicts
from filters.engine import Engine, Loops, Request, SamplingOptions
from filters.errors import UserError, WorkUndone
from filters.spec import CheckSpec
from filters.types import Prompt
from tests.curate.checking.test_local_executor import spec

PROMPTS = [Prompt.make(f"Question {number}", str(number)) for number in range(10)]
SAMPLING = SamplingOptions(seed=5)


def echo(request: Request) -> Response:
    return Response(text=f"{request.messages[-1]['content']} {request.seed}", tokens=3)


def sample(
    run: Run,
    engine: Engine,
    rule: StoppingRule | int = 4,
    specs: Sequence[CheckSpec] = (),
    budget: Budget | None = None,
    watchdog: WatchdogOptions | None = None,
    sampling: SamplingOptions = SAMPLING,
    prompts: Sequence[Prompt] = PROMPTS,
    executor: Any = None,
    retry_refused: bool = False,
) -> Counts:
    rule = StoppingRule(samples=rule) if isinstance(rule, int) else rule

    async def go() -> Counts:
        with SampleWriter(run, "t", specs) as writer, LocalExecutor(specs, 1) as pool:
            refresh_verdicts(run, "t", specs, 1)
            known = index_verdicts(run, "t", pool.labels, retry_refused)
            judge = executor or pool
            share = Share.of(budget or Budget())
            return await Sampler(engine, sampling, rule, writer, judge, known, share, watchdog).run(prompts)

    return asyncio.run(go())


def rows(run: Run) -> list[dict]:
    return scan_parts(run.samples("t")).sort("prompt_id", "index").collect().to_dicts()


def test_every_sample_has_its_own_seed_and_key(tmp_path: Path):
    run = Run(tmp_path)
    counts = sample(run, ScriptedEngine(echo))
    made = rows(run)
    assert (counts.whole, counts.partial, counts.tokens, counts.prompts) == (40, {}, 120, 10)
    assert len({row["sample_id"] for row in made}) == len({row["seed"] for row in made}) == 40
    for prompt in PROMPTS:
        mine = [row for row in made if row["prompt_id"] == prompt.id]
        assert [row["seed"] for row in mine] == [derive_seed(SAMPLING, prompt, index) for index in range(4)]
        assert mine[2]["sample_id"] == make_sample_id(prompt, "scripted", SAMPLING, 2)
        assert mine[2]["response"] == f"{prompt.text} {mine[2]['seed']}"


def test_asking_for_more_makes_only_what_is_missing(tmp_path: Path):
    run, engine = Run(tmp_path), ScriptedEngine(echo)
    sample(run, engine, 3)
    before = {row["sample_id"]: row["response"] for row in rows(run)}
    counts = sample(run, engine, 5)
    assert (counts.whole, engine.requests) == (20, 50)
    after = {row["sample_id"]: row["response"] for row in rows(run)}
    assert len(after) == 50
    assert before.items() <= after.items()
    assert sample(run, engine, 5).whole == 0


def test_no_more_requests_are_in_flight_than_the_engine_wants(tmp_path: Path):
    flying, most = 0, 0

    class Counting(ScriptedEngine):
        async def complete(self, request):
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            try:
                return await super().complete(request)
            finally:
                flying -= 1

    engine = Counting(lambda request: Response(text="x", delay_s=0.005), concurrency=7)
    sample(Run(tmp_path), engine)
    assert most == 7


def test_failed_requests_are_kept_apart_and_made_again_by_a_rerun(tmp_path: Path):
    run = Run(tmp_path)
    faulty = ScriptedEngine(lambda r: Response(error="overloaded") if r.seed % 3 == 0 else echo(r))
    counts = sample(run, faulty)
    assert counts.whole + counts.partial["failed"] == 40
    failed = scan_parts(run.samples("t"), "partial").collect()
    assert failed.height == counts.partial["failed"]
    assert set(failed["error"]) == {"overloaded"}
    assert sample(run, ScriptedEngine(echo)).whole == counts.partial["failed"]
    assert len(rows(run)) == 40


def test_a_run_where_everything_fails_stops_and_says_why(tmp_path: Path):
    engine = ScriptedEngine(lambda request: Response(error="no such model"))
    with pytest.raises(UserError, match="32 requests in a row failed, the last with: no such model"):
        sample(Run(tmp_path), engine)


def test_an_engine_that_dies_is_opened_again_and_its_requests_given_again(tmp_path: Path):
    born = []

    def mortal() -> ScriptedEngine:
        """Dies with its eighth request, while others wait."""
        engine = ScriptedEngine(answer, concurrency=4)
        born.append(engine)
        return engine

    def answer(request: Request) -> Response:
        dies = born[-1].requests == 8 and len(born) < 4
        return Response(
            text=echo(request).text, delay_s=0.002, dies=dies, error="out of memory" if dies else None
        )

    async def opened() -> ScriptedEngine:
        return mortal()

    run = Run(tmp_path)
    counts = sample(run, asyncio.run(RestartingEngine.open(opened)))
    assert len(born) == 4
    assert (counts.whole, counts.partial) == (40, {})
    assert len({row["sample_id"] for row in rows(run)}) == 40


def test_an_engine_that_keeps_dying_ends_the_run_in_words(tmp_path: Path):
    async def opened() -> ScriptedEngine:
        return ScriptedEngine(lambda request: Response(dies=True, error="out of memory"))

    with pytest.raises(UserError, match=r"The engine ended \d+ times in a row, the last with: out of memory"):
        sample(Run(tmp_path), asyncio.run(RestartingEngine.open(opened)))


def test_verdicts_are_given_while_sampling_and_a_crash_costs_one(tmp_path: Path):
    run = Run(tmp_path)
    words = ("ok", "bad", "die", "unsure")
    engine = ScriptedEngine(lambda request: Response(text=words[request.seed % 4]))
    sample(run, engine, specs=[spec("Moody")])
    verdicts = scan_parts(run.verdicts("t") / "moody").collect()
    said = {row["sample_id"]: (row["ok"], row["reason"].partition(":")[0]) for row in verdicts.to_dicts()}
    expected = {
        "ok": (True, "fine"),
        "bad": (False, "bad"),
        "die": (None, "crashed"),
        "unsure": (None, "unsure"),
    }
    assert len(said) == 40
    for row in rows(run):
        assert said[row["sample_id"]] == expected[row["response"]]


def test_a_bug_in_the_engine_is_raised_and_what_was_synced_is_kept(tmp_path: Path):
    def broken(request: Request) -> Response:
        if engine.requests > 30:
            raise ZeroDivisionError
        return echo(request)

    run, engine = Run(tmp_path), ScriptedEngine(broken, concurrency=1)
    with pytest.raises(ZeroDivisionError):
        sample(run, engine)
    assert len(rows(run)) == 30
    sample(run, ScriptedEngine(echo))
    assert len(rows(run)) == 40


def test_a_prompt_stops_at_enough_accepted_and_a_rerun_makes_nothing(tmp_path: Path):
    run, rule = Run(tmp_path), StoppingRule(samples=16, accept=2)
    engine = ScriptedEngine(lambda request: Response(text="ok" if request.seed % 2 else "bad"))
    counts = sample(run, engine, rule, [spec("Moody")])
    made = rows(run)
    for prompt in PROMPTS:
        seeds = [row["seed"] for row in made if row["prompt_id"] == prompt.id]
        assert sum(seed % 2 for seed in seeds) >= 2
    assert counts.accepted < 40
    assert counts.whole < 80
    assert sample(run, engine, rule, [spec("Moody")]).whole == 0
    more = sample(run, engine, StoppingRule(samples=16, accept=4), [spec("Moody")])
    assert 0 < more.whole <= 80


def test_siblings_that_are_not_needed_are_cancelled_and_kept_apart(tmp_path: Path):
    def slow_after_the_first_wave(request: Request) -> Response:
        index = indices[request.seed]
        return Response(text="ok" if index in (2, 3) else "bad", delay_s=30.0 if index in (4, 5) else 0.0)

    indices = {derive_seed(SAMPLING, prompt, index): index for prompt in PROMPTS for index in range(16)}
    run, engine = Run(tmp_path), ScriptedEngine(slow_after_the_first_wave)
    counts = sample(run, engine, StoppingRule(samples=16, accept=2), [spec("Moody")])
    assert counts.partial["cancelled"] == engine.aborted == 20
    assert counts.whole == 40
    cancelled = scan_parts(run.samples("t"), "partial").collect()
    assert set(cancelled["status"]) == {"cancelled"}
    assert sorted(set(cancelled["index"])) == [4, 5]


@given(
    st.integers(1, 60),
    st.sampled_from([None, 2]),
    st.integers(1, 8),
    st.lists(st.integers(1, 9), min_size=1, max_size=9),
)
@settings(deadline=None, max_examples=12)
def test_a_budget_is_never_overshot(limit: int, accept: int | None, concurrency: int, tokens: list[int]):
    """Neither by what is in flight nor by what is being verified, and what is left is made by the next call."""

    def answer(request: Request) -> Response:
        assert request.seed is not None
        count = tokens[request.seed % len(tokens)]
        return Response(text="ok" if request.seed % 3 else "bad", tokens=count, delay_s=count / 9000)

    rule, few = StoppingRule(samples=4, accept=accept), SamplingOptions(seed=5, max_tokens=9)
    for budget, cost in ((Budget(samples=limit), "samples"), (Budget(tokens=limit + 8), "tokens")):
        with TemporaryDirectory() as folder:
            run, engine = Run(Path(folder)), ScriptedEngine(answer, concurrency=concurrency)
            counts = sample(run, engine, rule, [spec("Moody")], budget, sampling=few)
            made = counts.whole + counts.partial.get("cancelled", 0)
            assert (made if cost == "samples" else counts.tokens) <= (
                limit if cost == "samples" else limit + 8
            )
            again = sample(
                run, ScriptedEngine(answer, concurrency=concurrency), rule, [spec("Moody")], sampling=few
            )
            assert again.spent == ""
            assert_complete(run, rule, few)


def test_a_budget_of_minutes_aborts_what_is_in_flight(tmp_path: Path):
    started = time.monotonic()
    engine = ScriptedEngine(lambda request: Response(text="ok", delay_s=0.0 if request.seed % 2 else 60.0))
    counts = sample(Run(tmp_path), engine, budget=Budget(minutes=1 / 60))
    assert time.monotonic() - started < 20
    assert counts.spent == "minutes"
    assert 0 < counts.whole == len(rows(Run(tmp_path))) < 40
    assert sample(Run(tmp_path), ScriptedEngine(echo)).whole == 40 - counts.whole


def test_a_budget_too_small_for_one_sample_is_refused():
    with pytest.raises(UserError, match="A budget of 99 tokens is less than the longest sample may take"):
        require_enough(Budget(tokens=99), 100)
    require_enough(Budget(tokens=100), 100)
    require_enough(Budget(samples=1), 100)


def assert_complete(run: Run, rule: StoppingRule, sampling: SamplingOptions = SAMPLING) -> None:
    """Every prompt has what the rule asks for, each index once."""
    known = index_verdicts(run, "t", ["moody"])
    for prompt in PROMPTS:
        assert PromptProgress(rule, known.get(prompt.id, {})).next_wave() == []
    made = rows(run)
    assert len({row["sample_id"] for row in made}) == len(made)
    for row in made:
        assert row["seed"] == derive_seed(sampling, prompt_of(row["prompt_id"]), row["index"])


def prompt_of(key: str) -> Prompt:
    return next(prompt for prompt in PROMPTS if prompt.id == key)


@given(
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(1, 8),
    st.lists(st.integers(0, 4), min_size=1, max_size=12),
    st.lists(st.sampled_from(["ok", "ok", "bad", "unsure"]), min_size=1, max_size=12),
)
@settings(deadline=None, max_examples=20)
def test_no_place_in_the_engine_is_lost_whatever_is_cancelled(
    concurrency: int, accept: int, most: int, delays: list[int], words: list[str]
):
    """Siblings are cancelled before, in and after their first step; each prompt gets what it wants all the same."""

    def answer(request: Request) -> Response:
        assert request.seed is not None
        return Response(
            text=words[request.seed % len(words)], delay_s=delays[request.seed % len(delays)] / 4000
        )

    with TemporaryDirectory() as folder:
        run, rule = Run(Path(folder)), StoppingRule(samples=most, accept=accept)
        sample(run, ScriptedEngine(answer, concurrency=concurrency), rule, [spec("Moody")])
        assert_complete(run, rule)


def test_a_run_ends_when_its_engine_stops_answering_and_keeps_what_was_paid_for(tmp_path: Path):
    """After successes as well as before them; what awaits its verdict then is written."""
    verdicts = slow_executor()

    def answer(request: Request) -> Response:
        return echo(request) if engine.requests <= 70 else Response(error="connection refused")

    prompts = [Prompt.make(f"Question {number}", str(number)) for number in range(200)]
    run, engine = Run(tmp_path), ScriptedEngine(answer, concurrency=8)
    with pytest.raises(WorkUndone, match="32 requests in a row failed, the last with: connection refused"):
        sample(run, engine, 4, prompts=prompts, executor=verdicts)
    assert len(rows(run)) == 70, "paid for, though most were not verified yet"
    assert engine.requests < 70 + 32 + 8 + 1
    engine = ScriptedEngine(echo)
    assert sample(run, engine, 4, prompts=prompts).whole == 730
    assert len({row["sample_id"] for row in rows(run)}) == 800


def slow_executor() -> Any:
    """An executor whose verdicts never come."""

    class Never:
        labels, workers = ("moody",), 1

        def submit(self, batch: object, labels: object = None) -> Future[Any]:
            return Future()

        def close(self) -> None:
            pass

    return Never()


def refuse_some(request: Request) -> Response:
    return (
        Response(refused="the prompt is too long")
        if "3" in request.messages[-1]["content"]
        else echo(request)
    )


def test_what_was_refused_for_good_is_done(tmp_path: Path):
    run, engine = Run(tmp_path), ScriptedEngine(refuse_some)
    counts = sample(run, engine)
    assert (counts.whole, counts.partial, counts.refused) == (36, {"failed": 4}, 4)
    failed = scan_parts(run.samples("t"), "partial").collect()
    assert (set(failed["status"]), set(failed["finish"])) == ({"failed"}, {"refused"})
    assert set(failed["error"]) == {"the prompt is too long"}
    assert sample(run, engine).whole == 0
    assert engine.requests == 40, "not sent again unasked"
    sample(run, engine, retry_refused=True)
    assert engine.requests == 44


def test_refused_prompts_stop_no_run_that_has_answers(tmp_path: Path):
    prompts = [Prompt.make(f"Question {'3' * (number % 9 > 0)} {number}") for number in range(100)]
    counts = sample(Run(tmp_path), ScriptedEngine(refuse_some, concurrency=2), 2, prompts=prompts)
    assert counts.refused > 100
    assert counts.whole > 10


def test_a_run_whose_first_prompts_are_all_refused_says_so(tmp_path: Path):
    prompts = [Prompt.make(f"Question 3 {number}") for number in range(100)]
    engine = ScriptedEngine(refuse_some, concurrency=2)
    with pytest.raises(
        WorkUndone, match="The first 32 prompts were all refused, the last with: the prompt is too"
    ):
        sample(Run(tmp_path), engine, 2, prompts=prompts)
    assert engine.requests < 70


def prose(sentences: int) -> str:
    """Sentences of words drawn at random: nothing in them repeats."""
    rng, words = random.Random(3), [f"{a}{b}{c}" for a in "bdgkl" for b in "aeiou" for c in "nrstm"]
    return " ".join(" ".join(rng.sample(words, 9)).capitalize() + "." for _ in range(sentences))


GOOD = f"<think>\n{prose(40)}\n</think>\nok"
LOOP = "<think>\n" + "Let me check that again, from the start. " * 200 + "\n</think>\nok"
ENDLESS = f"<think>\n{prose(400)}"


def test_the_watchdog_stops_what_can_no_longer_be_kept(tmp_path: Path):
    texts = (GOOD, LOOP, ENDLESS)
    engine = ScriptedEngine(lambda request: Response(text=texts[request.seed % 3], delay_s=5.0))
    watchdog = WatchdogOptions(check=["repetition"], chain_tokens=1500)
    run = Run(tmp_path)
    counts = sample(run, engine, 3, watchdog=watchdog)
    stopped = scan_parts(run.samples("t"), "partial").collect().to_dicts()
    whole = rows(run)
    assert {row["response"] for row in whole} == {GOOD}
    assert len(whole) + len(stopped) == 30
    assert counts.partial["stopped"] == len(stopped)
    for row in stopped:
        text = texts[row["seed"] % 3]
        assert (row["status"], row["finish"]) == ("stopped", "stopped")
        assert text.startswith(row["response"])
        assert len(row["response"]) < 0.8 * len(text)
        assert row["error"].startswith("repetition: " if text == LOOP else "unclosed: ")
        assert row["tokens"] > 0
    assert sample(run, engine, 3, watchdog=watchdog).whole == 0, "what was stopped is not paid for again"


def test_a_loop_that_the_engine_ended_is_kept_as_stopped_with_its_cost(tmp_path: Path):
    asked = []

    def answer(request: Request) -> Response:
        asked.append(request.loops)
        loops = request.seed % 2 == 0
        return Response(text="again " * 9 if loops else "fine", finish="repetition" if loops else "stop")

    run, engine = Run(tmp_path), ScriptedEngine(answer)
    counts = sample(run, engine, watchdog=WatchdogOptions(loops=64))
    assert set(asked) == {Loops(20, 64)}
    stopped = scan_parts(run.samples("t"), "partial").collect()
    assert counts.whole + counts.partial["stopped"] == counts.whole + stopped.height == 40
    assert set(stopped["error"]) == {"loop: up to 20 tokens, 64 times in a row"}
    assert (set(stopped["finish"]), set(stopped["tokens"])) == ({"repetition"}, {9})
    assert sample(run, engine, watchdog=WatchdogOptions(loops=64)).whole == 0


def test_what_is_refused_again_is_done_again(tmp_path: Path):
    """The exit code of a command that asked once more says that nothing is left to do."""
    script = tmp_path / "script.jsonl"
    script.write_text(
        json.dumps({"prompt": "*", "responses": [{"refused": "too long"}, {"text": "\\boxed{4}"}]}) + "\n"
    )
    (tmp_path / "prompts.jsonl").write_text(
        '{"prompt": "2+2?", "answer": "4"}\n{"prompt": "4?", "answer": "4"}\n'
    )
    options = {
        "run": tmp_path / "run", "prompts": str(tmp_path / "prompts.jsonl"), "samples": 4, "workers": 1,
        "engine": {"kind": "scripted", "model": str(script)},
    }  # fmt: skip
    first = generate_samples(GenerateOptions(**options))
    assert first.counts is not None
    assert first.counts.refused > 0
    assert first.exit_code == 0
    again = generate_samples(GenerateOptions(**options, retry_refused=True))
    assert again.counts is not None
    assert again.counts.refused == first.counts.refused
    assert (again.counts.missing, again.exit_code) == (0, 0)
