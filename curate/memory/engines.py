"""What an engine in this process needs: weights, what it computes with, and a cache for at least one whole sequence.

vLLM takes a share of each GPU's memory and gives what its weights and its own work leave to the cache of keys and
values; where that does not hold one sequence of the longest length, it refuses to start.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import Final

from curate.memory.estimate import SAMPLE, Estimate, Part, make_part
from curate.memory.find_shape import Shapes
from curate.memory.machine import GIB, Machine
from curate.memory.shapes import Shape
from filters.engine import EngineOptions

WIDTH: Final = 2
"""Bytes of a number in vLLM on a GPU: bfloat16, unless float32 is asked for."""
BATCH_TOKENS: Final = 8192
"""Tokens that vLLM computes at once, and sizes its memory for."""
SEQUENCES: Final = 256
"""Sequences at once that vLLM sizes its memory for, unless fewer are asked for."""
GRAPHS: Final = 1.0 * GIB
"""CUDA's own memory, its graphs and what NCCL keeps, roughly."""
ALLOWED_LONGER: Final = "VLLM_ALLOW_LONG_MAX_MODEL_LEN"
"""The variable with which vLLM takes a context beyond the model's own."""
RANKS: Final = (1, 2, 4, 8, 16)
"""Numbers of GPUs that a model is spread over."""


@dataclass(frozen=True, slots=True)
class EngineMemory:
    """An engine's share of one GPU, in bytes. tokens: what its cache holds; length: of a longest sequence."""

    budget: float
    weights: float
    work: float
    tokens: int
    length: int

    @property
    def at_once(self) -> int:
        """Sequences of the longest length that run side by side."""
        return self.tokens // self.length

    @property
    def cache(self) -> float:
        """Bytes left to the cache."""
        return max(0.0, self.budget - self.weights - self.work)


def measure_engine(
    shape: Shape,
    budget: float,
    ranks: int,
    length: int,
    *,
    width: int = WIDTH,
    batched: int = BATCH_TOKENS,
    sequences: int = SEQUENCES,
) -> EngineMemory:
    """What becomes of `budget` bytes on each of `ranks` GPUs. length: tokens of a longest prompt and response.

    Work: the widest layer's numbers for all tokens of a step, and the logits of one token of each sequence in float32.
    """
    widest = 2 * shape.intermediate // ranks + 4 * shape.hidden
    work = GRAPHS + batched * widest * width + sequences * shape.vocabulary * 4
    weights = shape.parameters * width / ranks
    tokens = int(max(0.0, budget - weights - work) / shape.cache_bytes(ranks, width))
    return EngineMemory(budget, weights, work, tokens, length)


def list_parts(engine: EngineMemory, phases: tuple[str, ...] = (SAMPLE,)) -> list[Part]:
    """The engine's parts of an estimate. In the best case its work takes half, and the cache holds one sequence."""
    one = engine.cache * min(1.0, engine.length / engine.tokens) if engine.tokens else 0.0
    return [
        make_part("engine's weights", engine.weights, 1.0, phases),
        make_part("engine's work", engine.work, 0.5, phases),
        make_part("cache of keys and values", engine.cache, one / engine.cache if one else 0.0, phases),
    ]


def describe_cache(engine: EngineMemory) -> str:
    """How many sequences the cache holds."""
    if engine.at_once:
        return (
            f"The cache holds {engine.tokens:,} tokens: {engine.at_once:,} of the longest sequences "
            f"({engine.length:,} tokens) at once."
        )
    return f"The cache holds {engine.tokens:,} tokens, less than one sequence of {engine.length:,}."


def estimate_engine(
    options: EngineOptions, shape: Shape, machine: Machine, longest: int | None = None
) -> Estimate:
    """What vLLM needs for this model on each GPU of the machine, and whether it would start.

    longest: tokens of a longest response, told where the context cannot hold it.
    """
    found = _estimate_engine(options, shape, machine, longest)
    if found.possible or not machine.gpus:
        return found
    return replace(found, remedy=_find_remedy(options, shape, machine, longest))


def _estimate_engine(options: EngineOptions, shape: Shape, machine: Machine, longest: int | None) -> Estimate:
    context = shape.context
    length = min(options.max_model_len or context, context)
    width = 4 if options.dtype == "float32" or not machine.gpus else WIDTH
    ranks = options.tensor_parallel
    engine = measure_engine(
        shape, options.gpu_memory * machine.gib * GIB, ranks, length, width=width,
        sequences=options.concurrency or SEQUENCES,
    )  # fmt: skip
    notes = [describe_cache(engine)] if machine.gpus else []
    if longest is not None and longest >= length:
        notes.append(
            f"max_tokens is {longest:,}, but prompt and response together have at most {length:,} tokens: longer ones are cut off."
        )
    replicas = f", {options.replicas} replicas" if options.replicas > 1 else ""
    what = (
        f"vLLM with {options.model}, tensor parallel {ranks}{replicas}, {options.gpu_memory:g} of the memory"
    )
    parts = list_parts(engine) if machine.gpus else [make_part("engine's weights", engine.weights)]
    return Estimate(
        what, machine, tuple(parts), shape.source, _find_fault(options, shape, machine, engine), None, tuple(notes)
    )  # fmt: skip


def _find_fault(options: EngineOptions, shape: Shape, machine: Machine, engine: EngineMemory) -> str | None:
    """Why vLLM would not start, in the best case; None where it may."""
    ranks, asked = options.tensor_parallel, options.tensor_parallel * options.replicas
    allowed = os.environ.get(ALLOWED_LONGER, "0").lower() in ("1", "true")
    if (options.max_model_len or 0) > shape.context and not allowed:
        return f"max_model_len is {options.max_model_len:,}, and the model's own context is {shape.context:,} tokens"
    if not machine.gpus:
        return None
    if asked > machine.gpus:
        return f"it takes {asked} GPUs, and there are {machine.gpus}"
    if not shape.divides(ranks):
        return f"{shape.heads} heads cannot be spread over {ranks} GPUs"
    if engine.weights >= engine.budget:
        return (
            f"its weights take {engine.weights / GIB:.1f} GiB on each GPU, and its share is "
            f"{engine.budget / GIB:.1f} GiB"
        )
    best = (engine.budget - engine.weights - engine.work / 2) / shape.cache_bytes(ranks)
    if best < engine.length:
        return (
            f"beside its weights ({engine.weights / GIB:.1f} GiB on each GPU) its share of {engine.budget / GIB:.1f} GiB "
            f"has no room for one sequence of {engine.length:,} tokens"
        )
    return None


def _find_remedy(options: EngineOptions, shape: Shape, machine: Machine, longest: int | None) -> str | None:
    """The first change with which it fits, computed as everything else is."""
    own = options.model_copy(update={"max_model_len": None})
    if (options.max_model_len or 0) > shape.context and _estimate_engine(
        own, shape, machine, longest
    ).possible:
        return "leave engine.max_model_len out"
    for ranks in RANKS:
        tried = options.model_copy(update={"tensor_parallel": ranks, "replicas": 1})
        if _estimate_engine(tried, shape, machine, longest).possible:
            more = f" and replicas {machine.gpus // ranks}" if options.replicas > 1 else ""
            return f"give it engine.tensor_parallel={ranks}{more}"
    for ranks in (1, machine.gpus):
        for length in (65536, 32768, 16384, 8192, 4096):
            tried = options.model_copy(
                update={"tensor_parallel": ranks, "replicas": 1, "max_model_len": length}
            )
            if length < shape.context and _estimate_engine(tried, shape, machine, longest).possible:
                return f"give it engine.max_model_len={length} and engine.tensor_parallel={ranks}"
    for ranks in RANKS:
        tried = options.model_copy(update={"tensor_parallel": ranks, "replicas": 1})
        larger = Machine(ranks, machine.gib, planned=True)
        if _estimate_engine(tried, shape, larger, longest).possible:
            return f"take {ranks} GPUs of {machine.gib:.0f} GiB, with engine.tensor_parallel={ranks}"
    return "take a smaller model, or GPUs with more memory"


def find_engine_estimate(
    options: EngineOptions, shapes: Shapes, machine: Machine, longest: int | None
) -> Estimate | None:
    """The estimate of an engine that runs here; None for one that runs elsewhere, or whose model nothing here knows."""
    if options.kind != "vllm" or not options.model:
        return None
    shape = shapes.find(options.model, options.revision)
    return None if shape is None else estimate_engine(options, shape, machine, longest)
