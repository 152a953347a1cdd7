"""Fine-tunings in processes of their own: as many as there are GPUs, shared models, kills."""

import json
import random
import signal
import time
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM

from distill.common.checkpoints import find_checkpoint
from distill.sft.options import DistillOptions
from distill.sft.plan import make_plan
from tests.distill.several import launch, start_ranks
from tests.distill.tiny import make_model, row, write_set

SHARED = {"SHARD": "1"}
MODULE = "distill.sft"


def options(tmp_path: Path, name: str, family: str = "qwen", **given) -> DistillOptions:
    """Eleven rows of many lengths in steps of five: the last step has one row, fewer than two processes."""
    if not (tmp_path / "base").exists():
        make_model(tmp_path / "base", family)
        whole = AutoModelForCausalLM.from_pretrained(tmp_path / "base", dtype=torch.float32)
        whole.save_pretrained(tmp_path / "base")
        rows = [row("x" * (n % 7 + 1), f"<think>\n{'y' * (n * 5 % 40)}\n</think>\n\nz") for n in range(11)]
        write_set(tmp_path / "set.jsonl", rows)
    asked = {
        "epochs": 3,
        "batch_size": 5,
        "learning_rate": 1e-3,
        "save_minutes": 0,
        "max_length": 256,
        **given,
    }
    places = {
        "run": tmp_path / "run",
        "model": str(tmp_path / "base"),
        "dataset": str(tmp_path / "set.jsonl"),
    }
    return DistillOptions(**places, name=name, **asked)


def outcome(asked: DistillOptions) -> tuple[list[float], dict[str, torch.Tensor]]:
    folder = asked.run / "models" / asked.name
    about = json.loads((folder / "r1curate.json").read_text())
    return [point["loss"] for point in about["loss"]], load_file(folder / "model.safetensors")


def run(asked: DistillOptions, processes: int, **environment: str) -> str:
    done = launch(asked, processes, MODULE, **environment)
    assert done.code == 0, done.said
    return done.said


def assert_same(one: DistillOptions, two: DistillOptions, tolerance: float) -> None:
    (losses, weights), (others, theirs) = outcome(one), outcome(two)
    assert losses == pytest.approx(others, abs=tolerance)
    assert weights.keys() == theirs.keys()
    for name, weight in weights.items():
        torch.testing.assert_close(theirs[name], weight, atol=tolerance, rtol=0)


def test_two_processes_train_as_one_does(tmp_path):
    from distill.sft.stage import distill_student

    one, two = options(tmp_path, "one", padding_free=False), options(tmp_path, "two")
    distill_student(one)
    run(two, 2)
    assert_same(one, two, 1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["qwen", "llama"])
def test_three_processes_and_fsdp2_train_as_one_process_does(tmp_path, family):
    one = options(tmp_path, "one", family)
    run(one, 1)
    for name, processes, given in (("three", 3, {}), ("sharded", 2, {"shard": "fsdp2"})):
        asked = options(tmp_path, name, family, **given)
        run(asked, processes, **(SHARED if given else {}))
        assert_same(one, asked, 1e-5)


@pytest.mark.slow
def test_adapters_on_a_shared_model_are_those_of_one_process(tmp_path):
    lora = {"lora": {"rank": 4}, "learning_rate": 1e-2}
    one, sharded = options(tmp_path, "one", **lora), options(tmp_path, "sharded", shard="fsdp2", **lora)
    run(one, 1)
    run(sharded, 2, **SHARED)
    assert_same(one, sharded, 1e-4)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("deepspeed") is None, reason="needs DeepSpeed")
def test_zero3_trains_as_one_process_does(tmp_path):
    one, sharded = options(tmp_path, "one"), options(tmp_path, "sharded", shard="zero3")
    run(one, 1)
    run(sharded, 2, **SHARED, DS_ACCELERATOR="cpu", ACCELERATE_USE_CPU="false")
    assert_same(one, sharded, 1e-4)


def kill_when_saved(
    asked: DistillOptions, processes: int, step: int, pause: float = 0.0, **environment: str
) -> None:
    """Start it, and kill all of it some time after a checkpoint of that step or a later one is there."""
    folder = make_plan(asked).aside / "checkpoints"
    started = start_ranks(asked, processes, MODULE, **environment)
    try:
        give_up = time.monotonic() + 200
        while max((int(p.name.partition("-")[2]) for p in folder.glob("checkpoint-*")), default=0) < step:
            assert time.monotonic() < give_up
            assert all(process.poll() is None for process in started), started[0].communicate()[0]
            time.sleep(0.005)
        time.sleep(pause)
    finally:
        for process in started:
            process.send_signal(signal.SIGKILL)
            process.communicate()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_training_killed_anywhere_ends_with_the_same_weights(tmp_path):
    whole = options(tmp_path, "whole", epochs=20)
    run(whole, 1)
    rng = random.Random(time.time_ns())
    for number in range(10):
        asked = options(tmp_path, f"cut{number}", epochs=20)
        kill_when_saved(asked, 1, rng.randrange(1, 45), rng.uniform(0, 0.05))
        assert not (asked.run / "models" / asked.name).exists()
        run(asked, 1)
        assert_same(whole, asked, 0)


@pytest.mark.slow
def test_a_training_goes_on_in_another_number_of_processes_and_says_what_differs(tmp_path):
    whole, asked = options(tmp_path, "whole", epochs=20), options(tmp_path, "cut", epochs=20)
    run(whole, 1)
    kill_when_saved(asked, 1, 5)
    said = run(asked, 2)
    assert "was interrupted on 1 processes and goes on" in said
    assert "each step has the same rows" in said
    assert_same(whole, asked, 1e-4)


@pytest.mark.slow
def test_a_shared_training_goes_on_from_its_checkpoint(tmp_path):
    whole = options(tmp_path, "whole", epochs=20)
    run(whole, 1)
    asked = options(tmp_path, "cut", epochs=20, shard="fsdp2")
    kill_when_saved(asked, 2, 5, **SHARED)
    other = options(tmp_path, "cut", epochs=20, shard="none")
    refused = launch(other, 1, MODULE)
    assert "was interrupted with shard=fsdp2 on 2 processes" in refused.said
    assert refused.code == 2
    assert find_checkpoint(make_plan(asked)) is not None
    run(asked, 2, **SHARED)
    assert_same(whole, asked, 1e-4)
