"""A training goes on from its last checkpoint, also in another number of processes: what is the same then, and what is not."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

from distill.common import parallel
from distill.common.checkpoints import find_checkpoint, is_whole, list_folders
from distill.common.plan import Plan
from distill.common.sharding import ShardKind, tell_arguments
from filters.errors import UserError

logger = logging.getLogger(__name__)


def find_resumable(plan: Plan, arguments: Any) -> str | None:
    """The checkpoint that a trainer with these arguments goes on from, or None where there is none; those that are not whole go.

    Raises UserError where it cannot be read as this training shares its model.
    """
    checkpoint = find_checkpoint(plan)
    if parallel.get_process_state().is_main_process:
        # A checkpoint of the same step is written there again, and would be mixed with what is left of this one.
        for folder in list_folders(plan.aside / "checkpoints"):
            if not is_whole(folder):
                shutil.rmtree(folder)
    if checkpoint is not None:
        check_checkpoint(checkpoint, tell_arguments(arguments))
    return None if checkpoint is None else str(checkpoint)


def find_sharding(plan: Plan) -> ShardKind | None:
    """How an interrupted training shared its model; None where there is none to go on with."""
    checkpoint = find_checkpoint(plan)
    return None if checkpoint is None else tell_sharding(checkpoint)


def check_checkpoint(checkpoint: Path, sharding: ShardKind) -> None:
    """Say what differs where a checkpoint was written by another number of processes.

    Raises UserError where its weights were shared in another way, because their files cannot be read so.
    """
    before, now = count_processes(checkpoint), parallel.get_process_state().num_processes
    shared = tell_sharding(checkpoint)
    if shared != sharding:
        several = " on at least two processes" if shared != "none" and now == 1 else ""
        raise UserError(
            f"This training was interrupted with shard={shared} on {before} processes, and its checkpoint "
            f"'{checkpoint}' cannot go on with shard={sharding}: go on with shard={shared}{several}, or remove the "
            "checkpoint to start anew."
        )
    if before != now and parallel.get_process_state().is_main_process:
        logger.warning(
            f"This training was interrupted on {before} processes and goes on, at {checkpoint.name}, on {now}: each "
            "step has the same rows, but sums are rounded in another order, and dropout, where a model has any, "
            "draws anew, so that the weights are not bit for bit those of an uninterrupted training."
        )


def count_processes(checkpoint: Path) -> int:
    """The processes that wrote a checkpoint: each left the state of its random numbers."""
    return max(1, len(list(checkpoint.glob("rng_state_*.pth"))))


def tell_sharding(checkpoint: Path) -> ShardKind:
    """How the processes that wrote a checkpoint shared the model, by its files."""
    if any(checkpoint.glob("pytorch_model_fsdp*")):
        return "fsdp2"
    return "zero3" if any(checkpoint.glob("global_step*")) else "none"
