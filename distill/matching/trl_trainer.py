"""TRL's DistillationTrainer over token ids that are there already, and over a set's completions.

TRL's own renders prompts, samples each step's completions from the student and pads a whole step to its longest row.
Here prompts are those of the corpus, tokenized as at inference; completions may be the set's, which makes the same
loss the off-policy one; and each micro batch is as long as its own longest row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import torch
from transformers import PrinterCallback
from trl import DistillationTrainer
from trl.models import prepare_deepspeed
from trl.trainer import distillation_trainer

from distill.common.checkpoints import SealedCheckpoints
from distill.common.finite import FiniteSteps
from distill.grpo.policy_engine import PolicyEngine
from distill.sft.tokens import IGNORED_LABEL


class OnPolicyTrainer(FiniteSteps, SealedCheckpoints, DistillationTrainer):  # type: ignore[misc]
    """The student answers prompts, and matches the teacher at each token of its own answers.

    corpus: rows with `input_ids`, each a rendered prompt; the training rows name theirs by number, as `prompt`.
    teacher: is never trained. shared: the number of ids that both models have a logit for; of what one has beyond
    them, as padding of its embedding, nothing is compared.
    """

    _buffered_inputs: list[dict[str, Any]] | None

    def __init__(self, *args: Any, teacher: Any, corpus: Any, shared: int, **options: Any) -> None:
        self._corpus, self._shared = corpus, shared
        # TRL makes the engine in its constructor, with no place to pass another.
        with patch.object(distillation_trainer, "VLLMGeneration", PolicyEngine):
            super().__init__(*args, teacher_model=None, **options)
        # Steps are reported by StepMeter.
        self.remove_callback(PrinterCallback)
        teacher.requires_grad_(False)
        teacher.eval()
        if self.is_deepspeed_enabled:
            self.teacher_model = prepare_deepspeed(teacher, self.accelerator)
        else:
            # Not sharded: every process has it whole.
            self.teacher_model = self.accelerator.prepare_model(teacher, evaluation_mode=True)

    def _tokenize_prompts(self, prompts: list[Any]) -> tuple[list[list[int]], None, dict[str, Any]]:
        """The token ids of prompts, given by number."""
        return [list(self._corpus[number]["input_ids"]) for number in prompts], None, {}

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        """The next micro batch: rows of similar length, padded to the longest of them."""
        parts = self.args.gradient_accumulation_steps
        if self._step % parts == 0 or self._buffered_inputs is None:
            self._buffered_inputs = split_by_length(
                self._generate_and_score_completions(generation_batch), parts
            )
        return self._buffered_inputs[self._step % parts]

    def _compute_loss(self, unwrapped_student: Any, inputs: Any, num_items_in_batch: Any) -> Any:
        teacher = self.accelerator.unwrap_model(self.teacher_model)
        with _cut_head(unwrapped_student, self._shared), _cut_head(teacher, self._shared):
            return super()._compute_loss(unwrapped_student, inputs, num_items_in_batch)

    def count_prompt_tokens(self) -> int:
        """Tokens of the prompts of all steps, each as often as it was asked."""
        lengths = [len(row) for row in self._corpus["input_ids"]]
        return sum(lengths[number] for number in self.train_dataset["prompt"])

    def create_model_card(self, *args: Any, **options: Any) -> None:
        """Write no card into checkpoints."""

    def _send_telemetry(self) -> None:
        """Send no usage statistics."""


class LogitsTrainer(OnPolicyTrainer):
    """The student matches the teacher at each token of the set's completions: nothing is sampled.

    corpus: rows with `input_ids` and `labels`, as SFT takes them; tokens whose label is ignored are not in the loss.
    """

    def _generate(self, prompts: list[Any]) -> tuple[Any, ...]:
        """Prompts, completions and loss masks of rows, given by number; in place of what a student would answer."""
        rows = [split_row(self._corpus[number]) for number in prompts]
        asked, answered, masks = zip(*rows, strict=True)
        return list(asked), list(answered), list(masks), None, []


def split_row(row: Any) -> tuple[list[int], list[int], list[int]]:
    """A row's tokens before the first target, those from it on, and which of the latter are targets."""
    ids, targets = list(row["input_ids"]), [int(label != IGNORED_LABEL) for label in row["labels"]]
    # The first token of all has nothing before it from which it could be predicted.
    start = max(1, targets.index(1))
    return ids[:start], ids[start:], targets[start:]


def split_by_length(batch: dict[str, Any], parts: int) -> list[dict[str, Any]]:
    """Micro batches of a step's rows, longest rows first, without columns that are padding in all of their rows.

    batch: tensors [rows, …], of which those of prompts are padded on the left and those of completions on the right,
    and numbers that hold for the whole step.
    """
    lengths = batch["prompt_mask"].sum(1) + batch["completion_mask"].sum(1)
    # The longest first: a batch that does not fit in memory fails at once.
    order = lengths.argsort(descending=True, stable=True)
    return [_trim({name: _pick(value, rows) for name, value in batch.items()}) for rows in order.chunk(parts)]


def _pick(value: Any, rows: torch.Tensor) -> Any:
    return value[rows] if isinstance(value, torch.Tensor) and value.ndim else value


def _trim(batch: dict[str, Any]) -> dict[str, Any]:
    asked, answered = (int(batch[name].sum(1).max()) for name in ("prompt_mask", "completion_mask"))
    cuts = {
        "prompt_ids": slice(-asked, None),
        "prompt_mask": slice(-asked, None),
        "completion_ids": slice(None, answered),
        "completion_mask": slice(None, answered),
        "tool_mask": slice(None, answered),
    }
    return {name: value[:, cuts[name]] if name in cuts else value for name, value in batch.items()}


@contextmanager
def _cut_head(model: Any, rows: int) -> Iterator[None]:
    """Within the block, the model's head has logits for the first `rows` ids alone."""
    head = model.get_output_embeddings()
    if head.weight.shape[0] <= rows:
        yield
        return
    bias = None if head.bias is None else head.bias[:rows]
    view = SimpleNamespace(weight=head.weight[:rows], bias=bias)
    model.get_output_embeddings = lambda: view
    try:
        yield
    finally:
        del model.get_output_embeddings


def list_suppressed(rows: int, shared: int) -> Sequence[int]:
    """Ids that the student must not sample: the teacher has no logit for them."""
    return range(shared, rows)
