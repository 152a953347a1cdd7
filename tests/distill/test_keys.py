"""The content keys of trainings stay what they were when the first models were trained, so that these are found."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from distill import DistillOptions, GrpoOptions
from distill.grpo import plan as grpo
from distill.sft import plan as sft

SHORT = {"check": "overlong", "options": {"max_tokens": 10}}


@pytest.fixture(autouse=True)
def _no_model(monkeypatch):
    start = (Path("run/models/x"), SimpleNamespace(key="base-key"), None)
    for plan in (grpo, sft):
        monkeypatch.setattr(plan, "resolve_start", lambda options: start)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "9ba873836ecb74d7a52c9651bd81c87b"),
        (
            {
                "preset": "dapo",
                "kl_coefficient": 0.01,
                "clip_range": 0.3,
                "clip_range_high": 0.4,
                "prompts_per_step": 6,
                "group_size": 5,
            },
            "20beae9594037efe8ca0f2319909b0e5",
        ),
        ({"preset": "dr-grpo", "lora": {"rank": 4}}, "dbf63a3b3025041c0826c564675e77f4"),
    ],
)
def test_the_key_of_a_grpo_training_is_what_it_was_before_options_were_renamed(tmp_path, given, key):
    prompts = tmp_path / "p.jsonl"
    prompts.write_text('{"id": "one", "prompt": "1+1?", "answer": "2", "language": "en"}\n')
    options = GrpoOptions(run="r", model="m", prompts=str(prompts), reward=[SHORT], **given)
    assert grpo.make_plan(options).key == key


def test_the_key_of_a_fine_tuning_is_what_it_was(tmp_path):
    (tmp_path / "s.jsonl").write_text('{"prompt": "1+1?", "completion": "2"}\n')
    options = DistillOptions(run="r", model="m", dataset=str(tmp_path / "s.jsonl"))
    assert sft.make_plan(options).key == "aff630ca092d24d38743d93afc7c0184"


def test_what_a_fine_tuning_may_leave_out_counts_where_it_changes_the_rows(tmp_path):
    (tmp_path / "s.jsonl").write_text('{"prompt": "1+1?", "completion": "2"}\n')

    def key_of(**given):
        return sft.make_plan(
            DistillOptions(run="r", model="m", dataset=str(tmp_path / "s.jsonl"), **given)
        ).key

    assert key_of(drop_bad=True) != key_of()
    assert key_of(max_too_long=1, dry_run=True) == key_of()


def test_adapters_kept_apart_are_another_model(tmp_path):
    (tmp_path / "s.jsonl").write_text('{"prompt": "1+1?", "completion": "2"}\n')

    def key(**given):
        options = {"run": "r", "model": "m", "dataset": str(tmp_path / "s.jsonl"), **given}
        return sft.make_plan(DistillOptions(**options)).key

    assert (
        key(lora={"rank": 4}) == key(lora={"rank": 4, "merge": True}) != key(lora={"rank": 4, "merge": False})
    )
    faster = {"padding_free": False, "micro_batch_tokens": 7, "shard": "fsdp2", "offload_activations": True}
    assert key() == key(**faster)
