"""Endpoints that fail in every way they do, through the whole sampler: all is accounted for, nothing lost or doubled.

The suite asks a few hundred times; `pytest -m slow tests/curate/sampling/test_faults.py` asks 10,000 times.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from curate.checking.executors.local import LocalExecutor
from curate.engines import retries
from curate.engines.errors import TransientError
from curate.engines.server import ServerEngine
from curate.sampling.budget import Counts
from curate.sampling.sampler import Sampler, derive_seed
from curate.sampling.stopping import StoppingRule
from curate.sampling.watchdog import WatchdogOptions
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.parquet import scan_parts
from curate.store.verdict_index import index_verdicts
from filters.engine import Completion, EngineOptions, Request, SamplingOptions
from filters.types import Prompt
from tests.curate.checking.test_local_executor import spec
from tests.curate.engines.unreliable import Answer, Unreliable, chat, on_servers, refusal, stream

SAMPLES, SAMPLING = 4, SamplingOptions(seed=3)
LONG = "x" * 5000
TOO_LONG = "This prompt has 5000 tokens, more than the model takes."


class Faulty:
    """Every third try fails, each time in another way; the answer repeats what was asked, seed included."""

    def __init__(self) -> None:
        self.tries: Counter[int] = Counter()
        self.answered: Counter[int] = Counter()
        self.failed: Counter[str] = Counter()

    def __call__(self, request: dict[str, Any]) -> Answer | None:
        asked, seed = request["messages"][-1]["content"], request["seed"]
        if asked == LONG:
            self.failed["too long"] += 1
            return refusal(400, TOO_LONG)
        self.tries[seed] += 1
        rng = random.Random(f"{seed} {self.tries[seed]}")
        if rng.random() < 1 / 3:
            return self.fault(rng, request)
        self.answered[seed] += 1
        return answer(request, f"{asked}: {seed}")

    def fault(self, rng: random.Random, request: dict[str, Any]) -> Answer | None:
        status, headers, body = answer(request, "never to be kept")
        whole = headers | {"Content-Length": str(len(body))}
        faults: dict[str, Answer | None] = {
            "429": refusal(429, "slow down", **{"Retry-After": "0.02"}),
            "500": refusal(500),
            "503": refusal(503),
            "HTML": (502, {"Content-Type": "text/html"}, b"<html>bad gateway</html>"),
            "cut": (status, whole, body[: rng.randrange(len(body))]),
            "malformed": (status, headers, body[: len(body) // 2] + b"}\n\n"),
            "not JSON": (200, {"Content-Type": "text/plain"}, b"all is well"),
            "empty": (200, {}, b""),
        }
        # Silence is dear: each costs the time limit.
        kind = "silence" if rng.random() < 0.02 else rng.choice(list(faults))
        self.failed[kind] += 1
        return faults.get(kind)


class Client:
    """What the engine's tries came to, by the seed of their request."""

    def __init__(self, engine: ServerEngine) -> None:
        self.taken: Counter[int | None] = Counter()
        self.late: Counter[int | None] = Counter()
        self._try = engine._try_once

    async def tried(self, request: Request) -> Completion:
        try:
            made = await self._try(request)
        except TransientError as error:
            self.late[request.seed] += "no response" in str(error)
            raise
        self.taken[request.seed] += 1
        return made

    def check(self, faulty: Faulty) -> None:
        """What was taken is never asked for again, and an answer is only given twice where one came too late."""
        assert set(self.taken.values()) == {1}
        for seed, times in faulty.answered.items():
            assert times <= 1 + self.late[seed], (
                f"{seed}: {times} answers, {self.late[seed]} of them too late"
            )


def answer(request: dict[str, Any], text: str) -> Answer:
    """The text, in the form that was asked for."""
    return stream(*text) if request.get("stream") else chat(text)


def sampled(
    run: Run, prompts: list[Prompt], faulty: Faulty, streamed: bool, monkeypatch: pytest.MonkeyPatch
) -> Counts:
    """Sample from two endpoints that share their faults."""

    async def work(*endpoints: Unreliable) -> Counts:
        options = EngineOptions(
            kind="server", model="m", endpoints=tuple(e.url for e in endpoints), timeout_s=3.0, retries=20
        )
        engine, checks = ServerEngine(options), [spec("Moody")]
        client = Client(engine)
        monkeypatch.setattr(engine, "_try_once", client.tried)
        # What never stops anything still makes every request a watched one.
        watchdog = WatchdogOptions(chain_tokens=10**9 if streamed else None)
        rule = StoppingRule(samples=SAMPLES)
        with SampleWriter(run, "t", checks) as writer, LocalExecutor(checks, 1) as pool:
            sampler = Sampler(engine, SAMPLING, rule, writer, pool, {}, watchdog=watchdog)
            counts = await sampler.run(prompts)
        await engine.close()
        client.check(faulty)
        asked = [len(endpoint.requests) for endpoint in endpoints]
        assert min(asked) > 0.3 * sum(asked), "both endpoints work"
        return counts

    counts: Counts = on_servers(work, faulty, faulty, limit_s=1500)
    return counts


def check(folder: Path, requests: int, streamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    prompts = [Prompt.make(f"Question {number}", "1") for number in range(requests // SAMPLES - 1)]
    bad = Prompt.make(LONG, "1")
    prompts.insert(len(prompts) // 2, bad)
    run, faulty = Run(folder), Faulty()
    counts = sampled(run, prompts, faulty, streamed, monkeypatch)
    assert (counts.whole, counts.accepted) == (requests - SAMPLES, requests - SAMPLES)
    assert (counts.partial, counts.prompts) == ({"failed": SAMPLES}, len(prompts))
    assert set(faulty.failed) >= {
        "429",
        "500",
        "503",
        "HTML",
        "cut",
        "malformed",
        "not JSON",
        "empty",
        "silence",
    }

    failed = scan_parts(run.samples("t"), "partial").collect()
    assert sorted(zip(failed["prompt_id"], failed["index"], strict=True)) == [
        (bad.id, i) for i in range(SAMPLES)
    ]
    assert all(TOO_LONG in error for error in failed["error"])

    wanted = {
        (p.id, i): f"{p.text}: {derive_seed(SAMPLING, p, i)}"
        for p in prompts
        if p is not bad
        for i in range(SAMPLES)
    }
    kept = scan_parts(run.samples("t")).collect()
    made = {(row["prompt_id"], row["index"]): row["response"] for row in kept.iter_rows(named=True)}
    assert kept.height == len(made)
    assert made == wanted
    known = index_verdicts(run, "t", ["moody"])
    assert sum(len(verdicts) for verdicts in known.values()) == requests - SAMPLES


@pytest.mark.parametrize("streamed", [False, True])
def test_faulty_endpoints_lose_and_double_nothing(
    tmp_path: Path, streamed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.002)
    check(tmp_path, 320, streamed, monkeypatch)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("streamed", [False, True])
def test_ten_thousand_requests(tmp_path: Path, streamed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_S", 0.002)
    check(tmp_path, 10_000, streamed, monkeypatch)
