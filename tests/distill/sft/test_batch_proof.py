import pytest
import torch
from datasets import Dataset
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from distill.sft.batch_proof import require_faithful_batches
from filters.errors import UserError

END = 2
ROWS = Dataset.from_list(
    [
        {"input_ids": [5, 6, *range(10, 10 + n), END], "labels": [-100, -100, *range(10, 10 + n), END], "length": n + 3}
        for n in (3, 9, 1, 7, 5)
    ]
)  # fmt: skip


@pytest.mark.parametrize("free", [False, True])
def test_batches_with_all_labels_pass_padded_or_free_of_padding(free):
    collator = DataCollatorForLanguageModeling(pad_token_id=END, padding_free=free)
    require_faithful_batches(collator, ROWS)
    require_faithful_batches(collator, ROWS.select([0]))


def _mask_by_id(batch):
    batch["labels"][batch["input_ids"] == END] = -100


def _learn_padding(batch):
    batch["labels"][batch["labels"] == -100] = batch["input_ids"][batch["labels"] == -100]


def _shift(batch):
    batch["labels"] = torch.roll(batch["labels"], 1, dims=-1)


def _cut(batch):
    batch["labels"], batch["input_ids"] = batch["labels"][:, :-2], batch["input_ids"][:, :-2]


@pytest.mark.parametrize("spoil", [_mask_by_id, _learn_padding, _shift, _cut])
def test_a_batch_that_loses_adds_or_moves_a_label_is_refused(spoil):
    collator = DataCollatorForLanguageModeling(pad_token_id=END)

    def collate(rows):
        batch = collator(rows)
        spoil(batch)
        return batch

    with pytest.raises(UserError, match=r"batches carry loss on \d+ tokens where the rows have \d+ to learn"):
        require_faithful_batches(collate, ROWS)
