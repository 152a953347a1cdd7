"""The mini world's reward model: what its pairs are, and that it prefers good replies through the check itself."""

import json
import random
from statistics import fmean

import pytest

from filters.registry import make_check
from filters.types import Prompt, Sample
from recipes.mini.data import read_rows
from recipes.mini.general import list_test_exchanges, taught
from recipes.mini.make_models import HERE
from recipes.mini.make_reward_model import BAD, LEAST_ACCURACY, ROWS, accuracy, held_out, steps
from recipes.mini.measure_reward_model import calibrate_mini
from recipes.mini.preferences import KINDS, pair, retype_text

FOLDER = HERE / "models/reward"
EVAL = read_rows(HERE / "data/general_eval.jsonl")


def test_every_bad_reply_differs_from_its_good_one():
    rng = random.Random(1)
    for row in taught() + list_test_exchanges():
        for kind in KINDS:
            for _ in range(5):
                made = pair(rng, row, kind)
                assert (made.prompt, made.good, made.kind) == (row.prompt, row.response, kind)
                assert made.bad != made.good


def test_a_wrong_fact_answers_the_same_kind_of_question_and_other_replies_name_the_answer_or_not():
    rng = random.Random(2)
    rows = {row.prompt: row for row in taught()}
    capital = rows["What is the capital of France?"]
    assert {KINDS["wrong_fact"](rng, capital) for _ in range(200)} >= {"Tokyo", "Rome", "Cairo"}
    assert KINDS["wrong_language"](rng, capital) == "巴黎"
    assert all("Paris" in KINDS[kind](rng, capital) for kind in ("code", "padded", "needless_chain"))
    assert all("Paris" not in KINDS[kind](rng, capital) for kind in ("refusal", "another_question"))


def test_a_retyped_prompt_keeps_its_words():
    rng = random.Random(3)
    for row in taught():
        letters = [letter for letter in row.prompt if letter.isalnum()]
        assert [letter for letter in retype_text(rng, row.prompt) if letter.isalnum()] == letters


def test_no_pair_teaches_the_asking_that_is_held_out():
    def plain(text):
        return "".join(letter for letter in text if letter.isalnum())

    held = {plain(row.prompt) for row in list_test_exchanges()}
    drawn = [one for pairs, _ in zip(steps(random.Random(4)), range(30), strict=False) for one in pairs]
    assert len(drawn) == 30 * ROWS * BAD
    assert held.isdisjoint({plain(one.prompt) for one in drawn})
    assert {plain(one.prompt) for one in held_out(1)} == held


def test_the_shipped_model_is_small_and_has_one_label():
    config = json.loads((FOLDER / "config.json").read_text())
    assert config["architectures"] == ["Qwen3ForSequenceClassification"]
    assert (config["id2label"], config["dtype"]) == ({"0": "reward"}, "bfloat16")
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 1_000_000
    for name in ("tokenizer.json", "chat_template.jinja"):
        assert (FOLDER / name).read_bytes() == (HERE / "models/teacher" / name).read_bytes()


def test_good_replies_beat_bad_ones_on_held_out_questions():
    found = accuracy(FOLDER, held_out(11))
    assert set(found) == set(KINDS)
    assert fmean(found.values()) >= LEAST_ACCURACY["overall"]
    assert min(found.values()) >= LEAST_ACCURACY["kind"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_check_keeps_answers_and_sets_refusals_aside(language):
    check = make_check("reward_model", {"model": str(FOLDER), "batch_size": 64})
    rows = [row for row in EVAL if row["language"] == language]
    good = [Sample(row["id"], Prompt.make(row["prompt"]), row["answer"]) for row in rows]
    refusal = {"en": "I cannot help with that.", "zh": "我不能回答这个问题。"}[language]
    bad = [Sample(row["id"], Prompt.make(row["prompt"]), refusal) for row in rows]
    assert fmean(verdict.ok is True for verdict in check.check(good)) > 0.8
    assert fmean(verdict.ok is False for verdict in check.check(bad)) > 0.95


@pytest.mark.slow  # pytest -m slow tests/recipes/test_mini_reward_model.py
def test_the_calibration_is_what_the_readme_says():
    found = calibrate_mini()
    assert found.sources == {"pairs": 1080}  # 120 good replies and 960 bad ones
    (fault,) = found.faults
    assert fault.startswith("response to another prompt accepted")
    assert found.rates["another_prompt"].interval[1] < 0.15
    assert calibrate_mini(max_false_accepts=0.15).faults == ()
    readme = (HERE / "README.md").read_text()
    assert f"accepted | {found.rates['another_prompt'].errors} of 100" in readme
