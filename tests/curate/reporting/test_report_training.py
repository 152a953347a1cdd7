"""The report tells the trainings, the stages in the recipe's order, and the audits of the checks."""

import json
from pathlib import Path

import pytest

from curate.reporting.display_order import order_by_stage, order_samples
from curate.reporting.models import read_models
from curate.reporting.rollouts import read_rollouts
from curate.reporting.run_facts import read_facts
from curate.reporting.timeline import summarize_stages
from curate.reporting.training import format_number
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run
from filters.digest import digest
from tests.curate.fake_run import add_rewarded, make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = make_run(tmp_path_factory.mktemp("training") / "mini")
    add_rewarded(made)
    _audit(made)
    return made


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    write_report(ReportOptions(run=run.path))
    return (run.path / "report.html").read_text(encoding="utf-8")


def _audit(run: Run) -> None:
    rate = {
        "meaning": "accepted, and math verify refuses",
        "tried": 100,
        "errors": 2,
        "undecided": 0,
        "examples": [],
        "rate": 0.02,
        "low": 0.006,
        "high": 0.07,
    }
    about = {
        "check": "math_answer",
        "digest": digest("math_answer"),
        "second_rule": "math_verify",
        "second_rule_refuses": rate,
        "false_accept": {key: value for key, value in rate.items() if key != "meaning"},
    }
    reason = {"check": "language", "rule": "mixed", "samples": 40, "judged": 4, "right": 3, "precision": 0.75}
    kept = {"check": "", "rule": "kept", "samples": 9, "judged": 0, "right": 0, "precision": None}
    for name, body in (
        ("audit", {"math_answer": about}),
        (
            "filter-audit",
            {"reasons": [{**reason, "interval": [0.3, 0.95]}, {**kept, "interval": [0.0, 1.0]}]},
        ),
    ):
        (run.verdicts("teacher") / f"{name}.json").write_text(json.dumps(body))


def test_a_model_trained_on_rewards_has_its_curves_and_its_troubles(run: Run):
    (model,) = (one for one in read_models(run) if one.kind == "grpo")
    assert list(model.curves) == [
        "reward", "reward of math_answer", "reward of format", "response length, tokens", "entropy",
        "share of groups without signal", "share of responses cut off", "gradient norm",
    ]  # fmt: skip
    assert model.change == ("reward", pytest.approx(0.5375), pytest.approx(0.9875))
    assert model.set is None and len(model.troubles) == 1
    first = next(one for one in read_models(run) if one.name == "student-llama")
    assert (first.kind, list(first.curves), first.troubles) == ("sft", ["loss"], ())


def test_a_reward_that_became_undecided_is_not_told_as_steady(tmp_path: Path):
    run = Run(tmp_path)
    add_rewarded(run)
    file = run.model("rewarded") / "r1curate.json"
    about = json.loads(file.read_text())
    about["curve"] = [
        row if row["step"] < 9 else {"step": row["step"], "undecided": 1.0} for row in about["curve"]
    ]
    file.write_text(json.dumps(about))
    (model,) = read_models(run)
    assert model.change is not None and format_number(model.change[2]) == "none"
    assert "share undecided" in model.curves


def test_the_best_and_the_worst_of_the_first_and_the_last_group_are_shown(run: Run):
    (model,) = (one for one in read_models(run) if one.kind == "grpo")
    groups = read_rollouts(run, model)
    assert [(group.step, group.size) for group in groups] == [(0, 4), (19, 4)]
    assert [(one.place, one.reward) for one in groups[1].shown] == [("best", 1.5), ("worst", 0.0)]
    assert groups[1].shown[0].earned[0].value == 1.5
    (run.model("rewarded") / "rollouts.jsonl").rename(run.path / "kept.jsonl")
    assert read_rollouts(run, model) == []
    (run.path / "kept.jsonl").rename(run.model("rewarded") / "rollouts.jsonl")


def test_the_page_tells_a_training_on_rewards(page: str):
    assert "Trouble.</b> collapse: reward math_answer fell" in page and "&lt;b&gt;⟨U+202E⟩" in page
    assert "8 prompts × 4 samples" in page and "1 × math_answer, 0.5 × format" in page
    assert "Question of step 19?" in page and "Question of step 10?" not in page
    assert "share of groups without signal by step" in page and "KL from the reference" not in page


def test_what_was_made_stands_in_the_order_of_the_recipe():
    titles = [
        "evaluate base",
        "generate cold",
        "filter cold",
        "grpo teacher",
        "generate again",
        "evaluate a",
        "mix a",
    ]
    names = ["a", "again", "cold", "eval-a", "eval-base", "given"]
    ordered = sorted(names, key=order_samples(titles))
    assert ordered == ["eval-base", "cold", "again", "eval-a", "a", "given"]
    assert sorted(["x", "teacher", "b"], key=order_by_stage(titles, "distill", "grpo")) == [
        "teacher",
        "b",
        "x",
    ]


def test_every_stage_says_what_came_of_it(run: Run):
    told = {one.title: one.told for one in summarize_stages(read_facts(run))}
    assert told["generate teacher"].startswith("720 samples of 90 prompts")
    assert told["mix sft"] == "276 rows of 724 samples"
    assert told["distill student-qwen"].startswith("300 steps, loss 2.")


def test_audits_stand_beside_the_checks_they_are_of(page: str):
    assert "accepted, and math verify refuses" in page and "2.0% [0.6%, 7.0%]" in page
    assert "<td>false accept</td>" in page, "an audit of an earlier version does not say what it means"
    assert "rightly rejected: mixed" in page and "75.0% [30.0%, 95.0%]" in page
