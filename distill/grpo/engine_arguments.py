"""Which engine samples the policy, and how TRL is told to run it beside this training."""

from __future__ import annotations

import logging
from collections.abc import Collection
from importlib.util import find_spec
from typing import Any, Final, Literal

import torch

from distill.common.machines import count_neighbours
from distill.common.requirements import require_engine, require_wakeful
from distill.grpo.options import GrpoOptions, RolloutOptions
from distill.memory.training import USUAL_SHARE
from filters.errors import UserError

logger = logging.getLogger(__name__)

NEUTRAL: Final = {"presence_penalty": 0.0, "frequency_penalty": 0.0}
"""What TRL leaves unsaid: a server would fill it from the model's generation config."""


def choose_engine(rollout: RolloutOptions) -> Literal["transformers", "vllm", "server"]:
    """The engine asked for, or the fastest there is. Raises UserError where vLLM is asked for and not installed."""
    if rollout.kind == "auto":
        installed = find_spec("vllm") is not None
        return "vllm" if installed and torch.cuda.is_available() else "transformers"
    require_engine(rollout.kind)
    return rollout.kind


def make_engine_arguments(
    options: GrpoOptions, ends: Collection[int], longest: int, heads: int, processes: int
) -> dict[str, Any]:
    """TRL's options for the engine.

    ends: the tokens that end a response. longest: tokens of the longest possible prompt with its response. heads:
    the model's attention heads. processes: those of the training. Raises UserError where the model cannot be
    divided as asked.
    """
    rollout = options.rollout
    kind = choose_engine(rollout)
    if kind == "transformers":
        if torch.cuda.is_available():
            logger.warning(
                "Without vLLM each device samples all its responses of a rollout at once, which takes time and memory."
            )
        return {"use_vllm": False}
    common = {
        "use_vllm": True,
        "generation_kwargs": {"stop_token_ids": sorted(ends), **NEUTRAL},
        # Per token: over a chain of thousands of tokens the product of all ratios is meaningless.
        "vllm_importance_sampling_mode": "token_truncate",
    }
    if kind == "server":
        return {
            **common,
            "vllm_mode": "server",
            "vllm_server_base_url": rollout.server,
            "vllm_group_port": rollout.transfer_port,
        }
    parallel = rollout.tensor_parallel or 1
    _require_divisible(parallel, heads, processes)
    return {
        **common,
        "vllm_mode": "colocate",
        "vllm_gpu_memory_utilization": rollout.gpu_memory or USUAL_SHARE,
        "vllm_tensor_parallel_size": parallel,
        # The cache need not hold the model's whole context.
        "vllm_max_model_length": longest,
        "vllm_enable_sleep_mode": _sleeps(rollout),
    }


def require_neighbours(option: str, parallel: int, processes: int) -> None:
    """Raises UserError where GPUs of several machines would share one copy of the model in vLLM."""
    here = count_neighbours(processes)
    if here < processes and here % parallel:
        raise UserError(
            f"{option}={parallel} does not divide the {here} processes of a machine, and a copy of the model in vLLM does not "
            f"reach over machines: use a divisor of {here}."
        )


def _sleeps(rollout: RolloutOptions) -> bool:
    """Whether vLLM gives its memory back during the steps; it can on GPUs only."""
    on_gpu = torch.cuda.is_available()
    if not on_gpu:
        require_wakeful(rollout.sleep)
    return on_gpu if rollout.sleep is None else rollout.sleep


def _require_divisible(parallel: int, heads: int, processes: int) -> None:
    require_neighbours("rollout.tensor_parallel", parallel, processes)
    if processes % parallel:
        raise UserError(
            f"rollout.tensor_parallel={parallel} does not divide the {processes} processes of this training, one per GPU: "
            "use a divisor of their number."
        )
    if heads % parallel:
        raise UserError(
            f"rollout.tensor_parallel={parallel} does not divide the model's {heads} attention heads: use a divisor of both "
            f"{heads} and the {processes} processes of this training."
        )
