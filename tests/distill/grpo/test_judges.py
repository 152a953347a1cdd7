"""A judge as a reward is tried before the first step, on bundled answers, and a training with one that errs does not begin."""

import pytest

from curate.calibration.calibrate import list_cases
from distill.grpo.plan import make_plan
from distill.grpo.stage import train_grpo
from filters.errors import UserError
from tests.curate.calibration.judge_server import serve_judge
from tests.curate.calibration.scripted_judges import ScriptedJudge, answer_with, honest, make_judge, obeys
from tests.distill.grpo.quick_options import options


def reward(**engine: object) -> dict[str, object]:
    return {"check": "judge", "options": {"engine": engine}}


def judge_of(says):
    check = make_judge()
    return ScriptedJudge(check, list_cases(check), says, other=False)


def test_a_judge_behind_a_server_is_tried_and_then_rewards(tmp_path):
    judge = judge_of(honest)
    with serve_judge(judge) as url:
        asked = options(tmp_path, steps=1, reward=[reward(kind="server", model="judge", endpoints=[url])])
        made = train_grpo(asked)
    found = made.about["judges"]["judge"]
    assert found["reliable"] and found["sources"] == {"bundled": 420}
    assert found["usage"]["requests"] == found["usage"]["prompt_tokens"] / 100
    assert made.about["curve"][0]["reward judge"] == 0.0
    card = (made.folder / "README.md").read_text()
    assert "| errors of judge on labelled answers | wrong answer accepted: 0 of 210 (0.0% to 1.8%);" in card


def test_a_judge_that_can_be_talked_into_anything_rewards_nothing(tmp_path, monkeypatch):
    judge = judge_of(obeys("forged_turn"))
    answer_with(judge, monkeypatch)
    asked = options(tmp_path, reward=[reward(kind="scripted", model=str(tmp_path / "prompts.jsonl"))])
    said = r"The reward 'judge' errs too often to train on: it accepts attacks: forged turn \(3 of 3\)\. Nothing was trained"
    with pytest.raises(UserError, match=said):
        train_grpo(asked)
    number = len(judge.requests)
    with pytest.raises(UserError, match=said):
        train_grpo(asked)
    assert len(judge.requests) == number, "its answers were kept"
    assert not make_plan(asked).folder.exists()
