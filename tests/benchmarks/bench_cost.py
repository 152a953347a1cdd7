"""What adaptive rejection sampling spends for the same prompts covered, against a fixed number of samples.

    python -m tests.benchmarks.bench_cost [PROMPTS]

The real sampler, store and checks run on an engine that replays pass rates and lengths as real ones are
distributed: most prompts easy, a tail of hard ones, heavy-tailed lengths, failures longer than successes.
Covered means: at least K accepted samples. Then, on a simulated clock, how long the chains are that end up in a set.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

from curate.checking.executors.local import LocalExecutor
from curate.engines.scripted import Response, ScriptedEngine
from curate.sampling.budget import Counts
from curate.sampling.sampler import Sampler, derive_seed
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.verdict_index import index_verdicts
from filters.engine import Request, SamplingOptions
from filters.spec import make_spec
from filters.types import Prompt

K, N = 2, 16
SAMPLING = SamplingOptions()
CHECK = make_spec("number")


def world(count: int) -> tuple[list[Prompt], ScriptedEngine]:
    """Prompts whose pass rates are Beta(2.2, 0.45) distributed (mean 0.83), one in 25 hopeless, and their engine."""
    rng = random.Random(11)
    prompts = [Prompt.make(f"Problem {number}", "1") for number in range(count)]
    rates = {
        p.messages[-1]["content"]: 0.0 if rng.random() < 0.04 else rng.betavariate(2.2, 0.45) for p in prompts
    }
    scale = {p.messages[-1]["content"]: rng.lognormvariate(8.0, 0.7) for p in prompts}

    def answer(request: Request) -> Response:
        asked = request.messages[-1]["content"]
        own = random.Random(f"{asked} {request.seed}")
        right = own.random() < rates[asked]
        tokens = min(32768, int(scale[asked] * own.lognormvariate(0.0, 0.5) * (1.0 if right else 1.8)))
        return Response(text=f"<think>\nx\n</think>\n\\boxed{{{1 if right else 2}}}", tokens=tokens)

    return prompts, ScriptedEngine(answer)


def sample(prompts: list[Prompt], engine: ScriptedEngine, rule: StoppingRule) -> tuple[Counts, set[str]]:
    """Sample under a rule; what it spent, and which prompts it covered."""

    async def go(run: Run) -> Counts:
        with SampleWriter(run, "t", [CHECK]) as writer, LocalExecutor([CHECK]) as pool:
            return await Sampler(engine, SAMPLING, rule, writer, pool, {}).run(prompts)

    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        counts = asyncio.run(go(run))
        known = index_verdicts(run, "t", [CHECK.label])
    accepted = Counter(
        {prompt: sum(ok is True for ok in verdicts.values()) for prompt, verdicts in known.items()}
    )
    return counts, {prompt for prompt, good in accepted.items() if good >= K}


def chains(count: int, rule: StoppingRule) -> Iterator[list[tuple[int, int]]]:
    """Index and tokens of each prompt's accepted samples, where samples take as long as they have tokens.

    The same world, simulated on a clock: siblings end shortest first, and those not needed are cancelled.
    """
    rng = random.Random(12)
    for number in range(count):
        rate, scale = rng.betavariate(2.2, 0.45), rng.lognormvariate(8.0, 0.7)
        own, tokens = random.Random(number), dict[int, int]()
        progress, now = PromptProgress(rule, {}), 0
        while wave := progress.next_wave():
            ends = []
            for index in wave:
                right = own.random() < rate
                tokens[index] = int(scale * own.lognormvariate(0.0, 0.5) * (1.0 if right else 1.8))
                heapq.heappush(ends, (now + tokens[index], index, right))
            while ends:
                now, index, right = heapq.heappop(ends)
                if index in progress.running:
                    progress.settle(index, right)
        yield sorted((index, tokens[index]) for index, ok in progress.verdicts.items() if ok)


def lengths(count: int = 20_000) -> None:
    """Print how long the chains are that each way of choosing K a prompt takes."""
    rng = random.Random(13)
    everything = list(chains(count, StoppingRule(samples=N)))
    stopped = list(chains(count, StoppingRule(samples=N, accept=K)))
    ways: dict[str, list[list[int]]] = {
        f"fixed {N}, K at random": [
            [tokens for _, tokens in rng.sample(made, min(K, len(made)))] for made in everything
        ],
        f"accept {K}, all that were accepted": [[tokens for _, tokens in made] for made in stopped],
        f"accept {K}, K at random": [
            [tokens for _, tokens in rng.sample(made, min(K, len(made)))] for made in stopped
        ],
        f"accept {K}, the first K by index": [[tokens for _, tokens in made[:K]] for made in stopped],
    }
    covered = [at for at in range(count) if len(everything[at]) >= K <= len(stopped[at])]
    means = {way: fmean(fmean(taken[at]) for at in covered) for way, taken in ways.items()}
    for way, mean in means.items():
        ratio = mean / means[f"fixed {N}, K at random"]
        sys.stdout.write(f"{way}: {mean:,.0f} tokens a chain, {ratio:.3f}\n")


def main(count: int = 1000) -> None:
    """Print tokens spent, prompts covered and the ratios."""
    prompts, engine = world(count)
    assert len({derive_seed(SAMPLING, prompt, 0) for prompt in prompts}) == count
    fixed, covered = sample(prompts, engine, StoppingRule(samples=N))
    sys.stdout.write(
        f"fixed N={N}: {fixed.whole:,} samples, {fixed.tokens:,} tokens, {len(covered)} of {count} covered\n"
    )
    for rule in (StoppingRule(samples=N, accept=K), StoppingRule(samples=N, accept=K, escalate=64)):
        spent, reached = sample(prompts, engine, rule)
        sys.stdout.write(
            f"accept {K}, samples {N}, escalate {rule.escalate}: {spent.whole:,} samples, {spent.tokens:,} tokens, "
            f"{len(reached)} covered (all that fixed N covers: {covered <= reached}); "
            f"{spent.tokens / fixed.tokens:.3f} of the tokens\n"
        )
    lengths()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
