import torch

from distill.matching.trl_trainer import split_by_length, split_row


def test_a_row_is_cut_before_its_first_target():
    row = {"input_ids": [7, 8, 9, 10, 11], "labels": [-100, -100, 9, -100, 11]}
    assert split_row(row) == ([7, 8], [9, 10, 11], [1, 0, 1])


def test_the_first_token_of_all_is_no_target():
    assert split_row({"input_ids": [7, 8], "labels": [7, 8]}) == ([7], [8], [1])


def test_micro_batches_hold_rows_of_like_length_and_no_columns_of_padding():
    batch = {
        "prompt_ids": torch.tensor([[0, 0, 1], [0, 2, 3], [4, 5, 6], [0, 0, 7]]),
        "prompt_mask": torch.tensor([[0, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, 1]]),
        "completion_ids": torch.tensor([[1, 0, 0, 0], [1, 2, 0, 0], [1, 2, 3, 4], [9, 0, 0, 0]]),
        "completion_mask": torch.tensor([[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]),
        "num_items_in_batch": torch.tensor(8),
    }
    long, short = split_by_length(batch, 2)
    assert long["prompt_ids"].tolist() == [[4, 5, 6], [0, 2, 3]]
    assert long["completion_ids"].tolist() == [[1, 2, 3, 4], [1, 2, 0, 0]]
    assert short["prompt_ids"].tolist() == [[1], [7]]
    assert short["completion_mask"].tolist() == [[1], [1]]
    assert long["num_items_in_batch"] == short["num_items_in_batch"] == 8
