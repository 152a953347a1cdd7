"""TRL's GRPOTrainer, changed where it would treat an undecided verdict as a wrong answer or lose the reference model."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import torch
from safetensors.torch import load_file, save_file
from transformers import PrinterCallback
from trl import GRPOTrainer

from distill.common.finite import FiniteSteps
from distill.grpo.rollouts import Scorer

REFERENCE: Final = "reference.safetensors"


class PolicyTrainer(FiniteSteps, GRPOTrainer):  # type: ignore[misc]
    """TRL's GRPOTrainer, in which undecided samples contribute nothing to the loss and a replaced reference survives a restart."""

    def __init__(self, *args: Any, scorer: Scorer, **options: Any) -> None:
        self._scorer = scorer
        super().__init__(*args, reward_funcs=[scorer], **options)
        # Steps are reported by StepMeter.
        self.remove_callback(PrinterCallback)

    def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
        """Mask the tokens of undecided samples: TRL gives these no advantage, but would still count their divergence."""
        batch: dict[str, Any] = super()._generate_and_score_completions(inputs)
        undecided = torch.tensor(self._scorer.undecided, device=batch["completion_mask"].device)
        dropped = batch["completion_mask"] * undecided.unsqueeze(1)
        batch["completion_mask"] = batch["completion_mask"] - dropped
        if "old_per_token_logps" in batch:
            # The ratio of a masked token must be finite.
            batch["old_per_token_logps"] = batch["old_per_token_logps"] * batch["completion_mask"]
        batch["num_items_in_batch"] = (
            batch["num_items_in_batch"] - self.accelerator.gather(dropped.sum()).sum()
        )
        return batch

    def create_model_card(self, *args: Any, **options: Any) -> None:
        """Write no card into checkpoints."""

    def _send_telemetry(self) -> None:
        """Send no usage statistics."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Save the reference model with the policy: once replaced, it exists nowhere else."""
        if self.ref_model is not None and self.args.sync_ref_model and self.accelerator.is_main_process:
            folder = Path(self._get_output_dir(trial=trial)) / f"checkpoint-{self.state.global_step}"
            folder.mkdir(parents=True, exist_ok=True)
            state = self.accelerator.unwrap_model(self.ref_model).state_dict()
            save_file({name: tensor.detach().clone() for name, tensor in state.items()}, folder / REFERENCE)
        super()._save_checkpoint(model, trial)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        kept = Path(resume_from_checkpoint) / REFERENCE
        if self.ref_model is not None and kept.exists():
            self.accelerator.unwrap_model(self.ref_model).load_state_dict(load_file(kept))
