"""The options of matching a teacher as TRL takes them."""

from __future__ import annotations

import logging
from typing import Any, Final

import torch
from trl import DistillationConfig

from distill.common import parallel
from distill.common.batches import choose_micro_batch_size
from distill.common.loading import OwnDevice, make_common_arguments
from distill.common.schedules import FEW_STEPS, space_points
from distill.common.sharding import count_parameters, share_model
from distill.grpo.engine_arguments import NEUTRAL, choose_engine, require_neighbours
from distill.grpo.options import RolloutOptions
from distill.matching.trl_trainer import list_suppressed
from distill.sft.learning_rates import LORA, choose_learning_rate
from distill.sft.options import DistillOptions
from distill.sft.plan import SftPlan
from filters.errors import UserError

logger = logging.getLogger(__name__)

ON_POLICY_RATE: Final = 1e-6
"""TRL's default for DistillationTrainer."""


class MatchingConfig(OwnDevice, DistillationConfig):  # type: ignore[misc]
    """TRL's arguments, with a device that checkpoints can be loaded to."""


def make_arguments(
    plan: SftPlan, steps: int, longest: int, config: Any, shared: int, ends: list[int]
) -> MatchingConfig:
    """TRL's configuration, made before the student is loaded: it decides which process loads what.

    longest: tokens of the longest row. config: the student's. ends: the tokens that end a turn.
    """
    options, processes = plan.options, parallel.get_process_state().num_processes
    device = "cuda" if torch.cuda.is_available() else "cpu"
    micro = choose_micro_batch_size(options.micro_batch_size, options.batch_size, longest, processes, device)
    parameters = count_parameters(config)
    return MatchingConfig(
        **share_model(make_common_arguments(plan, options), options, parameters),
        **_sampling(options, longest, config.get_text_config().vocab_size, shared, ends),
        max_steps=steps,
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=options.batch_size // micro // processes,
        learning_rate=_rate(options, parameters),
        lr_scheduler_type="cosine_with_min_lr",
        lr_scheduler_kwargs={"min_lr_rate": 0.1},
        warmup_steps=options.warmup if steps >= FEW_STEPS else 0,
        beta=options.beta,
        # The rows are in the order of the steps.
        shuffle_dataset=False,
        remove_unused_columns=False,
        logging_steps=space_points(steps),
    )


def _rate(options: DistillOptions, parameters: int) -> float:
    if options.learning_rate is not None:
        return options.learning_rate
    lora = options.lora is not None
    if options.method == "on_policy":
        return ON_POLICY_RATE * (LORA if lora else 1.0)
    return choose_learning_rate(options.model, parameters, lora=lora)


def _sampling(
    options: DistillOptions, longest: int, rows: int, shared: int, ends: list[int]
) -> dict[str, Any]:
    """How the student is sampled; nothing where the set's completions are matched.

    Raises UserError where the GPUs cannot be shared as asked.
    """
    if options.method == "logits":
        return {"temperature": 1.0}
    asked, suppressed = options.on_policy, list_suppressed(rows, shared)
    common = {"temperature": asked.temperature, "max_completion_length": asked.max_tokens}
    if choose_engine(RolloutOptions(kind=asked.rollout)) == "transformers":
        if torch.cuda.is_available():
            logger.warning(
                "Without vLLM each device samples all responses of a step at once, which takes time and memory."
            )
        return {**common, "generation_kwargs": {"suppress_tokens": list(suppressed)} if suppressed else None}
    processes = parallel.get_process_state().num_processes
    require_neighbours("on_policy.tensor_parallel", asked.tensor_parallel, processes)
    if processes % asked.tensor_parallel:
        raise UserError(
            f"on_policy.tensor_parallel={asked.tensor_parallel} does not divide the {processes} processes of this training, one "
            "per GPU: use a divisor of their number."
        )
    barred = {"logit_bias": dict.fromkeys(suppressed, -100.0)} if suppressed else {}
    return {
        **common,
        "use_vllm": True,
        "vllm_mode": "colocate",
        "vllm_gpu_memory_utilization": asked.gpu_memory,
        "vllm_tensor_parallel_size": asked.tensor_parallel,
        "vllm_max_model_length": longest,
        # vLLM gives its memory back during the steps; it can on GPUs only.
        "vllm_enable_sleep_mode": torch.cuda.is_available(),
        "generation_kwargs": {"stop_token_ids": ends, **NEUTRAL, **barred},
    }
