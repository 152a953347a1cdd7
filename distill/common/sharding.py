"""How several GPUs share one model: each holds all of it, or a part, by torch's FSDP2 or DeepSpeed's ZeRO-3.

Both are set up through the trainer's arguments, which must be made before the model is loaded: then the first process
of a node reads the weights and hands the others their parts (FSDP2), or each process keeps only its part of every
layer as it is read (ZeRO-3), and no node ever holds the model once a GPU.
"""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Mapping
from typing import Any, Final, Literal

import torch
from transformers import AutoConfig, AutoModelForCausalLM

from curate.engines.identity import Source
from distill.common import parallel
from distill.common.options import TrainingOptions
from distill.common.requirements import require_sharder
from filters.errors import UserError

logger = logging.getLogger(__name__)

ShardKind = Literal["none", "fsdp2", "zero3"]
TRAINED_BYTES: Final = 16
"""Bytes a trained weight: itself, its gradient and two moments of AdamW, in float32."""
FROZEN_BYTES: Final = 2
"""Bytes a weight that LoRA freezes, in bfloat16."""
SHARE: Final = 0.75
"""The part of a GPU's memory that weights and optimizer may fill; the rest is for activations."""


def read_config(base: Source) -> Any:
    """The model's config, as transformers reads it. Raises UserError where it cannot."""
    try:
        return AutoConfig.from_pretrained(base.model, revision=base.commit)
    except (OSError, ValueError, KeyError) as error:
        said = " ".join(str(error).split())[:300]
        raise UserError(f"The config of '{base.model}' cannot be read: {said}") from None


def read_context(config: Any) -> float:
    """The longest row in tokens that a model of this config is made for; infinite where it says none."""
    return getattr(config.get_text_config(), "max_position_embeddings", None) or math.inf


def count_parameters(config: Any) -> int:
    """The weights of a model of this config, tied ones once, without loading any."""
    with torch.device("meta"):
        return int(AutoModelForCausalLM.from_config(config).num_parameters())


def choose_sharding(asked: Literal["auto"] | ShardKind, parameters: int, *, lora: bool) -> ShardKind:
    """What was asked for, else FSDP2 where there are several GPUs and one cannot hold weights and optimizer.

    Raises UserError where DeepSpeed is asked for and not installed.
    """
    processes = parallel.get_process_state().num_processes
    require_sharder(asked)
    if asked != "auto":
        if asked != "none" and processes == 1:
            logger.warning(f"shard={asked} shares nothing: there is only one process.")
        return asked if processes > 1 else "none"
    if processes == 1 or not torch.cuda.is_available() or is_configured():
        return "none"
    memory = torch.cuda.get_device_properties(0).total_memory
    return "fsdp2" if parameters * (FROZEN_BYTES if lora else TRAINED_BYTES) > SHARE * memory else "none"


def is_configured() -> bool:
    """Whether accelerate was told to share the model, by a config file (`recipes/accelerate`) or `accelerate config`."""
    names = ("ACCELERATE_USE_FSDP", "ACCELERATE_USE_DEEPSPEED")
    return any(os.environ.get(name, "").lower() in ("true", "1") for name in names)


def share_model(common: Mapping[str, Any], options: TrainingOptions, parameters: int) -> dict[str, Any]:
    """The arguments that all trainings share, with those by which GPUs share a model of so many weights.

    To be called before the model is loaded, and before anything asks how it is shared.
    """
    sharding = choose_sharding(options.shard, parameters, lora=options.lora is not None)
    half, checkpointing = common["bf16"], common["gradient_checkpointing"]
    return {**common, **make_sharding_arguments(sharding, half=half, checkpointing=checkpointing)}


def make_sharding_arguments(sharding: ShardKind, *, half: bool, checkpointing: bool) -> dict[str, Any]:
    """The arguments of transformers' trainer for it. Making the trainer's arguments also prepares the loading.

    half: whether to compute in bfloat16. checkpointing: whether activations are computed again in the backward pass.
    """
    if sharding == "fsdp2":
        # What transformers asks when it loads weights; the trainer would set it only afterwards.
        os.environ |= {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}
        config = {
            "version": 2,
            "auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
            "cpu_ram_efficient_loading": True,
            "reshard_after_forward": True,
            "state_dict_type": "FULL_STATE_DICT",
            # Within each sharded layer, so that its weights are not gathered once more for the second forward pass.
            "activation_checkpointing": checkpointing,
        }
        return {"fsdp": True, "fsdp_config": config, "gradient_checkpointing": False}
    if sharding == "zero3":
        from deepspeed.comm import init_distributed

        # The processes know each other by now, but not in DeepSpeed's book, by which weights are shared out.
        init_distributed(torch.distributed.get_backend(), auto_mpi_discovery=False)
        return {"deepspeed": zero3(half=half)}
    return {}


def tell_arguments(arguments: Any) -> ShardKind:
    """How the model is shared by a trainer with these arguments, also where accelerate's own config said so."""
    if arguments.deepspeed_plugin is not None:
        return "zero3"
    return "fsdp2" if os.environ.get("ACCELERATE_USE_FSDP", "").lower() in ("true", "1") else "none"


def zero3(*, half: bool) -> dict[str, Any]:
    """DeepSpeed's configuration: stage 3, master weights and moments in float32, sizes as the trainer says."""
    return {
        "zero_optimization": {
            "stage": 3,
            "overlap_comm": True,
            "contiguous_gradients": True,
            "reduce_bucket_size": "auto",
            "stage3_prefetch_bucket_size": "auto",
            "stage3_param_persistence_threshold": "auto",
            "stage3_gather_16bit_weights_on_model_save": True,
        },
        "bf16": {"enabled": half},
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
    }
