"""The content keys of trainings stay what they were when the first models were trained, so that these are found."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from distill import DistillOptions, GrpoOptions
from distill.grpo import plan as grpo
from distill.sft import plan as sft

SHORT = {"check": "tests.curate.checking.checks_for_tests:Short", "options": {"longest": 10}}


@pytest.fixture(autouse=True)
def _no_model(monkeypatch):
    start = (Path("run/models/x"), SimpleNamespace(key="base-key"), None)
    for plan in (grpo, sft):
        monkeypatch.setattr(plan, "resolve_start", lambda options: start)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({}, "1fdd73e207f82b25c6a64e33d077a487"),
        (
            {
                "preset": "dapo",
                "kl_coefficient": 0.01,
                "clip_range": 0.3,
                "clip_range_high": 0.4,
                "prompts_per_step": 6,
                "group_size": 5,
            },
            "a322e5632ebd5a28d34d00c4befb89eb",
        ),
        ({"preset": "dr-grpo", "lora": {"rank": 4}}, "4ba80f00aa7b22d7decb78f398330755"),
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
