"""What a GRPO training needs beside its engine: its options as the estimate takes them, settled and refused before loading."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import Final, Literal

from curate.memory.engines import RANKS
from curate.memory.estimate import CLOSE, SAMPLE, TRAIN
from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine, find_machine, find_own_machine
from curate.memory.preview import UNKNOWN, Preview
from curate.memory.shapes import Shape
from curate.store.layout import name_run
from distill.common.machines import count_neighbours
from distill.common.requirements import list_faults
from distill.grpo.options import GrpoOptions
from distill.memory.activations import BFLOAT16, FLOAT32
from distill.memory.choices import (
    LENGTHS,
    Change,
    SettledOptions,
    add_remedy,
    choose,
    choose_rows,
    list_dear_changes,
    list_free_changes,
    list_ways,
    settle_as_configured,
)
from distill.memory.training import (
    USUAL_SHARE,
    Rollout,
    TrainingSetup,
    estimate_training,
    measure_rollout_engine,
)
from filters.errors import UserError

PROMPT: Final = 1024
"""Tokens of a longest prompt, before prompts are looked at."""
ENOUGH: Final = 4
"""Longest sequences at once per GPU, above which more GPUs for one copy are not worth what they tell each other."""
MOST: Final = 0.9
"""Most of a GPU's memory that vLLM is given."""
LEAST: Final = 0.05
"""Least share that is tried where a training leaves nothing."""
SURE: Final = 0.9
"""Share of the activations that is sure to be needed: sooner or later a response is as long as allowed."""


def settle_memory(
    options: GrpoOptions, shape: Shape, machine: Machine, shapes: Shapes | None = None
) -> SettledOptions[GrpoOptions]:
    """The options with `shard`, `rollout.tensor_parallel` and `rollout.gpu_memory` chosen, and what they need.

    shapes: where those of reward models are found. Raises UserError where a batch cannot be divided among the machine's
    devices, or responses leave no room for prompts.
    """
    limit = options.sampling.max_tokens
    if limit >= shape.context:
        raise UserError(
            f"max_tokens={limit} leaves no room for a prompt in the context of {shape.context} tokens of '{options.model}': "
            "lower --max-tokens."
        )
    beside = _list_reward_models(options, shapes or Shapes(), machine)
    free = list_free_changes(options)
    if options.rollout.tensor_parallel is not None or options.rollout.gpu_memory is not None:
        auto = {"rollout": {"tensor_parallel": None, "gpu_memory": None}}
        free.insert(0, Change("leave rollout.tensor_parallel and rollout.gpu_memory out", auto))
    return add_remedy(
        _settle(options, shape, machine, beside),
        options,
        free,
        list_dear_changes(options, machine, _list_shorter(options)),
        lambda tried, other: _settle(tried, shape, other, beside),
    )


Beside = tuple[tuple[str, float], ...]


def _list_reward_models(options: GrpoOptions, shapes: Shapes, machine: Machine) -> Beside:
    """Bytes of the reward models that each device holds beside the policy, as `filters.judges.classifier` loads them."""
    found = [(name, shapes.find(name)) for name, _ in _name_reward_models(options)]
    width = BFLOAT16 if machine.gpus else FLOAT32
    # A classifier has no head over the vocabulary.
    return tuple(
        (f"reward model {name}", width * (one.parameters - (0 if one.tied else one.head_parameters)))
        for name, one in found
        if one is not None
    )


def _name_reward_models(options: GrpoOptions) -> list[tuple[str, str | None]]:
    return [
        (str(spec.options.get("model")), spec.options.get("revision"))
        for spec in options.reward
        if spec.check == "reward_model"
    ]


def _settle(
    options: GrpoOptions, shape: Shape, machine: Machine, beside: Beside
) -> SettledOptions[GrpoOptions]:
    """The first way of sharding that fits, with the fewest GPUs for one copy in vLLM that give it enough room."""
    tried: list[SettledOptions[GrpoOptions]] = []
    # The loss bnpo is a mean over the rows of a micro batch: their number is the user's to choose.
    for held in list_ways(options, machine, one_row=options.loss != "bnpo"):
        ways = [
            _estimate(one, shape, machine, beside) for one in _list_rollouts(held, shape, machine, beside)
        ]
        fitting = [way for way in ways if way[0].estimate.fits]
        if fitting:
            roomy = [way for way in fitting if way[1] >= ENOUGH]
            return roomy[0][0] if roomy else max(fitting, key=lambda way: way[1])[0]
        tried += [settled for settled, _ in ways]
    return choose(tried)


def _estimate(
    options: GrpoOptions, shape: Shape, machine: Machine, beside: Beside
) -> tuple[SettledOptions[GrpoOptions], float]:
    """What settled options need, and how many of the longest sequences per GPU vLLM's cache holds."""
    training = _describe(options, shape, machine, beside)
    engine = measure_rollout_engine(training)
    sequences = 0.0
    if engine is not None and training.rollout is not None:
        sequences = engine.tokens / engine.length / training.rollout.ranks
    return SettledOptions(options, estimate_training(training)), sequences


def _list_rollouts(
    options: GrpoOptions, shape: Shape, machine: Machine, beside: Beside
) -> Iterator[GrpoOptions]:
    """The options with each number of GPUs for one copy that may be taken, and the share of memory that training leaves."""
    rollout = options.rollout
    if _find_kind(options, machine) != "vllm":
        yield _set_rollout(options, rollout.tensor_parallel or 1, rollout.gpu_memory or USUAL_SHARE)
        return
    here = count_neighbours(machine.gpus)  # a copy stays on one machine
    legal = [n for n in RANKS if n <= 8 and here % n == 0 and machine.gpus % n == 0 and shape.divides(n)]
    for ranks in [rollout.tensor_parallel] if rollout.tensor_parallel else legal:
        alone = _describe(_set_rollout(options, ranks, USUAL_SHARE), shape, machine, beside)
        share = rollout.gpu_memory or _find_share(alone, sleeps=_sleeps(options))
        yield _set_rollout(options, ranks, share)


def _set_rollout(options: GrpoOptions, ranks: int, share: float) -> GrpoOptions:
    rollout = options.rollout.model_copy(update={"tensor_parallel": ranks, "gpu_memory": share})
    return options.model_copy(update={"rollout": rollout})


def _find_share(training: TrainingSetup, *, sleeps: bool) -> float:
    """The share of a GPU's memory that the training leaves to vLLM, in hundredths."""
    held = estimate_training(replace(training, rollout=None)).compute_need(SAMPLE if sleeps else TRAIN)
    left = math.floor(100 * (CLOSE - held / training.machine.gib)) / 100
    return min(MOST, max(LEAST, left))


def _sleeps(options: GrpoOptions) -> bool:
    """Whether vLLM gives its memory back while the policy trains, as it does unless it is told not to."""
    return options.rollout.sleep is not False


def _find_kind(options: GrpoOptions, machine: Machine) -> Literal["vllm", "server", "transformers"]:
    """What samples the policy on that machine; one that is planned for is taken to have vLLM."""
    kind = options.rollout.kind
    if kind != "auto":
        return kind
    there = machine.gpus and (machine.planned or find_spec("vllm") is not None)
    return "vllm" if there else "transformers"


def _describe(options: GrpoOptions, shape: Shape, machine: Machine, beside: Beside) -> TrainingSetup:
    length = min(shape.context, options.sampling.max_tokens + PROMPT)
    batch = options.prompts_per_step * options.group_size
    rows = choose_rows(options.micro_batch_size, batch, length, machine)
    kind, rollout = _find_kind(options, machine), options.rollout
    assert options.shard != "auto" and rollout.tensor_parallel and rollout.gpu_memory
    how = "all weights" if options.lora is None else f"LoRA of rank {options.lora.rank}"
    engine = (
        kind
        if kind != "vllm"
        else f"vLLM at tensor parallel {rollout.tensor_parallel}, {rollout.gpu_memory:g}"
    )
    checkpointing = options.gradient_checkpointing
    return TrainingSetup(
        what=f"grpo {options.name}: {options.model}, {how}, sharding {options.shard}, {rows} x {length:,} tokens, {engine}",
        shape=shape,
        machine=machine,
        shard=options.shard,
        rows=rows,
        length=length,
        sure=SURE,
        lora=None if options.lora is None else options.lora.rank,
        bfloat16=options.dtype == "bfloat16",
        checkpointing=bool(machine.gpus) if checkpointing is None else checkpointing,
        reference=options.kl_coefficient > 0,
        padded=True,
        rollout=Rollout(
            kind,
            rollout.tensor_parallel,
            rollout.gpu_memory,
            _sleeps(options),
            batch * options.rollout_steps // machine.devices,
        ),
        beside=beside,
    )


def _list_shorter(options: GrpoOptions) -> list[Change]:
    before = options.sampling.max_tokens
    return [
        Change(f"lower --max-tokens to {length}", {"sampling": {"max_tokens": length}})
        for length in LENGTHS
        if length < before
    ]


def preview_memory(options: GrpoOptions, shapes: Shapes, machine: Machine | None = None) -> Preview:
    """What the training needs, for people, and why it would be refused; shapes learn of the model it will make.

    machine: the one to plan for where the options name none.
    """
    if machine is None or options.gpus is not None or options.gpu_memory is not None:
        machine = find_machine(options.gpus, options.gpu_memory)
    rollout, shape = options.rollout, shapes.find(options.model, options.revision)
    faults = list_faults(
        options, shapes, machine, rollout.kind, sleep=rollout.sleep, others=_name_reward_models(options)
    )
    shapes.add(name_run(options.run).model(options.name), shape, 0)
    if shape is None:
        return Preview(notes=() if faults else (UNKNOWN.format(model=options.model),), faults=faults)
    return Preview((settle_memory(options, shape, machine, shapes).estimate,), faults=faults)


def require_memory(options: GrpoOptions) -> GrpoOptions:
    """The options settled for this machine. Raises UserError where it cannot hold the training; warns where it comes close.

    A model whose shape nothing here knows is left to be loaded as it is asked for, and what is left to choose stays so
    where the driver's tool tells of no GPU: on a CPU, and on GPUs of other makers.
    """
    shapes = Shapes()
    shape = shapes.find(options.model, options.revision)
    if shape is None:
        return options
    machine = find_own_machine(options.gpus)
    settled = settle_as_configured(options, lambda one: settle_memory(one, shape, machine, shapes))
    settled.estimate.require()
    return settled.options if machine.gpus else options
