"""`r1curate generate` as a whole, sampling, verifying and storing, against a bare `vllm.LLM.generate`.

    python -m tests.benchmarks.bench_overhead recipes/mini/models/teacher recipes/mini/data/train.jsonl
        [--rounds 3] [--limit 300] [--samples 8] [--workers N] [--profile]

The same prompts, seeds and sampling, hence the same tokens. Each side runs in a process of its own, in turns,
three times a process; loading the model is left out on both sides. The medians' ratio counts, by the clock
and by processor seconds (check workers included). `--profile` says where our side's time goes instead.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_engine import CONCURRENCY, ROOT, _environment

REPEATS, TOKENS = 3, 192


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("prompts")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--check", action="append")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--side", choices=["ours", "bare"])
    given = parser.parse_args()
    if given.profile:
        given.side = given.side or "ours"
    if given.side:
        rates = bare(given) if given.side == "bare" else ours(given)
        sys.stdout.write(json.dumps(rates) + "\n")
        return
    found: dict[str, list[list[float]]] = {"bare": [], "ours": []}
    for _ in range(given.rounds):
        for side in found:
            found[side] += in_a_process(side)
    for number, unit in enumerate(["tokens/s", "tokens by CPU second"]):
        median = {
            side: statistics.median(rates[number] for rates in rounds) for side, rounds in found.items()
        }
        ratio = median["ours"] / median["bare"]
        sys.stdout.write(f"{unit}: bare {median['bare']:.0f}, ours {median['ours']:.0f}, ratio {ratio:.3f}\n")
    sys.stdout.write(json.dumps(found) + "\n")


def in_a_process(side: str) -> list[list[float]]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_overhead", *sys.argv[1:], "--side", side]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT, env=_environment())
    rates: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return rates


def computed() -> float:
    """Seconds that this process and its ended children computed."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def chosen(given: argparse.Namespace) -> list[Any]:
    from filters.vocabulary import Prompt

    lines = Path(given.prompts).read_text("utf-8").splitlines()[: given.limit]
    return [Prompt.make(row["prompt"], row["answer"]) for row in map(json.loads, lines)]


class Kept:
    """An engine that is loaded once and outlives the runs that close it."""

    def __init__(self, engine: Any) -> None:
        self.identity, self.concurrency, self.complete = engine.identity, engine.concurrency, engine.complete

    async def close(self) -> None:
        """Stay open."""


def ours(given: argparse.Namespace) -> list[list[float]]:
    from curate import generate
    from curate.checks import spec_of
    from curate.engines import open_engine
    from curate.folder import Run
    from curate.stopping import StoppingRule
    from filters.engine import EngineOptions, SamplingOptions

    options = EngineOptions(model=given.model, concurrency=CONCURRENCY)
    engine = asyncio.run(open_engine(options))

    async def kept(options: EngineOptions) -> Kept:
        return Kept(engine)

    generate.open_engine = kept  # type: ignore[assignment]  # loading is left out
    checks = [spec_of(text) for text in given.check or ["math_answer"]]
    prompts, rates = chosen(given), []
    for _ in range(1 if given.profile else REPEATS):
        with tempfile.TemporaryDirectory() as folder, Watching(given.profile):
            run, started, before = Run(Path(folder)), time.perf_counter(), computed()
            generate.sample(
                run, "teacher", prompts, StoppingRule(samples=given.samples), options,
                SamplingOptions(max_tokens=TOKENS), checks, given.workers,
            )  # fmt: skip
            wall, cpu = time.perf_counter() - started, computed() - before
            rates.append([stored_tokens(run) / wall, stored_tokens(run) / cpu])
    asyncio.run(engine.close())
    return rates


def stored_tokens(run: Any) -> int:
    from curate.tables import scan

    return int(scan(run.samples("teacher")).collect()["tokens"].sum())


class Watching:
    """Where the time of a block goes: processor seconds a thread, and the event loop's own calls."""

    def __init__(self, active: bool) -> None:
        self._active = active
        self._calls = cProfile.Profile()

    def __enter__(self) -> None:
        if self._active:
            self._started, self._before, self._spent = time.perf_counter(), computed(), thread_seconds()
            self._sampling = threading.Event()
            self._seen: dict[str, float] = {}
            self._looker = threading.Thread(target=self._look, name="looker", daemon=True)
            self._looker.start()
            self._calls.enable()

    def _look(self) -> None:
        """Threads that end take their times with them, so they are read while they live."""
        while not self._sampling.wait(0.2):
            self._seen |= thread_seconds()

    def __exit__(self, *_: object) -> None:
        if not self._active:
            return
        self._calls.disable()
        self._sampling.set()
        self._looker.join()
        seen = self._seen | thread_seconds()
        wall, cpu = time.perf_counter() - self._started, computed() - self._before
        sys.stdout.write(f"{wall:.1f} s by the clock, {cpu:.1f} s computed; by thread:\n")
        for name in sorted(seen, key=seen.__getitem__, reverse=True):
            sys.stdout.write(f"    {name}: {seen[name] - self._spent.get(name, 0.0):.2f} s\n")
        pstats.Stats(self._calls).sort_stats("tottime").print_stats(18)


def thread_seconds() -> dict[str, float]:
    """Processor seconds of each thread that Python started, by name."""
    found = {}
    for thread in threading.enumerate():
        path = Path(f"/proc/self/task/{thread.native_id}/stat")
        if path.exists():
            fields = path.read_text().rpartition(")")[2].split()
            found[thread.name] = (int(fields[11]) + int(fields[12])) / 100
    return found


def bare(given: argparse.Namespace) -> list[list[float]]:
    from vllm import LLM, SamplingParams

    from curate.engines.vllm_load import on_cpu
    from curate.sampler import seed_of
    from filters.engine import SamplingOptions

    here: dict[str, Any] = (
        {"enforce_eager": True, "enable_chunked_prefill": False, "dtype": "float32"} if on_cpu() else {}
    )
    llm = LLM(given.model, max_num_seqs=CONCURRENCY, **here)
    tokenizer = llm.get_tokenizer()
    asks: list[Any] = []
    params: list[SamplingParams] = []
    for prompt in chosen(given):
        text = tokenizer.apply_chat_template(prompt.messages, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        asks += [{"prompt_token_ids": ids}] * given.samples
        seeds = [seed_of(SamplingOptions(), prompt, index) for index in range(given.samples)]
        params += [SamplingParams(max_tokens=TOKENS, seed=seed) for seed in seeds]
    return [measured(llm, asks, params) for _ in range(REPEATS)]


def measured(llm: Any, asks: Sequence[Any], params: Sequence[Any]) -> list[float]:
    """Tokens a second, and a processor second, of one call."""
    started, before = time.perf_counter(), computed()
    made = llm.generate(asks, params, use_tqdm=False)
    tokens = sum(len(each.outputs[0].token_ids) for each in made)
    return [tokens / (time.perf_counter() - started), tokens / (computed() - before)]


if __name__ == "__main__":
    main()
