"""vLLM for real: opening, ending, several engines one after the other, and what stands in their text."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from curate.engines import vllm as vllm_engine
from curate.engines.errors import EngineDied, EngineGone
from curate.engines.vllm import VllmEngine
from curate.engines.vllm_loading import is_cpu_build
from filters.engine import Completion, EngineError, EngineOptions
from filters.errors import UserError
from tests.curate.engines.models import END, LENGTH, PAD, TEMPLATE, make_model
from tests.curate.engines.running import Running, ask

vllm_version = pytest.importorskip("vllm").__version__
NEWLINE = "Ċ"  # how a byte-level tokenizer writes it
CHAIN = (NEWLINE, "<think>", "a", "b", "</think>", "c", END)


def resident_bytes() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def train_a_step(folder: Path) -> float:
    import torch
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(folder)
    ids = torch.arange(64).reshape(2, 32)
    loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    torch.optim.SGD(model.parameters(), lr=0.1).step()
    model.save_pretrained(folder)
    return float(loss.detach())


def test_engines_one_after_the_other_with_training_between(tmp_path: Path, tiny_model: Path) -> None:
    import torch

    student = make_model(tmp_path / "student", seed=1)
    environment, setter = dict(os.environ), torch.set_num_threads
    texts, resident = [], []
    for folder in (tiny_model, student, student, tiny_model):
        with Running(folder) as running:
            texts.append(running.one(ask("hello")).text)
        assert train_a_step(student) > 0
        assert (dict(os.environ), torch.set_num_threads) == (environment, setter)
        resident.append(resident_bytes())
    assert texts[0] == texts[3]
    assert len(set(texts)) == 3
    # Each engine reserves a GiB for its cache; what its pages hold must come back.
    assert resident[3] - resident[0] < 200 << 20


def test_the_end_token_is_not_in_the_text(tmp_path: Path) -> None:
    with Running(make_model(tmp_path, says=CHAIN)) as running:
        made = running.one(ask("x", temperature=0))
    assert made == Completion("<think>ab</think>c", "stop", made.prompt_tokens, 6)


def test_special_think_tags_stay_and_other_special_tokens_go(tmp_path: Path) -> None:
    chain = (*CHAIN[:-1], PAD, "d", END)
    with Running(make_model(tmp_path, says=chain, special_think=True)) as running:
        assert running.one(ask("x", temperature=0)).text == "<think>ab</think>cd"


@pytest.mark.parametrize("own", [True, False])
def test_a_tag_that_the_template_opened_is_put_back(tmp_path: Path, own: bool) -> None:
    opening = TEMPLATE.replace("assistant\n", "assistant\n<think>")
    (tmp_path / "open.jinja").write_text(opening)
    folder = make_model(tmp_path / "model", says=CHAIN, template=opening if own else TEMPLATE)
    with Running(folder, template=None if own else str(tmp_path / "open.jinja")) as running:
        assert running.one(ask("x", temperature=0)).text == "<think>ab</think>c"


def test_a_dead_engine_fails_every_request_and_says_why(tiny_model: Path, monkeypatch: Any) -> None:
    from vllm import LLMEngine

    def step(engine: LLMEngine) -> list[Any]:
        raise RuntimeError("out of memory")

    with Running(tiny_model) as running:
        monkeypatch.setattr(LLMEngine, "step", step)
        ended = [*running.all(*(ask("x", i) for i in range(3))), *running.all(ask("later"))]
    assert [type(e) for e in ended] == [EngineDied] * 3 + [EngineGone]
    assert str(ended[-1]) == "vLLM ended: RuntimeError: out of memory"


def test_closing_answers_what_still_waits(tiny_model: Path) -> None:
    async def close(running: Running) -> BaseException | None:
        task = asyncio.create_task(running.engine.complete(ask("x", max_tokens=450)))
        await running.engine.complete(ask("y", max_tokens=2))
        await running.engine.close()
        return (await asyncio.gather(task, return_exceptions=True))[0]

    with Running(tiny_model) as running:
        ended = running.run(close(running))
    assert isinstance(ended, EngineError)
    assert str(ended) == "the engine was closed"


def test_a_model_without_a_template_is_refused(tmp_path: Path) -> None:
    folder = make_model(tmp_path, template=None)
    with pytest.raises(UserError, match=r"has no chat template; name a Jinja file as the template"):
        Running(folder)


def test_a_setting_that_vllm_refuses_is_the_users(tiny_model: Path) -> None:
    with pytest.raises(UserError, match=r"vLLM cannot load .* max_model_len"):
        Running(tiny_model, max_model_len=100_000)


def test_a_models_own_sampling_defaults_are_not_applied_and_what_is_in_force_is_told(tmp_path: Path) -> None:
    folder = make_model(tmp_path)
    defaults = {
        "do_sample": True,
        "top_k": 1,
        "temperature": 0.01,
        "repetition_penalty": 1.9,
        "max_new_tokens": 2,
    }
    (folder / "generation_config.json").write_text(json.dumps(defaults))
    with Running(folder) as running:
        made = running.all(*(ask("hello", seed) for seed in range(4)))
        assert running.engine.in_force == {
            "vllm": vllm_version,
            "dtype": "float32" if is_cpu_build() else "bfloat16",
            "max_model_len": LENGTH,
            "quantization": None,
            "generation_config": "end tokens",
        }
    assert len({one.text for one in made}) == 4
    assert max(one.tokens for one in made) > 2


def test_loading_can_be_given_up_at_once(tiny_model: Path) -> None:
    async def give_up() -> float:
        opening = asyncio.create_task(VllmEngine.open(EngineOptions(model=str(tiny_model))))
        await asyncio.sleep(0.05)
        opening.cancel()
        began = time.monotonic()
        assert isinstance((await asyncio.gather(opening, return_exceptions=True))[0], asyncio.CancelledError)
        return time.monotonic() - began

    assert asyncio.run(give_up()) < 1
    loading = [thread for thread in threading.enumerate() if thread.name == "vllm"]
    for thread in loading:
        thread.join(60)
        assert not thread.is_alive(), "what was loaded for nobody is freed"


def test_closing_an_engine_that_is_stuck_has_its_limit(tiny_model: Path, monkeypatch: Any) -> None:
    from vllm import LLMEngine

    stuck = threading.Event()

    def step(engine: LLMEngine) -> list[Any]:
        stuck.wait(60)
        return []

    async def close(running: Running) -> tuple[BaseException | None, float]:
        task = asyncio.create_task(running.engine.complete(ask("x")))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        await running.engine.close()
        return (await asyncio.gather(task, return_exceptions=True))[0], time.monotonic() - began

    monkeypatch.setattr(vllm_engine, "CLOSING_S", 0.3)
    with Running(tiny_model) as running:
        monkeypatch.setattr(LLMEngine, "step", step)
        ended, took = running.run(close(running))
        stuck.set()
    assert (type(ended), str(ended)) == (EngineError, "the engine was closed")
    assert took < 1
