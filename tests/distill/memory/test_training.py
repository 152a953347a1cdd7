"""The parts of a training's estimate against tensors that torch holds, and how sharding, adapters and engines change them."""

import re
from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM, Qwen2Config

from curate.memory.estimate import SAMPLE, TRAIN
from curate.memory.find_shape import read_config
from curate.memory.known_shapes import KNOWN
from curate.memory.machine import GIB, Machine
from distill.memory.training import Rollout, TrainingSetup, estimate_training

LARGE, SMALL = KNOWN["Qwen/Qwen2.5-32B"], KNOWN["Qwen/Qwen2.5-1.5B"]
CLUSTER = TrainingSetup(
    what="it", shape=LARGE, machine=Machine(64, 80.0), shard="fsdp2", rows=1, length=32768, sure=0.9, lora=None,
    bfloat16=False, checkpointing=True,
)  # fmt: skip


def parts(training: TrainingSetup) -> dict[str, float]:
    return {part.name: part.gib for part in estimate_training(training).parts}


@pytest.mark.parametrize("bfloat16", [False, True])
def test_weights_gradients_and_optimizer_are_exactly_torchs(bfloat16):
    config = Qwen2Config(
        vocab_size=4000, hidden_size=512, intermediate_size=1024, num_hidden_layers=6, num_attention_heads=8,
        num_key_value_heads=4, tie_word_embeddings=True,
    )  # fmt: skip
    model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16 if bfloat16 else torch.float32)
    optimizer = torch.optim.AdamW(model.parameters())
    ids = torch.arange(16)[None]
    model(input_ids=ids, labels=ids).loss.backward()
    optimizer.step()
    size = {
        "weights": sum(p.nbytes for p in model.parameters()),
        "gradients": sum(p.grad.nbytes for p in model.parameters()),
        "optimizer": sum(
            s[name].nbytes for s in optimizer.state.values() for name in ("exp_avg", "exp_avg_sq")
        ),
    }
    here = replace(
        CLUSTER, shape=read_config(model.config, "m", "s"), machine=Machine(0, 8.0), shard="none",
        checkpointing=False, bfloat16=bfloat16,
    )  # fmt: skip
    estimated = parts(here)
    assert {name: round(estimated[name] * GIB) for name in size} == size


def test_sharding_divides_what_is_held_and_gathers_what_is_computed_with():
    whole, shared = parts(replace(CLUSTER, shard="none")), parts(CLUSTER)
    for name in ("weights", "gradients", "optimizer"):
        assert shared[name] == pytest.approx(whole[name] / 64)
    assert whole["weights"] == pytest.approx(4 * LARGE.parameters / GIB)
    assert whole["gradient buckets"] == whole["gradients"] and "gradient buckets" not in shared
    # Two layers and the embedding with the head, and a layer's and the head's gradients, in bfloat16.
    gathered = 3 * LARGE.layer_parameters + LARGE.embedding_parameters + LARGE.head_parameters
    assert shared["weights as computed with"] == pytest.approx(2 * gathered / GIB)
    assert whole["weights as computed with"] == pytest.approx(2 * 64 * LARGE.layer_parameters / GIB)
    zero = parts(replace(CLUSTER, shard="zero3"))
    assert zero["weights to compute with"] == pytest.approx(2 * LARGE.parameters / 64 / GIB)


def test_adapters_alone_have_gradients_and_an_optimizer():
    setup = replace(CLUSTER, lora=32, reference=True, machine=Machine(1, 80.0), shard="none")
    held, adapters = parts(setup), LARGE.adapter_parameters(32)
    assert held["frozen weights"] == pytest.approx(2 * LARGE.parameters / GIB)
    assert held["optimizer"] == pytest.approx(8 * adapters / GIB)
    assert "KL reference" not in held
    # Sharded weights are all of the adapters' type.
    assert parts(replace(setup, machine=Machine(8, 80.0), shard="fsdp2"))["frozen weights"] == pytest.approx(
        4 * LARGE.parameters / 8 / GIB
    )


def test_what_keeps_activations_small():
    usual = parts(CLUSTER)["activations"]
    assert parts(replace(CLUSTER, checkpointing=False))["activations"] > 10 * usual
    assert parts(replace(CLUSTER, length=16384))["activations"] == pytest.approx(usual / 2)
    assert parts(replace(CLUSTER, offloads=True))["activations"] < usual / 2
    mask = 32768**2 * 3 / GIB
    padded = parts(replace(CLUSTER, padded=True))["activations"] - usual
    assert mask < padded < mask + 4


def test_an_engine_that_sleeps_is_held_while_sampling_alone():
    rollout = Rollout("vllm", ranks=1, share=0.5)
    setup = replace(CLUSTER, shape=SMALL, machine=Machine(1, 80.0), shard="none", rollout=rollout)
    asleep, awake = (
        estimate_training(replace(setup, rollout=replace(rollout, sleeps=sleeps))) for sleeps in (True, False)
    )
    assert awake.compute_need(TRAIN) == pytest.approx(asleep.compute_need(TRAIN) + 40)
    assert awake.compute_need(SAMPLE) == asleep.compute_need(SAMPLE)
    served = parts(replace(setup, rollout=Rollout("server")))
    assert "engine's weights" not in served and "cache of keys and values" not in served
    own = parts(replace(setup, rollout=Rollout("transformers", rows=16)))
    assert own["cache of keys and values"] == pytest.approx(16 * 32768 * SMALL.cache_bytes() / GIB)


@pytest.mark.parametrize(
    ("rollout", "words"),
    [
        (
            Rollout("vllm", 1, 0.3),
            "weights take 61.0 GiB at tensor parallel 1, and its share of each GPU .* is 24.0",
        ),
        (Rollout("vllm", 4, 0.2), "no room for one sequence of 32,768 tokens"),
        (Rollout("vllm", 16, 0.3), "cannot spread 40 heads over 16 of 64 GPUs"),
    ],
)
def test_an_engine_that_cannot_start_is_a_fault(rollout, words):
    estimate = estimate_training(replace(CLUSTER, rollout=rollout))
    assert not estimate.possible
    assert re.search(words, estimate.explain())
