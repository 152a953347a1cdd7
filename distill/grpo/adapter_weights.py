"""The weights of a policy with LoRA adapters as an engine takes them, while the policy's own stay as they are.

TRL adds the adapters to the weights in place before each transfer and subtracts them after it. In bfloat16 both
round, so the frozen weights, which are the KL reference too, drift away with every transfer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from peft import PeftModel
from peft.tuners.lora import Linear
from torch.distributed.tensor import DTensor

from filters.errors import UserError

Gather = Callable[[Sequence[torch.nn.Parameter]], AbstractContextManager[None]]
"""Makes sharded parameters whole within its block, as DeepSpeed's ZeRO-3 needs."""

BASE = ".base_layer."


def require_linear(model: PeftModel) -> None:
    """Raises UserError where an adapter sits on a layer whose sum with it is not known here."""
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Module) and hasattr(module, "base_layer") and not _is_plain(module):
            raise UserError(
                f"The adapter on '{name.removeprefix('base_model.model.')}' is not one on a linear layer, so vLLM cannot "
                "be given its weights: change lora.targets (all-linear fits every model)."
            )


def _is_plain(module: torch.nn.Module) -> bool:
    """Whether a layer is a linear one with plain LoRA: no DoRA, no bias, no other variant."""
    return (
        isinstance(module, Linear)
        and not module.lora_variant
        and not any(module.lora_bias.values())
        and not module.fan_in_fan_out
    )


def iterate_merged(
    model: PeftModel, gather: Gather, device: torch.device
) -> Iterator[tuple[str, torch.Tensor]]:
    """The name of each of the base model's parameters with its values, the adapters added.

    The sum is computed in float32 and rounded once to the parameter's type. Sharded parameters are gathered one
    layer at a time, so every process must iterate to the end.
    """
    for name, parameter in model.named_parameters():
        if model.prefix in name:
            continue
        plain = name.removeprefix("base_model.model.").replace(BASE, ".")
        owner = model.get_submodule(name.partition(BASE)[0]) if name.endswith(f"{BASE}weight") else None
        if owner is None:
            with gather([parameter]):
                yield plain, _whole(parameter, device)
            continue
        pairs = [
            (owner.lora_A[adapter].weight, owner.lora_B[adapter].weight, owner.scaling[adapter])
            for adapter in owner.active_adapters
        ]
        with gather([parameter, *(matrix for a, b, _ in pairs for matrix in (a, b))]):
            yield plain, _add(_whole(parameter, device), pairs, device)


def _add(weight: torch.Tensor, pairs: Sequence[tuple[Any, Any, float]], device: torch.device) -> torch.Tensor:
    """A new tensor of the weight's type: the weight plus each pair's scaled product."""
    total = weight.float()
    if total is weight or total.data_ptr() == weight.data_ptr():
        total = weight.clone()
    for a, b, scale in pairs:
        total.addmm_(_whole(b, device).float(), _whole(a, device).float(), alpha=scale)
    return total.to(weight.dtype)


def _whole(parameter: torch.nn.Parameter, device: torch.device) -> torch.Tensor:
    """A parameter's values without its graph; those that FSDP2 sharded are put together on the device."""
    values = parameter.detach()
    if not isinstance(values, DTensor):
        return values
    if values.is_cpu:
        # Offloaded shards: the collectives of GPUs need them there.
        values = values.to(device)
    return values.full_tensor()
