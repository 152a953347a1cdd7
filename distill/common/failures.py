"""Why a training cannot go on, in one sentence: what ended it, what to do, and the checkpoint that it resumes from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch

from curate.store.full_disk import is_disk_full
from distill.common.checkpoints import find_checkpoint
from distill.common.finite import NotFiniteError
from distill.common.plan import Plan
from filters.errors import WorkUndone

MEMORY: Final = ("out of memory", "can't allocate memory", "not enough memory", "CUBLAS_STATUS_ALLOC_FAILED")
"""What torch says where memory runs out, beside its own class for a GPU's."""
PROBABILITIES: Final = "probability tensor contains"
"""What torch says where a model that is no longer finite is sampled."""
LOADER: Final = "DataLoader worker"
ENGINE: Final = (
    "less than desired GPU memory utilization", "No available memory for the cache blocks", "To serve at least one request",
    "Engine core initialization failed", "larger than the available KV cache memory",
)  # fmt: skip
"""What vLLM says where it does not find the memory it needs beside a training."""
LOST_WORDS: Final = (
    "Watchdog caught collective operation timeout",
    "Timed out waiting",
    "Connection closed by peer",
)
"""What torch says where processes wait for one that does not come."""
DEVICE: Final = ("CUDA error", "device-side assert", "HIP error", "NCCL error", "uncorrectable ECC")


@contextmanager
def explain_failures(plan: Plan) -> Iterator[None]:
    """Turn what ends a training from outside into WorkUndone; refusals and faults of ours pass as they are."""
    try:
        yield
    except (NotFiniteError, RuntimeError, OSError, MemoryError, ValueError) as error:
        why = explain(error, plan)
        if why is None:
            raise
        name = f"The training of '{plan.folder}'"
        raise WorkUndone(f"{name} cannot go on: {why} {_describe_checkpoint(plan)}") from error


def explain(error: BaseException, plan: Any) -> str | None:
    """The reason and the remedy; None of an error that is not known."""
    said = _first_line(error)
    if isinstance(error, NotFiniteError) or said.startswith(PROBABILITIES):
        rate = getattr(getattr(plan, "options", None), "learning_rate", None)
        now = f" (now {rate:g})" if rate is not None else ""
        return (
            f"{said}. Lower --learning-rate{now}, or train with dtype float32 where it is bfloat16; what was "
            "not finite was not saved."
        )
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)) or any(words in said for words in MEMORY):
        return (
            f"out of memory ({said}). Lower --micro-batch-size, set --gradient-checkpointing, train with LoRA "
            "(--lora-rank 32), or shard the weights over more GPUs."
        )
    if any(words in said for words in ENGINE):
        return (
            f"vLLM does not start beside the training ({said}). Change its share of the memory (rollout.gpu_memory), "
            "spread it over more GPUs (rollout.tensor_parallel), or lower --max-tokens."
        )
    if any(words in said for words in LOST_WORDS):
        return (
            f"the processes lost each other ({said}); the log of each rank says what the first of them met."
        )
    if is_disk_full(error):
        return "the disk is full; free some space."
    if said.startswith(LOADER):
        return f"a process that reads data was lost ({said})."
    if any(words in said for words in DEVICE):
        return f"a GPU failed ({said}); see what the system's log (dmesg) says of it."
    return None


def _describe_checkpoint(plan: Plan) -> str:
    checkpoint = find_checkpoint(plan)
    if checkpoint is None:
        return "There is no checkpoint yet (--save-minutes): the same command starts anew."
    step = checkpoint.name.partition("-")[2]
    return f"The same command resumes from step {step} ('{checkpoint}')."


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
