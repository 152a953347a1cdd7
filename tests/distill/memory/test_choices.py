"""Settings follow from the memory there is, and every remedy that is named fits when it is taken."""

import re

import pytest

from curate.memory.known_shapes import KNOWN
from curate.memory.machine import Machine
from distill import DistillOptions, GrpoOptions
from distill.grpo import memory as grpo
from distill.sft import memory as sft
from filters.errors import UserError

SMALL, MIDDLE, LARGE = (KNOWN[f"Qwen/Qwen2.5-{size}"] for size in ("1.5B", "7B", "32B"))


def settle(shape, gpus, gib=80.0, command=DistillOptions, **given):
    machine = Machine(gpus, gib, planned=True)
    given = {"run": "r", "model": shape.model, **given}
    if command is DistillOptions:
        return sft.settle_memory(DistillOptions(**given), shape, machine)
    return grpo.settle_memory(GrpoOptions(**given, prompts="p"), shape, machine)


@pytest.mark.parametrize("command", [DistillOptions, GrpoOptions])
def test_weights_are_shared_only_where_a_copy_does_not_fit(command):
    assert settle(SMALL, 8, command=command).options.shard == "none"
    assert settle(MIDDLE, 8, command=command).options.shard == "fsdp2"
    assert settle(MIDDLE, 1, command=command).options.shard == "none"
    assert settle(SMALL, 8, command=command, shard="zero3").options.shard == "zero3"


def test_vllm_gets_what_the_training_leaves_on_as_few_gpus_as_are_enough():
    small, large = (settle(shape, 64, command=GrpoOptions) for shape in (SMALL, LARGE))
    assert small.options.rollout.tensor_parallel == 1
    assert large.options.rollout.tensor_parallel == 2
    for settled in (small, large):
        assert settled.estimate.fits
        assert settled.estimate.compute_need() > 0.93 * 80
    given = settle(LARGE, 64, command=GrpoOptions, rollout={"tensor_parallel": 8, "gpu_memory": 0.4})
    assert (given.options.rollout.tensor_parallel, given.options.rollout.gpu_memory) == (8, 0.4)


def test_32b_as_recipes_once_had_it_is_refused():
    once = settle(LARGE, 64, command=GrpoOptions, rollout={"tensor_parallel": 1, "gpu_memory": 0.3})
    assert not once.estimate.possible
    assert once.estimate.remedy == "leave rollout.tensor_parallel and rollout.gpu_memory out"


def test_a_row_at_a_time_is_chosen_before_a_refusal():
    settled = settle(LARGE, 1, lora={"rank": 32}, max_length=4096)
    assert settled.options.micro_batch_size == 1 and settled.estimate.fits
    given = settle(LARGE, 1, lora={"rank": 32}, max_length=4096, micro_batch_size=4)
    assert not given.estimate.fits
    assert given.estimate.remedy == "lower --micro-batch-size to 1"
    # Its loss is a mean over the micro batch.
    asked = {
        "lora": {"rank": 32},
        "loss": "bnpo",
        "sampling": {"max_tokens": 2048},
        "rollout": {"kind": "server"},
    }
    assert settle(LARGE, 1, command=GrpoOptions, **asked).options.micro_batch_size is None
    assert settle(LARGE, 1, command=GrpoOptions, **{**asked, "loss": "grpo"}).options.micro_batch_size == 1


def take(words: str, given: dict, gpus: int) -> tuple[dict, int]:
    """The options and the GPUs that a remedy names."""
    given = dict(given)
    if "--lora-rank 32" in words:
        given["lora"] = {"rank": 32}
    if found := re.search(r"take (\d+) GPUs", words):
        gpus = int(found[1])
    if found := re.search(r"--max-length to (\d+)", words):
        given["max_length"] = int(found[1])
    if found := re.search(r"--max-tokens to (\d+)", words):
        given["sampling"] = {"max_tokens": int(found[1])}
    if "--shard fsdp2" in words:
        given["shard"] = "fsdp2"
    if "gradient checkpointing on" in words:
        given["gradient_checkpointing"] = True
    return given, gpus


@pytest.mark.parametrize("command", [DistillOptions, GrpoOptions])
@pytest.mark.parametrize(
    ("shape", "gpus", "gib", "given"),
    [
        (MIDDLE, 1, 80.0, {}),
        (LARGE, 1, 80.0, {}),
        (LARGE, 8, 80.0, {}),
        (SMALL, 1, 24.0, {}),
        (MIDDLE, 8, 80.0, {"shard": "none"}),
        (SMALL, 8, 80.0, {"gradient_checkpointing": False}),
        (KNOWN["meta-llama/Llama-3.1-70B"], 8, 80.0, {}),
    ],
)  # fmt: skip
def test_every_remedy_fits(command, shape, gpus, gib, given):
    settled = settle(shape, gpus, gib, command, **given)
    assert not settled.estimate.fits
    remedies = settled.estimate.remedy.split(" or ")
    for words in remedies:
        changed, machine = take(words, given, gpus)
        assert (changed, machine) != (given, gpus), words
        assert settle(shape, machine, gib, command, **changed).estimate.fits, words


def test_where_nothing_helps_that_is_said():
    told = settle(LARGE, 1, 4.0, lora={"rank": 32}, batch_size=1)
    assert told.estimate.remedy == "take a smaller model, or GPUs with more memory"


def test_rows_that_are_not_known_yet_refuse_nothing():
    """Of rows as long as allowed there may be none."""
    unknown = settle(SMALL, 1, 48.0, gradient_checkpointing=False)
    assert not unknown.estimate.fits and unknown.estimate.possible
    machine, options = Machine(1, 48.0), DistillOptions(run="r", model="m", gradient_checkpointing=False)
    assert not sft.settle_memory(options, SMALL, machine, 32768).estimate.possible
    assert sft.settle_memory(options, SMALL, machine, 500).estimate.possible


def test_a_response_needs_a_prompt():
    with pytest.raises(
        UserError, match="max_tokens=32768 leaves no room for a prompt in the context of 4096"
    ):
        settle(KNOWN["Qwen/Qwen2.5-Math-7B"], 8, command=GrpoOptions)
