"""The vLLM engine against a bare `vllm.LLM.generate` on the same prompts, seeds and sampling.

    python -m tests.benchmarks.bench_engine MODEL [--rounds 3] [--prompts 64] [--tokens 112]

Each side runs in a process of its own, in turns, so that a busy machine slows both; the best round of each
counts. Tokens by CPU second say the same where other work makes the clock useless.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SAMPLES = 8
CONCURRENCY = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--tokens", type=int, default=112)
    parser.add_argument("--side", choices=["ours", "bare"])
    given = parser.parse_args()
    if given.side:
        rates = asyncio.run(ours(given)) if given.side == "ours" else bare(given)
        sys.stdout.write(json.dumps(rates) + "\n")
        return
    found: dict[str, list[list[float]]] = {"bare": [], "ours": []}
    for _ in range(given.rounds):
        for side in found:
            found[side] += in_a_process(side, given)
    for number, unit in enumerate(["tokens/s", "tokens by CPU second"]):
        best = {side: max(rates[number] for rates in rounds) for side, rounds in found.items()}
        sys.stdout.write(f"{unit}: bare {best['bare']:.0f}, ours {best['ours']:.0f}, ")
        sys.stdout.write(f"ratio {best['ours'] / best['bare']:.2f}\n")


def in_a_process(side: str, given: argparse.Namespace) -> list[list[float]]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_engine", given.model, "--side", side]
    command += ["--prompts", str(given.prompts), "--tokens", str(given.tokens)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT, env=_environment())
    rates: list[list[float]] = json.loads(done.stdout.splitlines()[-1])
    return rates


def _environment() -> dict[str, str]:
    """The engine's own setting for both sides, so that the bridge is measured and not the threads."""
    from curate.engines.vllm_loading import CPU_ENVIRONMENT, QUIET

    return dict(os.environ) | CPU_ENVIRONMENT | QUIET | {"OMP_NUM_THREADS": "1"}


class Clock:
    """Time passed, and time that this process's threads computed."""

    def __init__(self) -> None:
        self._started, self._computed = time.perf_counter(), time.process_time()

    def rates(self, tokens: int) -> list[float]:
        return [
            tokens / (time.perf_counter() - self._started),
            tokens / (time.process_time() - self._computed),
        ]


def prompts(given: argparse.Namespace) -> list[str]:
    return [f"What is {10 + i} + {90 - i} - {i % 7}?" for i in range(given.prompts)]


async def ours(given: argparse.Namespace) -> list[list[float]]:
    from curate.engines.factory import open_engine
    from filters.engine import EngineOptions, Request, SamplingOptions

    engine = await open_engine(EngineOptions(model=given.model, concurrency=CONCURRENCY))
    sampling = SamplingOptions(max_tokens=given.tokens)
    asks = [
        Request([{"role": "user", "content": text}], sampling, index * SAMPLES + sample)
        for index, text in enumerate(prompts(given))
        for sample in range(SAMPLES)
    ]
    rates = []
    for _ in range(3):
        clock = Clock()
        made = await asyncio.gather(*map(engine.complete, asks))
        rates.append(clock.rates(sum(m.tokens for m in made)))
    await engine.close()
    return rates


def bare(given: argparse.Namespace) -> list[list[float]]:
    from vllm import LLM, SamplingParams

    from curate.engines.vllm_loading import is_cpu_build

    here: dict[str, Any] = (
        {"enforce_eager": True, "enable_chunked_prefill": False, "dtype": "float32"} if is_cpu_build() else {}
    )
    llm = LLM(given.model, max_num_seqs=CONCURRENCY, **here)
    tokenizer = llm.get_tokenizer()
    asks: list[Any] = []
    for text in prompts(given):
        messages = [{"role": "user", "content": text}]
        rendered = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = tokenizer(rendered, add_special_tokens=False)["input_ids"]
        asks += [{"prompt_token_ids": ids}] * SAMPLES
    sampling = [SamplingParams(max_tokens=given.tokens, seed=seed) for seed in range(len(asks))]
    rates = []
    for _ in range(3):
        clock = Clock()
        made = llm.generate(asks, sampling, use_tqdm=False)
        rates.append(clock.rates(sum(len(m.outputs[0].token_ids) for m in made)))
    return rates


if __name__ == "__main__":
    main()
