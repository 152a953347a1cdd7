"""TRL's SFTTrainer, with one batch an optimizer step that is cut into micro batches by their tokens.

Rows are drawn at random into the batches of optimizer steps, which are the same whatever the number of processes;
how a step's rows are cut and whether they are padded changes speed and memory, and its gradient by rounding only.
Packing rows into sequences of a fixed length, TRL's own remedy for padding, would change how many rows a step sees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import torch
from accelerate.utils import DistributedType
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Sampler
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from distill.common.checkpoints import SealedCheckpoints
from distill.common.finite import FiniteSteps
from distill.common.loading import OwnDevice
from distill.sft.micro_batches import Bin, StepCutter
from distill.sft.tokens import IGNORED_LABEL

SMALL_VOCABULARY = 8192
"""Vocabulary size up to which the logits of a micro batch are small compared with the activations."""

Batch = dict[str, Any]


class StepRows(Sampler[Sequence[int]]):  # type: ignore[misc]
    """The row numbers of each optimizer step, drawn anew each epoch.

    The order follows from the seed and the epoch alone, so that a resumed run sees the rows it has not seen, also
    on another number of processes.
    """

    def __init__(self, rows: int, batch_size: int, seed: int) -> None:
        self._rows, self._batch_size, self._seed = rows, batch_size, seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        return -(-self._rows // self._batch_size)

    def __iter__(self) -> Iterator[Sequence[int]]:
        generator = torch.Generator().manual_seed(self._seed * 1_000_003 + self._epoch)
        order = torch.randperm(self._rows, generator=generator).tolist()
        for start in range(0, len(order), self._batch_size):
            yield order[start : start + self._batch_size]


class Shares:
    """Of each optimizer step, the micro batches of one process: a data set whose items are fetched by a step's rows."""

    def __init__(self, corpus: Any, cutting: StepCutter, rank: int, collator: Collator) -> None:
        self._corpus, self._cutting, self._rank, self._collator = corpus, cutting, rank, collator
        self._lengths: list[int] = corpus["length"][:]
        self._rows = corpus.select_columns(["input_ids", "labels"]).with_format("numpy")

    def __len__(self) -> int:
        return len(self._lengths)

    def __getitems__(self, step: Sequence[int]) -> list[Batch]:
        return [self._collator.collate(self._read(rows)) for rows in self.cut(step)]

    def cut(self, step: Sequence[int]) -> list[Bin]:
        """The rows of each of this process's micro batches."""
        return self._cutting.cut(step, self._lengths)[self._rank]

    def _read(self, rows: Bin) -> list[Mapping[str, Any]]:
        if not rows:
            return []
        columns = self._rows[rows]
        return [
            {"input_ids": ids.astype("int64"), "labels": labels.astype("int64")}
            for ids, labels in zip(columns["input_ids"], columns["labels"], strict=True)
        ]


class Collator(DataCollatorForLanguageModeling):  # type: ignore[misc]
    """TRL's collator, whose micro batches are end to end (`padding_free`), or padded with an attention mask of ones.

    Padding is on the right and attention is causal, so no real token ever sees padding. Without a mask torch takes
    its fastest attention kernel.
    """

    def collate(self, examples: Sequence[Mapping[str, Any]]) -> Batch:
        """A micro batch; of no row, one that has the shape of a short row and no target."""
        nothing = {"input_ids": [self.pad_token_id] * 2, "labels": [IGNORED_LABEL] * 2}
        batch: Batch = self.torch_call(list(examples) or [nothing])
        if "attention_mask" in batch:
            batch["attention_mask"] = torch.ones_like(batch["attention_mask"])
        return batch


class StepLoader(DataLoader[list[Batch]]):  # type: ignore[misc]
    """Hands the epoch, which transformers gives to a loader, to the order of rows."""

    def set_epoch(self, epoch: int) -> None:
        """Called by the trainer before each epoch."""
        self.batch_sampler.set_epoch(epoch)


class StepConfig(OwnDevice, SFTConfig):  # type: ignore[misc]
    """TRL's arguments, with a device that checkpoints can be loaded to."""


class StepTrainer(FiniteSteps, SealedCheckpoints, SFTTrainer):  # type: ignore[misc]
    """TRL's SFTTrainer over `Shares`: one batch of its loader is this process's share of one optimizer step."""

    def __init__(self, *args: Any, rows: StepRows, shares: Shares, **options: Any) -> None:
        self._rows, self._shares = rows, shares
        super().__init__(*args, **options)
        # Steps are reported by StepMeter.
        self.remove_callback(PrinterCallback)

    def get_train_dataloader(self) -> DataLoader[list[Batch]]:
        """A loader that accelerate must not shard: every process takes its own share of every step."""
        return StepLoader(
            self._shares,
            batch_sampler=self._rows,
            collate_fn=_as_it_is,
            pin_memory=self.args.dataloader_pin_memory,
        )

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> Any:
        """The targets of an optimizer step over all micro batches and processes."""
        return super()._get_num_items_in_batch([batch for share in batch_samples for batch in share], device)

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Forward and backward of each micro batch; replicas add up their gradients after the last one.

        Sharded ones do so after each, since gradients that are not added up have the size of the whole model.
        """
        model, share, count = args
        self.current_gradient_accumulation_steps = len(share)
        sharded = self.accelerator.distributed_type in (DistributedType.FSDP, DistributedType.DEEPSPEED)
        losses = []
        for number, batch in enumerate(share):
            last = number == len(share) - 1
            self.accelerator.gradient_state._set_sync_gradients(last)
            with nullcontext() if last or sharded else self.accelerator.no_sync(model):
                losses.append(super().training_step(model, batch, count, **kwargs))
        return torch.stack(losses).sum()

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The mean cross entropy over the targets of an optimizer step.

        TRL's own computation avoids holding all logits, which saves memory on a GPU but costs a tiny model on a
        CPU a tenth to a fifth of each step. There the logits of the targets alone are computed.
        """
        small = self.model.config.vocab_size <= SMALL_VOCABULARY and self.args.device.type == "cpu"
        if not small or return_outputs or self.aux_loss_enabled or "position_ids" not in inputs:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        labels = inputs.pop("labels")[0, 1:]
        before = (labels != IGNORED_LABEL).nonzero().flatten()
        # A micro batch without a target must still pass through the model, which waits for all processes.
        logits = model(**inputs, use_cache=False, logits_to_keep=before if len(before) else 1).logits[0]
        targets = labels[before] if len(before) else labels.new_full((1,), IGNORED_LABEL)
        loss = cross_entropy(logits.float(), targets, reduction="sum")
        return loss / num_items_in_batch.clamp(min=1) * self.accelerator.num_processes

    def _send_telemetry(self) -> None:
        """Send no usage statistics."""


def _as_it_is(share: list[Batch]) -> list[Batch]:
    return share
