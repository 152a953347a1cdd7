"""A training's options as TRL takes them."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection
from typing import Any

import torch
from trl import GRPOConfig

from distill.common import parallel
from distill.common.batches import choose_micro_batch_size
from distill.common.loading import OwnDevice, make_common_arguments
from distill.common.sharding import count_parameters, share_model
from distill.grpo.engine_arguments import make_engine_arguments
from distill.grpo.options import GrpoOptions
from distill.grpo.plan import GrpoPlan

logger = logging.getLogger(__name__)


class PolicyConfig(OwnDevice, GRPOConfig):  # type: ignore[misc]
    """TRL's arguments, with a device that checkpoints can be loaded to."""


def make_arguments(plan: GrpoPlan, longest: int, config: Any, ends: Collection[int]) -> PolicyConfig:
    """TRL's configuration, made before the model is loaded: it decides which process loads what.

    longest: tokens of the longest possible prompt with its response. config: the model's. ends: the tokens that end
    a response.
    """
    options, processes = plan.options, parallel.get_process_state().num_processes
    device = "cuda" if torch.cuda.is_available() else "cpu"
    batch = options.prompts_per_step * options.group_size
    micro = choose_micro_batch_size(options.micro_batch_size, batch, longest, processes, device)
    accumulated = batch // micro // processes
    common = share_model(make_common_arguments(plan, options), options, count_parameters(config))
    heads = config.get_text_config().num_attention_heads
    interval = _reference_interval(options, zero3="deepspeed" in common)
    return PolicyConfig(
        **common,
        **make_engine_arguments(options, ends, longest, heads, processes),
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
        # A ratio to the policy that sampled, or to the reference, is noise where each pass drops other neurons.
        disable_dropout=True,
        # The rows are in the order of the steps.
        shuffle_dataset=False,
        remove_unused_columns=False,
        logging_steps=1,
    )


def _reference_interval(options: GrpoOptions, *, zero3: bool) -> int | None:
    """After how many steps the reference model is replaced; None where it stays."""
    steps = options.reference_interval
    if steps and (zero3 or not _can_keep_reference()):
        # It would not be saved with a checkpoint: after a restart it would be the first one again.
        if parallel.get_process_state().is_main_process:
            logger.warning(
                "Under DeepSpeed and FSDP 1 the first reference model is kept: reference_steps has no effect."
            )
        return None
    return steps


def _can_keep_reference() -> bool:
    """Whether the reference's weights can be saved with a checkpoint: on one device, copied, or sharded by FSDP2."""
    if os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
        return False
    return os.environ.get("ACCELERATE_USE_FSDP") != "true" or os.environ.get("FSDP_VERSION") == "2"
