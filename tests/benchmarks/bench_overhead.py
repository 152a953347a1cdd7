"""`r1curate generate` as a whole, sampling, verifying and storing, against a bare `vllm.LLM.generate`.

    python -m tests.benchmarks.bench_overhead recipes/mini/models/teacher recipes/mini/data/train.jsonl
        [--pairs 5] [--limit 600] [--samples 8] [--workers N] [--check CHECK] [--profile]

The same prompts, seeds and sampling, hence the same tokens. Each side loads its model once, in a process of its
own, and then they run in turns, a small first turn of each not counted; the median of the pairs' ratios counts, by
the clock and by processor seconds (check workers included). `--profile` says where our side's time goes instead.
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
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.bench_engine import CONCURRENCY, ROOT, _environment

TOKENS = 192
WARM_UP = 20


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("model")
    parser.add_argument("prompts")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--limit", type=int, default=600)
    parser.add_argument("--samples", type=int, default=8)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--check", action="append")
    parser.add_argument("--profile", action="store_true")
    parser.add_argument("--side", choices=["ours", "bare"])
    given = parser.parse_args()
    if given.profile:
        given.side = given.side or "ours"
    if given.side:
        turns = bare(given) if given.side == "bare" else ours(given)
        while given.profile or sys.stdin.readline():
            sys.stdout.write(json.dumps(next(turns)) + "\n")
            sys.stdout.flush()
            if given.profile:
                break
        return
    compare(given.pairs)


def compare(pairs: int) -> None:
    """Let both sides take turns, and print each pair and the medians."""
    sides = {side: started(side) for side in ("bare", "ours")}
    found: list[dict[str, list[float]]] = [
        {side: turn(process) for side, process in sides.items()} for _ in range(pairs + 1)
    ][1:]
    for process in sides.values():
        process.communicate()
    for number, unit in enumerate(["tokens/s", "tokens by CPU second"]):
        for side in sides:
            sys.stdout.write(f"{unit}, {side}: {', '.join(f'{pair[side][number]:.0f}' for pair in found)}\n")
        ratios = sorted(pair["ours"][number] / pair["bare"][number] for pair in found)
        sys.stdout.write(f"{unit}, ratio: median {statistics.median(ratios):.3f} of ")
        sys.stdout.write(", ".join(f"{ratio:.3f}" for ratio in ratios) + "\n")


def started(side: str) -> subprocess.Popen[str]:
    """A side in a process of its own, which takes a turn for each line it is given."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_overhead", *sys.argv[1:], "--side", side]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=_environment(), text=True
    )


def turn(process: subprocess.Popen[str]) -> list[float]:
    """Let a side take one turn; its rates."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    while not (line := process.stdout.readline()).startswith("["):
        assert line, "the side has ended"
    rates: list[float] = json.loads(line)
    return rates


def computed() -> float:
    """Seconds that this process and its ended children computed."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def chosen(given: argparse.Namespace) -> list[Any]:
    from filters.types import Prompt

    lines = Path(given.prompts).read_text("utf-8").splitlines()[: given.limit]
    return [Prompt.make(row["prompt"], row["answer"]) for row in map(json.loads, lines)]


class Kept:
    """An engine that is loaded once and outlives the runs that close it."""

    def __init__(self, engine: Any) -> None:
        self.identity, self.concurrency, self.in_force = engine.identity, engine.concurrency, engine.in_force
        self.complete = engine.complete

    async def close(self) -> None:
        """Stay open."""


def ours(given: argparse.Namespace) -> Iterator[list[float]]:
    """A whole `generate` a turn."""
    from curate.engines.factory import open_engine
    from curate.sampling import run_sampler as generate
    from filters.engine import EngineOptions

    engine = asyncio.run(open_engine(EngineOptions(model=given.model, concurrency=CONCURRENCY)))

    async def kept(options: EngineOptions) -> Kept:
        return Kept(engine)

    generate.open_engine = kept  # type: ignore[assignment]  # loading is left out
    prompts = chosen(given)
    first = generated(given, prompts[:WARM_UP], False)
    if not given.profile:
        yield first
    while True:
        yield generated(given, prompts, given.profile)


def generated(given: argparse.Namespace, prompts: Sequence[Any], watched: bool) -> list[float]:
    """Tokens a second, and a processor second, of one `generate`."""
    from curate.sampling.plan_sampling import plan_sampling
    from curate.sampling.run_sampler import sample_prompts
    from curate.sampling.stopping import StoppingRule
    from curate.store.layout import Run
    from filters.engine import EngineOptions, SamplingOptions
    from filters.spec import make_spec

    checks = [make_spec(text) for text in given.check or ["math_answer"]]
    with tempfile.TemporaryDirectory() as folder, Watching(watched):
        run, began, before = Run(Path(folder)), time.perf_counter(), computed()
        work = plan_sampling(
            run, "teacher", StoppingRule(samples=given.samples),
            EngineOptions(model=given.model, concurrency=CONCURRENCY),
            SamplingOptions(max_tokens=TOKENS), checks, given.workers,
        )  # fmt: skip
        sample_prompts(work, prompts)
        wall, cpu = time.perf_counter() - began, computed() - before
        return [stored_tokens(run) / wall, stored_tokens(run) / cpu]


def stored_tokens(run: Any) -> int:
    from curate.store.parquet import scan_parts

    return int(scan_parts(run.samples("teacher")).collect()["tokens"].sum())


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
        pstats.Stats(self._calls).sort_stats("cumulative").print_stats(45)


def thread_seconds() -> dict[str, float]:
    """Processor seconds of each thread that Python started, by name."""
    found = {}
    for thread in threading.enumerate():
        path = Path(f"/proc/self/task/{thread.native_id}/stat")
        if path.exists():
            fields = path.read_text().rpartition(")")[2].split()
            found[thread.name] = (int(fields[11]) + int(fields[12])) / 100
    return found


def bare(given: argparse.Namespace) -> Iterator[list[float]]:
    """One call of `LLM.generate` a turn."""
    from vllm import LLM, SamplingParams

    from curate.engines.vllm_loading import is_cpu_build
    from curate.sampling.sampler import derive_seed
    from filters.engine import SamplingOptions

    here: dict[str, Any] = (
        {"enforce_eager": True, "enable_chunked_prefill": False, "dtype": "float32"} if is_cpu_build() else {}
    )
    llm = LLM(given.model, max_num_seqs=CONCURRENCY, **here)
    tokenizer = llm.get_tokenizer()
    asks: list[Any] = []
    params: list[SamplingParams] = []
    for prompt in chosen(given):
        text = tokenizer.apply_chat_template(prompt.messages, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        asks += [{"prompt_token_ids": ids}] * given.samples
        seeds = [derive_seed(SamplingOptions(), prompt, index) for index in range(given.samples)]
        params += [SamplingParams(max_tokens=TOKENS, seed=seed) for seed in seeds]
    first = WARM_UP * given.samples
    yield measured(llm, asks[:first], params[:first])
    while True:
        yield measured(llm, asks, params)


def measured(llm: Any, asks: Sequence[Any], params: Sequence[Any]) -> list[float]:
    """Tokens a second, and a processor second, of one call."""
    started, before = time.perf_counter(), computed()
    made = llm.generate(asks, params, use_tqdm=False)
    tokens = sum(len(each.outputs[0].token_ids) for each in made)
    return [tokens / (time.perf_counter() - started), tokens / (computed() - before)]


if __name__ == "__main__":
    main()
