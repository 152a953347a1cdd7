"""A training's options as TRL takes them."""

from __future__ import annotations

import logging
import os
from importlib.util import find_spec
from typing import Any

import torch
from trl import GRPOConfig

from distill.common import parallel
from distill.common.loading import choose_micro_batch_size, make_common_arguments
from distill.grpo.options import GrpoOptions
from distill.grpo.plan import GrpoPlan

logger = logging.getLogger(__name__)


def make_arguments(plan: GrpoPlan, longest: int, end: int) -> GRPOConfig:
    """TRL's configuration; end: the token that ends a turn."""
    options, processes = plan.options, parallel.get_process_state().num_processes
    device = "cuda" if torch.cuda.is_available() else "cpu"
    batch = options.prompts_per_step * options.group_size
    micro = choose_micro_batch_size(options.micro_batch_size, batch, longest, processes, device)
    accumulated = batch // micro // processes
    interval = _reference_interval(options)
    return GRPOConfig(
        **make_common_arguments(plan, options),
        **_rollout(options, end),
        max_steps=options.steps,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=accumulated,
        steps_per_generation=accumulated * options.rollout_steps,
        num_generations=options.group_size,
        learning_rate=options.learning_rate,
        lr_scheduler_type="constant",
        temperature=options.sampling.temperature,
        top_p=options.sampling.top_p,
        top_k=options.sampling.top_k or 0,
        max_completion_length=options.sampling.max_tokens,
        beta=options.kl_coefficient,
        sync_ref_model=interval is not None,
        ref_model_sync_steps=interval or 1,
        ref_model_mixup_alpha=1.0,
        model_init_kwargs={"revision": plan.base.commit} if plan.base.commit else None,
        epsilon=options.clip_range,
        epsilon_high=options.clip_range_high,
        loss_type=options.loss,
        scale_rewards="group" if options.scale_rewards else "none",
        mask_truncated_completions=options.mask_truncated,
        # The rows are in the order of the steps.
        shuffle_dataset=False,
        remove_unused_columns=False,
        logging_steps=1,
    )


def _reference_interval(options: GrpoOptions) -> int | None:
    """After how many steps the reference model is replaced; None where it stays."""
    steps = options.reference_interval
    if steps and any(os.environ.get(f"ACCELERATE_USE_{kind}") == "true" for kind in ("FSDP", "DEEPSPEED")):
        # A sharded reference is not saved with a checkpoint: after a restart it would be the first one again.
        if parallel.get_process_state().is_main_process:
            logger.warning(
                "Under FSDP and DeepSpeed the first reference model is kept: reference_steps has no effect."
            )
        return None
    return steps


def _rollout(options: GrpoOptions, end: int) -> dict[str, Any]:
    """TRL's options for the engine that samples the policy; TRL runs vLLM on GPUs only."""
    rollout = options.rollout
    on_gpu = torch.cuda.is_available() and find_spec("vllm") is not None
    kind = rollout.kind if rollout.kind != "auto" else "vllm" if on_gpu else "transformers"
    if kind == "transformers":
        if torch.cuda.is_available():
            logger.warning(
                "Without vLLM each device samples all its responses of a rollout at once, which takes time and memory."
            )
        return {"use_vllm": False}
    common = {
        "use_vllm": True,
        "generation_kwargs": {"stop_token_ids": [end]},
        # Per token: over a chain of thousands of tokens the product of all ratios is meaningless.
        "vllm_importance_sampling_mode": "token_truncate",
    }
    if kind == "server":
        return {**common, "vllm_mode": "server", "vllm_server_base_url": rollout.server}
    return {
        **common,
        "vllm_mode": "colocate",
        "vllm_gpu_memory_utilization": rollout.gpu_memory or 0.3,
        "vllm_tensor_parallel_size": rollout.tensor_parallel or 1,
    }
