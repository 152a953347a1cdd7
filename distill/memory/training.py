"""The one function that estimates what a training needs on each device: weights to activations, and its rollouts' engine.

Weights, gradients and optimizer are exact: AdamW keeps two numbers per trained parameter (Rajbhandari et al. 2020,
ZeRO, arXiv 1910.02054, section 3.1); so is how sharding divides them. Activations are those of `activations`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from curate.memory.engines import EngineMemory, describe_cache, list_parts, measure_engine
from curate.memory.estimate import SAMPLE, TRAIN, Estimate, Part, make_part
from curate.memory.machine import GIB, Machine
from curate.memory.shapes import Shape
from distill.memory.activations import (
    BFLOAT16,
    FLOAT32,
    Numbers,
    count_saved_bytes,
    count_work_bytes,
)

Shard = Literal["none", "fsdp2", "zero3"]

GPU_RESERVE: Final = 1.5 * GIB
"""What CUDA, its libraries and NCCL keep on a GPU, roughly."""
CPU_RESERVE: Final = 1.0 * GIB
"""What Python and its libraries take of a CPU's memory for a training, roughly."""
TILE: Final = 4096 * 8192
"""Logits that TRL's fused head holds at once, whatever the vocabulary."""
ZERO3_LIVE: Final = 1_000_000_000
"""Parameters that DeepSpeed gathers at most ahead of their use (stage3_max_live_parameters)."""
BATCH_TOKENS: Final = 4096
"""Tokens that TRL lets vLLM compute at once beside a training."""
SEQUENCES: Final = 512
"""Most sequences that vLLM samples at once beside a training; the others wait for a free place.

vLLM refuses to start where they exceed the tokens of a batch, and reserves memory for the probabilities of all of them
over the whole vocabulary (0.3 GB at 512 and 152,000 tokens).
"""
USUAL_SHARE: Final = 0.3
"""Share of a GPU's memory for vLLM where neither an option nor an estimate gives one: TRL's own default."""


@dataclass(frozen=True, slots=True)
class Rollout:
    """How a policy is sampled while it is trained.

    kind: vllm in the training's processes, as a server on other GPUs, or transformers' own generate. ranks, share: GPUs
    for one copy in vLLM, and its share of each. sleeps: whether vLLM gives its memory back while the policy trains.
    rows: samples that transformers makes at once on a device.
    """

    kind: Literal["vllm", "server", "transformers"]
    ranks: int = 1
    share: float = USUAL_SHARE
    sleeps: bool = True
    rows: int = 1


@dataclass(frozen=True, slots=True)
class TrainingSetup:
    """All that decides what a training needs.

    rows, length: of a micro batch, in tokens. sure: the share of its activations that is needed in the best case, less
    than 1 where rows may turn out shorter. lora: the adapters' rank; None trains all weights. bfloat16: whether trained
    weights are held in bfloat16. padded: whether rows have padding that attention must not see. keeps_attention: whether
    checkpointing keeps what attention gave. offloads: whether it keeps the layers' inputs in the CPU's memory. beside:
    bytes of models beside the trained one, by name.
    """

    what: str
    shape: Shape
    machine: Machine
    shard: Shard
    rows: int
    length: int
    sure: float
    lora: int | None
    bfloat16: bool
    checkpointing: bool
    reference: bool = False
    padded: bool = False
    keeps_attention: bool = False
    offloads: bool = False
    rollout: Rollout | None = None
    beside: tuple[tuple[str, float], ...] = ()

    @property
    def shards(self) -> int:
        """Into how many parts weights are divided."""
        return 1 if self.shard == "none" else self.machine.devices

    @property
    def width(self) -> int:
        """Bytes of a trained weight."""
        return BFLOAT16 if self.bfloat16 and self.lora is None else FLOAT32

    @property
    def frozen_width(self) -> int:
        """Bytes of a weight that LoRA freezes; sharded ones are of the adapters' type."""
        whole = bool(self.machine.gpus) and self.shard == "none"
        return BFLOAT16 if self.bfloat16 or whole else FLOAT32

    @property
    def numbers(self) -> Numbers:
        """In which types it computes: on GPUs in bfloat16, by autocast or, where weights are gathered, as they are then."""
        if not self.machine.gpus:
            return Numbers(self.width, self.width)
        autocast = self.shard == "none" and (self.lora is not None or not self.bfloat16)
        return Numbers(BFLOAT16, FLOAT32 if autocast and self.lora is None else BFLOAT16, autocast)


def estimate_training(training: TrainingSetup) -> Estimate:
    """What a training needs on each device, and what keeps its engine from starting."""
    engine = measure_rollout_engine(training)
    parts = (*_list_state(training), *_list_passes(training), *_list_rollout(training, engine))
    notes = (describe_cache(engine),) if engine is not None else ()
    return Estimate(
        training.what, training.machine, parts, training.shape.source, _find_fault(training, engine), None, notes
    )  # fmt: skip


def _list_state(training: TrainingSetup) -> Iterator[Part]:
    """What is held all the time: weights, gradients, optimizer, the reference."""
    shape, shards, width = training.shape, training.shards, training.width
    trained = shape.parameters if training.lora is None else shape.adapter_parameters(training.lora)
    if training.lora is None:
        yield make_part("weights", shape.parameters * width / shards)
    else:
        yield make_part("frozen weights", shape.parameters * training.frozen_width / shards)
        yield make_part("adapters", trained * width / shards)
    yield make_part("gradients", trained * width / shards, 1.0, (TRAIN,))
    yield make_part("optimizer", 2 * trained * width / shards)
    if training.shard == "none" and training.machine.gpus > 1:
        # DistributedDataParallel's buckets are a second copy of all gradients, and stay.
        yield make_part("gradient buckets", trained * width)
    if training.shard == "zero3" and width == FLOAT32 and training.lora is None:
        yield make_part("weights to compute with", shape.parameters * BFLOAT16 / shards)
    if training.reference and training.lora is None:
        yield make_part("KL reference", shape.parameters * width / shards)
    for name, size in training.beside:
        yield make_part(name, size)


def _list_passes(training: TrainingSetup) -> Iterator[Part]:
    """What a forward and a backward pass hold: copies of weights, activations, the loss."""
    shape, numbers, tokens = training.shape, training.numbers, training.rows * training.length
    yield make_part("weights as computed with", _count_copies(training), 0.5, (TRAIN,))
    saved = tokens * count_saved_bytes(
        shape, numbers, checkpointing=training.checkpointing, padded=training.padded, rank=training.lora
    )
    if training.checkpointing and training.keeps_attention:
        saved += tokens * shape.layers * (numbers.compute * shape.queries + FLOAT32 * shape.heads)
    if training.checkpointing and training.offloads:
        # Two layers' inputs are on their way.
        saved -= tokens * (shape.layers - 2) * numbers.stream * shape.hidden
    work = tokens * count_work_bytes(shape, numbers)
    # A mask of every pair of tokens, and the numbers it becomes in the attention kernel.
    mask = training.rows * training.length**2 * (1 + numbers.compute) if training.padded else 0
    share = training.sure * saved / (saved + work + mask)
    yield make_part("activations", saved + work + mask, share, (TRAIN,))
    head = 0 if training.lora is not None else FLOAT32 * shape.head_parameters
    # The head's gradient before it is added up, a tile of logits, and the last hidden states with their gradient.
    yield make_part("loss", head + TILE * numbers.compute + tokens * shape.hidden * 8, 0.3, (TRAIN,))
    yield make_part("reserve", GPU_RESERVE if training.machine.gpus else CPU_RESERVE, 0.5)


def _count_copies(training: TrainingSetup) -> float:
    """Bytes of weights in the type they are computed with, beside those that are held.

    Autocast keeps a bfloat16 copy of every float32 matrix through a pass; sharded training gathers a layer, the next
    one, and the embedding with its gradient.
    """
    shape, compute = training.shape, training.numbers.compute
    if training.shard == "zero3":
        return float(compute * min(ZERO3_LIVE, shape.parameters))
    if training.shard == "fsdp2":
        gathered = 2 * shape.layer_parameters + shape.embedding_parameters
        gradients = 0 if training.lora is not None else shape.layer_parameters + shape.head_parameters
        return float(compute * (gathered + gradients))
    if training.numbers.casts and training.lora is None:
        return float(compute * shape.layers * shape.layer_parameters)
    return 0.0


def measure_rollout_engine(training: TrainingSetup) -> EngineMemory | None:
    """The engine beside the training; None where it samples elsewhere or not at all."""
    rollout = training.rollout
    if rollout is None or rollout.kind != "vllm" or not training.machine.gpus:
        return None
    budget = rollout.share * training.machine.gib * GIB
    return measure_engine(
        training.shape, budget, rollout.ranks, training.length, batched=BATCH_TOKENS, sequences=SEQUENCES
    )


def _list_rollout(training: TrainingSetup, engine: EngineMemory | None) -> Iterator[Part]:
    """What sampling the policy holds."""
    rollout = training.rollout
    if rollout is None:
        return
    if engine is not None:
        yield from list_parts(engine, (SAMPLE,) if rollout.sleeps else (TRAIN, SAMPLE))
    if rollout.kind == "transformers":
        tokens = rollout.rows * training.length
        cache = tokens * training.shape.cache_bytes(1, training.numbers.compute)
        yield make_part("cache of keys and values", cache, 0.2, (SAMPLE,))


def _find_fault(training: TrainingSetup, engine: EngineMemory | None) -> str | None:
    """Why the engine beside the training would not start, in the best case; None where it may."""
    if engine is None or training.rollout is None:
        return None
    shape, ranks, gpus = training.shape, training.rollout.ranks, training.machine.gpus
    if gpus % ranks or not shape.divides(ranks):
        return f"vLLM cannot spread {shape.heads} heads over {ranks} of {gpus} GPUs (rollout.tensor_parallel)"
    share = f"its share of each GPU (rollout.gpu_memory) is {engine.budget / GIB:.1f} GiB"
    if engine.weights >= engine.budget:
        return f"vLLM's weights take {engine.weights / GIB:.1f} GiB at tensor parallel {ranks}, and {share}"
    if (engine.budget - engine.weights - engine.work / 2) / shape.cache_bytes(ranks) < engine.length:
        return (
            f"beside vLLM's weights ({engine.weights / GIB:.1f} GiB at tensor parallel {ranks}) there is no room for one "
            f"sequence of {engine.length:,} tokens, and {share}"
        )
    return None
