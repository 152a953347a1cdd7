import pytest

from distill.common.batches import choose_micro_batch_size
from distill.sft.learning_rates import choose_learning_rate
from distill.sft.trl_trainer import StepRows
from filters.errors import UserError


def test_each_epoch_draws_all_rows_into_steps():
    rows = StepRows(50, batch_size=8, seed=3)
    steps = list(rows)
    assert [len(step) for step in steps] == [8] * 6 + [2]
    assert len(rows) == 7
    assert sorted(row for step in steps for row in step) == list(range(50))


def test_the_order_follows_from_seed_and_epoch_alone():
    one, two = StepRows(50, 8, seed=3), StepRows(50, 8, seed=3)
    list(one)
    one.set_epoch(1)
    two.set_epoch(1)
    assert list(one) == list(two)
    two.set_epoch(0)
    assert list(one) != list(two)
    assert list(two) != list(StepRows(50, 8, seed=4))


def test_a_step_has_the_rows_it_always_had():
    """So that a training that is resumed with this version goes on with the rows it has not seen."""
    assert next(iter(StepRows(50, 8, seed=3))) == [34, 38, 44, 7, 10, 8, 48, 43]


def test_micro_batches_fit_the_longest_row_and_divide_a_step():
    assert choose_micro_batch_size(None, 64, 32_768, 1, "cuda") == 1
    assert choose_micro_batch_size(None, 64, 1000, 1, "cuda") == 16
    assert choose_micro_batch_size(None, 64, 1000, 8, "cuda") == 8
    assert choose_micro_batch_size(None, 64, 280, 1, "cpu") == 8
    assert choose_micro_batch_size(None, 6, 1000, 1, "cpu") == 3
    assert choose_micro_batch_size(4, 64, 32_768, 2, "cuda") == 4


def test_a_step_must_be_shared_evenly():
    with pytest.raises(UserError, match="batch of 64 rows cannot be divided evenly among 3 processes"):
        choose_micro_batch_size(None, 64, 100, 3, "cuda")
    with pytest.raises(UserError, match="micro_batch_size=5 does not divide the 32 rows"):
        choose_micro_batch_size(5, 64, 100, 2, "cuda")


@pytest.mark.parametrize(
    ("student", "parameters", "rate"),
    [
        ("Qwen/Qwen2.5-Math-1.5B", 1_540_000_000, 1e-4),
        ("models/Llama-3.1-8B-Instruct", 8_030_000_000, 5e-5),
        # Not in the table: the nearest size.
        ("Qwen/Qwen3-0.6B", 600_000_000, 1e-4),
        ("Qwen/Qwen3-14B", 14_800_000_000, 7e-5),
        ("recipes/tiny", 400_000, 1e-4),
    ],
)
def test_the_papers_learning_rates(student, parameters, rate):
    assert choose_learning_rate(student, parameters) == rate
    assert choose_learning_rate(student, parameters, lora=True) == pytest.approx(10 * rate)
