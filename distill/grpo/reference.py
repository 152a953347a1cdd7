"""The KL reference: sharded as the policy is, kept with checkpoints, and never silently another model than it should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import torch
from accelerate import Accelerator
from accelerate.utils.fsdp_utils import fsdp2_prepare_model
from safetensors.torch import load_file, save_file
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    set_model_state_dict,
)
from torch.distributed.fsdp import FSDPModule
from torch.distributed.tensor import DTensor
from transformers import TrainerCallback
from trl.models.utils import prepare_fsdp
from trl.trainer.callbacks import SyncRefModelCallback

from filters.errors import UserError

REFERENCE: Final = "reference.safetensors"
"""The file of a checkpoint that holds the reference's weights."""

NOISE: Final = 0.01
"""Divergence per token below which two models count as the same.

Equal weights in bfloat16 differ by about 1e-4 where batches have different shapes; one layer of a reference that was not
loaded costs whole units.
"""

NOT_THE_POLICY: Final = (
    "it was not loaded or sharded whole, and the training would be drawn to another model. Use --lora-rank or "
    "--kl-coefficient 0, which need no second model, or other settings of FSDP or DeepSpeed."
)


def shard_reference(model: Any, accelerator: Accelerator) -> Any:
    """Shard the reference under FSDP, in place of TRL's function of the same arguments.

    Under FSDP2 the first process alone loads the weights (accelerate's default) and the others hold zeros. TRL
    shards what each process holds, so that half of the reference is zeros with two of them. accelerate's own
    function for the policy sends the weights round, and shards layer by layer.
    """
    if accelerator.state.fsdp_plugin.fsdp_version == 1:
        return prepare_fsdp(model, accelerator)
    return fsdp2_prepare_model(accelerator, model).eval()


class ReplaceReference(SyncRefModelCallback):  # type: ignore[misc]
    """TRL's callback that copies the policy into the reference, for sharded models too."""

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Copy between shards: what FSDP2 left gathered after a pass would be used again, with its old weights."""
        for model in (rest["model"], self.ref_model):
            for module in model.modules():
                if isinstance(module, FSDPModule):
                    module.reshard()
        super().on_step_end(args, state, control, **rest)


def save_reference(model: Any, folder: Path, main: bool) -> None:
    """Write the reference's weights into a checkpoint; called in every process, written by the main one."""
    state = get_model_state_dict(
        model, options=StateDictOptions(full_state_dict=True, cpu_offload=_is_sharded(model))
    )
    if main:
        folder.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.detach().clone() for name, tensor in state.items()}, folder / REFERENCE)


def load_reference(model: Any, file: Path, main: bool) -> None:
    """Give the reference the weights of a checkpoint; called in every process."""
    sharded = _is_sharded(model)
    state = load_file(file) if main or not sharded else {}
    options = StateDictOptions(full_state_dict=True, broadcast_from_rank0=sharded)
    set_model_state_dict(model, state, options=options)


def _is_sharded(model: Any) -> bool:
    return any(isinstance(parameter, DTensor) for parameter in model.parameters())


class RequireSameWeights(TrainerCallback):  # type: ignore[misc]
    """Before each step at which the reference is to be the policy: every weight is, on every device.

    What ZeRO-3 has spread cannot be compared here; `require_equal` sees it.
    """

    def __init__(self, reference: Any, accelerator: Accelerator) -> None:
        self._reference, self._accelerator = reference, accelerator

    def on_step_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Compare what this process holds of both. Raises UserError in every process where one differs."""
        replaced = args.sync_ref_model and state.global_step % args.ref_model_sync_steps == 0
        if state.global_step and not replaced:
            return
        models = [self._accelerator.unwrap_model(model) for model in (rest["model"], self._reference)]
        pairs = zip(*(model.named_parameters() for model in models), strict=True)
        wrong = [name for (name, policy), (_, reference) in pairs if not _is_equal(policy, reference)]
        number = torch.tensor(len(wrong), device=self._accelerator.device)
        if total := int(self._accelerator.reduce(number, "sum")):
            raise UserError(
                f"Before step {state.global_step + 1} the reference model must be the policy, but {total} of its weights, "
                f"counted on each device, are others: {NOT_THE_POLICY}"
            )


def _is_equal(policy: torch.Tensor, reference: torch.Tensor) -> bool:
    mine, theirs = (
        tensor.to_local() if isinstance(tensor, DTensor) else tensor
        for tensor in (policy.detach(), reference.detach())
    )
    return bool(torch.equal(mine.to(theirs), theirs))


def require_equal(divergence: float, step: int) -> None:
    """Raises UserError where a reference that is to equal the policy, before the given step, does not.

    divergence: the KL divergence between them, per token.
    """
    if not divergence <= NOISE:
        raise UserError(
            f"Before step {step + 1} the reference model must give the policy's own probabilities, but diverges from them by "
            f"{divergence:.3g} per token: {NOT_THE_POLICY}"
        )
