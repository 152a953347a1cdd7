"""TRL's GRPOTrainer, changed where it would treat an undecided verdict as a wrong answer, or train on other weights than asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import torch
from transformers import PrinterCallback
from trl import GRPOTrainer
from trl.trainer import grpo_trainer

from distill.common.checkpoints import SealedCheckpoints
from distill.common.finite import FiniteSteps
from distill.grpo.policy_engine import PolicyEngine, require_same_probabilities
from distill.grpo.reference import (
    REFERENCE,
    ReplaceReference,
    RequireSameWeights,
    load_reference,
    require_equal,
    save_reference,
    shard_reference,
)
from distill.grpo.rollouts import Scorer

DIFFERENCE: Final = "sampling/sampling_logp_difference/mean"
"""TRL's name of the distance between the engine's and the policy's log probabilities."""


class PolicyTrainer(FiniteSteps, SealedCheckpoints, GRPOTrainer):  # type: ignore[misc]
    """TRL's GRPOTrainer, in which undecided samples contribute nothing to the loss and a replaced reference survives a restart.

    rollout_steps: optimizer steps per rollout.
    """

    def __init__(self, *args: Any, scorer: Scorer, rollout_steps: int = 1, **options: Any) -> None:
        self._scorer, self._rollout_steps = scorer, rollout_steps
        # TRL makes these in its constructor, with no place to pass others.
        with (
            patch.object(grpo_trainer, "VLLMGeneration", PolicyEngine),
            patch.object(grpo_trainer, "prepare_fsdp", shard_reference),
            patch.object(grpo_trainer, "SyncRefModelCallback", ReplaceReference),
        ):
            super().__init__(*args, reward_funcs=[scorer], **options)
        # Steps are reported by StepMeter.
        self.remove_callback(PrinterCallback)
        if self.ref_model is not None:
            self.add_callback(RequireSameWeights(self.ref_model, self.accelerator))

    def _generate_and_score_completions(self, inputs: Any) -> dict[str, Any]:
        """Mask the tokens of undecided samples: TRL gives these no advantage, but would still count their divergence."""
        batch: dict[str, Any] = super()._generate_and_score_completions(inputs)
        if self.use_vllm and self.top_p == 1 and not self.top_k:
            # Where tokens are cut off, the engine's probabilities are those of the rest.
            require_same_probabilities(self._metrics["train"][DIFFERENCE][-1], self.state.global_step)
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

    def _compute_loss(self, model: Any, inputs: Any) -> torch.Tensor:
        """Refuse to train where the reference should be the policy itself and is not."""
        loss: torch.Tensor = super()._compute_loss(model, inputs)
        if self.beta and self.model.training and self._reference_is_policy():
            require_equal(self._metrics["train"]["kl"][-1], self.state.global_step)
        return loss

    def _reference_is_policy(self) -> bool:
        """Whether the rollout now trained on was sampled when the reference was the policy, which no step has changed since."""
        step = self.state.global_step
        replaced = self.args.sync_ref_model and step % self.args.ref_model_sync_steps == 0
        return bool(step == 0 or (replaced and step % self._rollout_steps == 0))

    def create_model_card(self, *args: Any, **options: Any) -> None:
        """Write no card into checkpoints."""

    def _send_telemetry(self) -> None:
        """Send no usage statistics."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        """Save the reference model with the policy: once replaced, it exists nowhere else."""
        if self.ref_model is not None and self.args.sync_ref_model:
            folder = Path(self._get_output_dir(trial=trial)) / f"checkpoint-{self.state.global_step}"
            reference = self.accelerator.unwrap_model(self.ref_model)
            save_reference(reference, folder, self.accelerator.is_main_process)
        super()._save_checkpoint(model, trial)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        super()._load_from_checkpoint(resume_from_checkpoint, model)
        kept = Path(resume_from_checkpoint) / REFERENCE
        if self.ref_model is not None and kept.exists():
            reference = self.accelerator.unwrap_model(self.ref_model)
            load_reference(reference, kept, self.accelerator.is_main_process)
