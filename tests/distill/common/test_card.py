"""The card of a trained model opens with the Hub's own library and tells where all of it comes from."""

from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from curate.store.layout import Run
from curate.store.whole_files import read_json, write_json
from distill.common.card import render_card
from tests.curate.fake_run import HOSTILE, make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("card") / "mini", prompts=20, samples=4)


ABOUT = {
    "name": "student",
    "kind": "sft",
    "base": "Qwen/Qwen2.5-0.5B",
    "base_commit": "060db6499f32faf8b98477b0a26969ef7d8b9987",
    "base_digest": "060db6499f32faf8b98477b0a26969ef7d8b9987",
    "set": "sft",
    "set_digest": "5e7d16e57",
    "tokens": 12345,
    "options": {
        "run": "x",
        "model": "y",
        "epochs": 3.0,
        "lora": {"rank": 4},
        "template": None,
        "report_to": [],
    },
}


def tell(run: Run, **rest) -> ModelCard:
    rows = read_json(run.set_info("sft"))["rows"]
    about = {**ABOUT, "rows": rows - 2, "left_out": 2, **rest}
    return ModelCard(render_card(run, about, "How it was trained."))


def test_a_card_names_base_set_and_every_source(run: Run):
    card = tell(run)
    assert card.data.base_model == "Qwen/Qwen2.5-0.5B"
    assert card.data.tags == ["reasoning", "distillation", "r1curate", "sft"]
    assert (card.data.datasets, card.data.license) == (None, None)
    info = read_json(run.set_info("sft"))
    teacher, general = info["funnels"]
    for line in (
        "- base model: `Qwen/Qwen2.5-0.5B` (commit `060db6499f32faf8b98477b0a26969ef7d8b9987`)",
        f"- set: `sft` (digest `5e7d16e57`), {info['rows']:,} rows, of which 2 were left out; 12,345 tokens used",
        f"  - `teacher`, sampled from `shop/teacher-1M` (temperature 1.0, at most 512 tokens): {teacher['selected']:,} rows of "
        f"{teacher['sampled']:,} samples; checks passed: `math_answer`, `format`, `language`, `code_blocks`, `repetition`",
        f"  - `general`, read from `general.jsonl`: {general['selected']:,} rows of {general['sampled']:,} samples; "
        "checks passed: none",
        "| `epochs` | `3.0` |",
        '| `lora` | `{"rank": 4}` |',
    ):
        assert line in card.text
    assert "`run`" not in card.text and "template" not in card.text


def test_a_teacher_is_named_beside_the_base(run: Run):
    told = {"teacher": "Qwen/Qwen2.5-7B", "teacher_commit": None, "teacher_digest": "d16e57"}
    card = tell(run, kind="on_policy", **told)
    assert "- teacher: `Qwen/Qwen2.5-7B` (a folder, digest `d16e57`)" in card.text
    assert "on-policy" in card.data.tags


def test_a_set_made_anew_is_not_told_as_the_one_trained_on(run: Run):
    assert "`teacher`" not in tell(run, left_out=7).text


def test_data_sets_of_the_hub_are_in_the_metadata(run: Run):
    file = run.samples("general") / "adopted.json"
    before = read_json(file)
    write_json(file, {**before, "source": "open-thoughts/OpenThoughts-114k"})
    assert tell(run).data.datasets == ["open-thoughts/OpenThoughts-114k"]
    write_json(file, before)


def test_the_licence_is_the_bases(run: Run, tmp_path: Path):
    (tmp_path / "README.md").write_text(
        "---\nlicense: other\nlicense_name: llama3.1\nbase_model: a/b\n---\n# Base\n"
    )
    card = tell(run, base=str(tmp_path), base_commit=None)
    assert (card.data.license, card.data.to_dict()["license_name"]) == ("other", "llama3.1")
    assert card.data.base_model is None and str(tmp_path) not in card.text
    for said in ("no metadata", "---\nlicense: [\n---\n", "---\n- a list\n---\n"):
        (tmp_path / "README.md").write_text(said)
        assert tell(run, base=str(tmp_path), base_commit=None).data.license is None


def test_a_set_changed_by_hand_loses_no_model(run: Run):
    file = run.set_info("sft")
    before = read_json(file)
    told = {"rows": before["rows"], "left_out": 0}
    write_json(file, {"name": "sft"})
    try:
        # No call of `tell`, which reads the information itself.
        assert "- set: `sft`" in ModelCard(render_card(run, {**ABOUT, **told}, "")).text
    finally:
        write_json(file, before)


def test_hostile_words_are_escaped(run: Run):
    card = tell(run, options={"template": HOSTILE, "system": "`|<b>\u202e"})
    assert "\u202e" not in card.content and "| `system` | `'\\|<b>⟨U+202E⟩` |" in card.content


def test_a_model_trained_on_rewards_has_no_set(run: Run):
    card = tell(run, kind="grpo", set=None)
    assert "- set:" not in card.text and card.data.tags[-1] == "grpo"
