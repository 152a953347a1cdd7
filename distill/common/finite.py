"""No step is taken on a gradient that is not finite, and no weights that are not finite are saved.

One infinite number spreads to all weights in a step, and from then on a training teaches nothing and loses what it had:
its checkpoints and its model would be as broken as it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import torch

from distill.common import parallel

FEW = 3
"""Names of tensors that a message gives."""


class NotFiniteError(Exception):
    """What is not finite, and when."""


class FiniteSteps:
    """Before the class of a trainer of transformers: it ends, before the optimizer has done anything, with NotFiniteError.

    The gradient's norm is that of all processes, so all end at the same step.
    """

    _loss: Any = 0.0

    def training_step(self, *args: Any, **options: Any) -> Any:
        """The loss of a micro batch, kept for the end of the step: reading it at once would wait for the device."""
        loss = super().training_step(*args, **options)  # type: ignore[misc]
        self._loss = self._loss + loss.detach()
        return loss

    def _get_grad_norm(self, model: Any, grad_norm: Any = None) -> Any:
        norm = super()._get_grad_norm(model, grad_norm=grad_norm)  # type: ignore[misc]
        loss, self._loss = self._loss, 0.0
        for name, value in (("loss", loss), ("gradient's norm", norm)):
            # DeepSpeed has no norm to tell of a step that it leaves out.
            if value is not None and not math.isfinite(float(value)):
                step = self.state.global_step + 1  # type: ignore[attr-defined]
                raise NotFiniteError(f"the {name} is {float(value)} at step {step}")
        return norm

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Write a checkpoint of finite weights; any other would be the one to resume from."""
        assert_finite_everywhere(model.named_parameters(), f"at step {self.state.global_step}")  # type: ignore[attr-defined]
        super()._save_checkpoint(model, trial)  # type: ignore[misc]


def assert_finite(state: Mapping[str, torch.Tensor] | Iterable[tuple[str, torch.Tensor]], when: str) -> None:
    """NotFiniteError with the first tensors that hold an infinite number or none."""
    named = state.items() if isinstance(state, Mapping) else state
    found = [name for name, tensor in named if not _is_finite(tensor)]
    if found:
        more = f" and {len(found) - FEW} more" if len(found) > FEW else ""
        raise NotFiniteError(f"weights are not finite {when} ({', '.join(found[:FEW])}{more})")


def assert_finite_everywhere(named: Iterable[tuple[str, torch.Tensor]], when: str) -> None:
    """The same of each process's share of the weights, raised in all processes where one finds any."""
    error: NotFiniteError | None = None
    try:
        assert_finite(named, when)
    except NotFiniteError as found:
        error = found
    place = parallel.get_process_state()
    if place.num_processes > 1:
        bad = torch.tensor(float(error is not None), device=place.device)
        torch.distributed.all_reduce(bad)
        if bad and error is None:
            error = NotFiniteError(f"weights of another process are not finite {when}")
    if error is not None:
        raise error


def _is_finite(tensor: torch.Tensor) -> bool:
    """Whether all numbers are finite, of a sharded tensor those of this process.

    The sum of a tensor is finite only where each number is; where it is not, large numbers may have added up to that.
    """
    local = tensor.to_local() if hasattr(tensor, "to_local") else getattr(tensor, "ds_tensor", tensor)
    local = local.detach()
    if local.is_meta:  # another process has read it
        return True
    if not (local.is_floating_point() or local.is_complex()) or local.numel() == 0:
        return True
    return bool(torch.isfinite(local.sum(dtype=torch.float32))) or bool(torch.isfinite(local).all())
