"""Weights that are not finite are neither trained on nor saved, and a training that makes them says so and ends."""

import math
from pathlib import Path

import pytest
import torch

from distill.common.callbacks import TimedCheckpoints
from distill.common.finite import NotFiniteError, assert_finite
from distill.common.saving import _cast
from distill.grpo.stage import train_grpo
from distill.sft.options import DistillOptions
from distill.sft.stage import distill_student
from filters.errors import WorkUndone
from tests.distill.grpo.quick_options import options as grpo_options
from tests.distill.tiny import make_model, sums, write_set


def options(tmp_path: Path, **rest) -> DistillOptions:
    if not (tmp_path / "base").exists():
        make_model(tmp_path / "base")
        write_set(tmp_path / "set.jsonl", sums(24))
    given = {
        "run": tmp_path / "run", "name": "student", "model": str(tmp_path / "base"),
        "dataset": str(tmp_path / "set.jsonl"), "batch_size": 8, "epochs": 1, "learning_rate": 1e-3,
    }  # fmt: skip
    return DistillOptions(**{**given, **rest})


def nothing_was_saved(tmp_path: Path) -> bool:
    return not list((tmp_path / "run/models").glob("[!.]*"))


def test_a_fine_tuning_ends_before_the_step_that_is_not_finite_and_keeps_its_checkpoint(tmp_path: Path):
    broken = options(tmp_path, learning_rate=1e36, warmup=0, save_minutes=0)
    with pytest.raises(WorkUndone) as told:
        distill_student(broken)
    said = str(told.value)
    assert "is nan at step 2" in said or "is inf at step 2" in said
    assert "Lower --learning-rate (now 1e+36)" in said
    assert "resumes from step 1" in said and "checkpoint-1" in said
    assert nothing_was_saved(tmp_path)


def test_a_grpo_training_ends_in_the_same_way(tmp_path: Path):
    with pytest.raises(WorkUndone, match=r"(nan|inf).*\. Lower --learning-rate \(now 1e\+36\)"):
        train_grpo(grpo_options(tmp_path, learning_rate=1e36))
    assert nothing_was_saved(tmp_path)


@pytest.mark.parametrize("lora", [None, {"rank": 2}])
@pytest.mark.parametrize("save_minutes", [0, 30])
def test_weights_that_became_infinite_are_saved_in_no_form(tmp_path: Path, monkeypatch, lora, save_minutes):
    def poison(self, args, state, control, model=None, **rest):
        if state.global_step == 2:
            trained = [p for p in model.parameters() if p.requires_grad]
            trained[-1].data[0] = math.inf
            control.should_save = save_minutes == 0
            control.should_training_stop = True

    monkeypatch.setattr(TimedCheckpoints, "on_step_end", poison)
    with pytest.raises(WorkUndone, match="weights are not finite at"):
        distill_student(options(tmp_path, lora=lora, save_minutes=save_minutes))
    assert nothing_was_saved(tmp_path)
    assert not list((tmp_path / "run/models").rglob("checkpoint-*/*"))


def test_a_narrower_type_that_cannot_hold_the_weights_is_seen():
    state = {"large": torch.tensor([1.0, 7e4]), "count": torch.tensor([3])}
    assert_finite(_cast(state, torch.bfloat16, {}), "as bfloat16")
    with pytest.raises(NotFiniteError, match=r"weights are not finite as float16 \(large\)"):
        assert_finite(_cast(state, torch.float16, {}), "as float16")


def test_large_numbers_are_finite_though_their_sum_is_not():
    assert_finite({"w": torch.full((8,), 3e38)}, "ever")
    names = {str(n): torch.tensor([math.nan]) for n in range(5)}
    with pytest.raises(NotFiniteError, match=r"\(0, 1, 2 and 2 more\)"):
        assert_finite(names, "ever")
