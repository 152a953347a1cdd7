"""One model, one distribution, through vLLM's server and in process, whatever the model's generation config says.

A server applies `generation_config.json` where a request is silent; vLLM in process does not. Run by
`pytest -m slow -o log_cli=true tests/curate/engines/test_same_distribution.py`, which shows the numbers.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

import pytest

from curate.engines.dialect import NEUTRAL
from curate.engines.factory import open_engine
from curate.engines.server import ServerEngine
from filters.answers.extract.final_answer import extract_answer
from filters.engine import Completion, Engine, EngineOptions, Request, SamplingOptions
from filters.think import split_response
from filters.types import Message
from tests.curate.engines.running import Running
from tests.curate.engines.test_server_vllm import serving

pytest.importorskip("vllm")
logger = logging.getLogger(__name__)
MINI = Path(__file__).parents[3] / "recipes" / "mini"
PROMPTS, SAMPLES = 500, 8
SAMPLING = SamplingOptions(temperature=1.0, max_tokens=192)
STANDARD_ERRORS = 4.0
"""How far apart three means of differences over the prompts may lie: by chance once in 5,000 runs."""


class Spread(NamedTuple):
    """What the samples of one prompt are like."""

    responses: float
    answers: float
    tokens: float


def measure(samples: Sequence[Completion]) -> Spread:
    answers = {extract_answer(split_response(made.text, made.finish)).text for made in samples}
    tokens = [made.tokens for made in samples if made.tokens is not None]
    assert len(tokens) == len(samples)
    return Spread(len({made.text for made in samples}), len(answers), fmean(tokens))


async def sample_all(engine: Engine, prompts: Sequence[str], seed: int) -> list[Spread]:
    """Each prompt's spread; `seed` is the first of as many as there are samples."""
    slots = asyncio.Semaphore(64)

    async def one(number: int) -> Completion:
        async with slots:
            message = Message(role="user", content=prompts[number // SAMPLES])
            return await engine.complete(Request([message], SAMPLING, seed + number))

    made = await asyncio.gather(*map(one, range(len(prompts) * SAMPLES)))
    return [measure(made[at : at + SAMPLES]) for at in range(0, len(made), SAMPLES)]


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_a_server_and_the_engine_in_process_have_one_distribution(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(MINI / "models" / "teacher", model)
    config = json.loads((model / "generation_config.json").read_bytes())
    config |= {"top_k": 1, "repetition_penalty": 1.3, "temperature": 0.5, "max_new_tokens": 9}
    (model / "generation_config.json").write_text(json.dumps(config))
    lines = (MINI / "data" / "train.jsonl").read_text().splitlines()[:PROMPTS]
    prompts = [str(json.loads(line)["prompt"]) for line in lines]
    assert len(prompts) == PROMPTS

    async def over_http(url: str) -> tuple[list[Spread], list[Spread]]:
        engine = await open_engine(EngineOptions(kind="server", model="tiny", endpoints=(url,)))
        assert isinstance(engine, ServerEngine)
        try:
            served = await sample_all(engine, prompts, seed=0)
            assert engine.in_force == {"sent": dict(NEUTRAL)}
            engine._endpoints[0].dialect._left_out.update(set(NEUTRAL) - {"temperature"})
            return served, await sample_all(engine, prompts[:50], seed=0)
        finally:
            await engine.close()

    with serving(model, tmp_path / "log") as url:
        served, silent = asyncio.run(over_http(url))
    with Running(model) as running:
        in_process = running.loop.run_until_complete(sample_all(running.engine, prompts, seed=10**6))
    for name in Spread._fields:
        here, there = ([getattr(one, name) for one in spreads] for spreads in (in_process, served))
        apart = [one - other for one, other in zip(here, there, strict=True)]
        error = stdev(apart) / PROMPTS**0.5
        without = fmean(getattr(one, name) for one in silent)
        logger.warning(
            f"{name}: {fmean(here):.3f} in process, {fmean(there):.3f} served, {fmean(apart) / error:+.2f} standard "
            f"errors of {error:.3f} apart; {without:.3f} where the request is silent"
        )
        assert abs(fmean(apart)) <= STANDARD_ERRORS * error
    # What makes the difference is in force, and would be seen.
    assert fmean(one.responses for one in silent) < fmean(one.responses for one in served) - 1
