"""A model's r1curate.json reads alike, whether it was trained before options were renamed or after."""

import json

import pytest

from curate.store.model_info import RENAMED_GRPO_OPTIONS, read_model_info

OPTIONS = {
    "clip_range": 0.2,
    "clip_range_high": None,
    "kl_coefficient": 0,
    "prompts_per_step": 8,
    "group_size": 4,
}


@pytest.mark.parametrize("names", [RENAMED_GRPO_OPTIONS, {name: name for name in OPTIONS}])
def test_former_names_of_grpos_options_are_read_as_todays(tmp_path, names):
    options = {old: OPTIONS[new] for old, new in names.items()}
    about = {"kind": "grpo", "steps": 3, "options": {**options, "seed": 1}}
    (tmp_path / "r1curate.json").write_text(json.dumps(about))
    assert read_model_info(tmp_path / "r1curate.json") == {**about, "options": {**OPTIONS, "seed": 1}}


def test_other_models_read_as_they_are(tmp_path):
    about = {"set": "sft", "options": {"samples": 1}}
    (tmp_path / "r1curate.json").write_text(json.dumps(about))
    assert read_model_info(tmp_path / "r1curate.json") == about
    assert read_model_info(tmp_path / "none.json") is None
