"""TRL's SFTTrainer, with an order of rows that wastes little on padding.

Rows are drawn at random into the batches of optimizer steps, and sorted by length only within one batch: micro
batches then hold rows of similar length while each step's gradient is that of a random batch. Packing, the
other remedy for padding, would change how many rows a step sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import Sampler
from transformers import PrinterCallback, Trainer
from trl import SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from distill.common.finite import FiniteSteps

SMALL_VOCABULARY = 8192
"""Vocabulary size up to which the logits of a micro batch are small compared with the activations."""


class BatchwiseSorted(Sampler[int]):  # type: ignore[misc]
    """Row numbers in an order drawn anew each epoch, longest first within each batch of an optimizer step.

    The order follows from the seed and the epoch alone, so that a resumed run sees the rows it has not seen.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self._lengths, self._batch_size, self._seed = lengths, batch_size, seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        return len(self._lengths)

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + self._epoch)
        order = torch.randperm(len(self._lengths), generator=generator).tolist()
        for start in range(0, len(order), self._batch_size):
            batch = order[start : start + self._batch_size]
            # The longest first: a batch that does not fit in memory fails at once.
            yield from sorted(batch, key=self._lengths.__getitem__, reverse=True)


class UnmaskedCollator(DataCollatorForLanguageModeling):  # type: ignore[misc]
    """TRL's collator with an attention mask of ones.

    Rows are padded on the right and attention is causal, so no real token ever sees padding. Without a mask
    torch takes its fastest attention kernel.
    """

    def torch_call(self, examples: list[dict[str, Any]]) -> dict[str, Any]:
        """A batch of `input_ids`, `labels` and `attention_mask`, each [rows, longest row]."""
        batch: dict[str, Any] = super().torch_call(examples)
        batch["attention_mask"] = torch.ones_like(batch["attention_mask"])
        return batch


class SortedTrainer(FiniteSteps, SFTTrainer):  # type: ignore[misc]
    """TRL's SFTTrainer with its rows in the order of `sampler`."""

    def __init__(self, *args: Any, sampler: BatchwiseSorted, **options: Any) -> None:
        self._sampler = sampler
        super().__init__(*args, **options)
        # Steps are reported by StepMeter.
        self.remove_callback(PrinterCallback)

    def _get_train_sampler(self, train_dataset: Any = None) -> Sampler[int]:
        return self._sampler

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The mean cross entropy over the labels of an optimizer step.

        TRL's own computation avoids holding all logits, which saves memory on a GPU but costs a tiny model on a
        CPU a tenth to a fifth of each step; transformers' gives the same loss.
        """
        small = self.model.config.vocab_size <= SMALL_VOCABULARY
        kind = Trainer if small and self.args.device.type == "cpu" else SFTTrainer
        return kind.compute_loss(self, model, inputs, return_outputs, num_items_in_batch)

    def _send_telemetry(self) -> None:
        """Send no usage statistics."""
