"""An evaluation is samples and verdicts under another name, then statistics that add up."""

import json
from pathlib import Path

import pytest

import distill
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run
from curate.store.whole_files import read_json, write_json
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.stage import evaluate_model
from filters.errors import UserError
from filters.spec import make_spec
from tests.shown import shown

README = (Path(distill.__file__).parent / "README.md").read_text()


def answer(value: int) -> dict:
    return {"text": f"<think>\nI add the two numbers.\n</think>\nIt is \\boxed{{{value}}}."}


def script(folder: Path, name: str, right: int, wrong: int, fails: int = 12) -> str:
    """Every problem is answered rightly with odds of right to wrong; those from `fails` on fail each time."""
    path = folder / f"{name}.jsonl"
    failing = [{"error": "the server is gone"}]
    lines = [
        {
            "prompt": f"What is {n} + 1?",
            "responses": failing if n >= fails else [answer(n + 1)] * right + [answer(n + 5)] * wrong,
        }
        for n in range(12)
    ]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return str(path)


def options(folder: Path, name: str, model: str, **more: object) -> EvaluateOptions:
    problems = folder / "problems.jsonl"
    rows = [{"prompt": f"What is {n} + 1?", "answer": n + 1, "domain": "ab"[n % 2]} for n in range(12)]
    problems.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return EvaluateOptions(
        run=folder / "run", name=name, prompts=str(problems), samples=8, workers=1,
        check=["math_answer", "format"], engine={"kind": "scripted", "model": model}, **more,
    )  # fmt: skip


def metrics(folder: Path, name: str) -> dict:
    return json.loads((Run(folder / "run").evaluation(name) / "metrics.json").read_text())


def test_rates_intervals_votes_and_the_gain(tmp_path: Path):
    evaluate_model(options(tmp_path, "base", script(tmp_path, "base", 1, 3)))
    result = evaluate_model(options(tmp_path, "good", script(tmp_path, "good", 3, 1), before="base"))
    base, good = metrics(tmp_path, "base"), metrics(tmp_path, "good")
    assert (base["prompts"], base["samples_per_prompt"]) == (12, 8)
    assert base["sampling"]["temperature"] == 0.6
    assert base["sampling"]["top_p"] == 0.95
    assert base["pass@1"]["low"] < base["pass@1"]["value"] < base["pass@1"]["high"] < good["pass@1"]["low"]
    assert base["bounds"] == pytest.approx([base["pass@1"]["value"]] * 2)
    assert good["cons@k"]["value"] >= good["pass@1"]["value"]
    assert good["gain"]["value"] == pytest.approx(good["pass@1"]["value"] - base["pass@1"]["value"])
    assert good["gain"]["low"] > 0
    assert base["gain"] is None
    assert good["checks"] == {"format": 1.0}
    assert all(f"`{key}`" in README for key in good)
    told = " ".join(shown(result).split())
    assert result.exit_code == 0 and good["samples"]["whole"] == good["samples"]["asked"] == 96
    assert (good["gain"]["shared"], good["gain"]["only_before"], good["gain"]["differences"]) == (12, 0, [])
    assert "over 12 shared prompts" in told
    assert "format │ 100.0" in told and "gain over base │ +" in told and told.count("gain") == 1
    shares = [domain["value"] * domain["prompts"] for domain in good["by_domain"].values()]
    assert sum(shares) / 12 == pytest.approx(good["pass@1"]["value"])


def test_fewer_samples_later_count_only_what_was_asked_for(tmp_path: Path):
    model = script(tmp_path, "m", 1, 1)
    evaluate_model(options(tmp_path, "m", model))
    asked = options(tmp_path, "m", model).model_copy(update={"samples": 2, "limit": 3})
    evaluate_model(asked)
    assert (metrics(tmp_path, "m")["prompts"], metrics(tmp_path, "m")["samples_per_prompt"]) == (3, 2)


def test_prompts_that_failed_are_counted_and_said_and_the_evaluation_is_unfinished(tmp_path: Path):
    asked = options(tmp_path, "half", script(tmp_path, "half", 1, 0, fails=6))
    result = evaluate_model(asked.model_copy(update={"samples": 4}))
    found, told = metrics(tmp_path, "half"), " ".join(shown(result).split())
    assert (found["prompts_asked"], found["prompts"], found["prompts_left_out"]) == (12, 6, 6)
    assert found["samples"] == {
        "asked": 48,
        "whole": 24,
        "refused": 0,
        "stopped": 0,
        "failed": 24,
        "missing": 0,
    }
    assert (found["pass@1"]["value"], found["bounds"]) == (1.0, [0.5, 1.0])
    assert (found["cons@k"]["counted"], found["cons@k"]["bounds"]) == (6, [0.5, 1.0])
    assert found["undecided"] == 0, "what was judged was decided"
    assert {domain: one["left_out"] for domain, one in found["by_domain"].items()} == {"a": 3, "b": 3}
    assert result.exit_code == 1
    for said in (
        "100.0 [60.7, 100.0] over 6 of 12 prompts",
        "samples failed │ 24 of 48",
        "Unfinished: 24 of 48 samples failed or are missing, and count as undecided; run the same command again",
        "pass@1 over all prompts is between 50.0 and 100.0",
    ):
        assert said in told


def test_where_nothing_was_answered_a_sentence_says_so(tmp_path: Path):
    asked = options(tmp_path, "none", script(tmp_path, "none", 1, 0, fails=0))
    with pytest.raises(
        UserError, match=r"none of its 6 samples was answered \(6 failed\): run the same command"
    ):
        evaluate_model(asked.model_copy(update={"samples": 2, "limit": 3}))
    assert Run(tmp_path / "run").evaluation_names() == [], "there is no number to show"


def test_a_gain_says_over_which_prompts_it_is_and_what_was_not_measured_alike(tmp_path: Path):
    one, two = script(tmp_path, "one", 1, 3, fails=10), script(tmp_path, "two", 3, 1)
    before = options(tmp_path, "one", one).model_copy(update={"samples": 4})
    evaluate_model(before)
    after = options(tmp_path, "two", two, before="one")
    fewer = after.model_copy(update={"limit": 11, "check": after.check[:1]})
    result = evaluate_model(fewer)
    gain, told = metrics(tmp_path, "two")["gain"], " ".join(shown(result).split())
    assert (gain["shared"], gain["counted"], gain["left_out"]) == (11, 10, 1)
    assert (gain["only_before"], gain["only_after"]) == (1, 0)
    assert gain["differences"] == ["samples per prompt 4 before, 8 now"]
    assert "over 10 of 11 shared prompts" in told
    assert "is between two ways to measure: samples per prompt 4 before, 8 now." in told


def test_an_evaluation_of_an_earlier_version_is_compared_with(tmp_path: Path):
    """It knew no prompts but those that were answered, and said less of itself."""
    evaluate_model(options(tmp_path, "old", script(tmp_path, "old", 1, 3, fails=10)))
    run = Run(tmp_path / "run")
    known = ("name", "model", "identity", "prompts", "samples_per_prompt", "sampling", "check", "undecided", "bounds",
             "tokens_mean", "truncated", "checks", "by_domain", "before", "gain")  # fmt: skip
    found = read_json(run.evaluation_metrics("old"))
    rates = {key: {k: found[key][k] for k in ("value", "low", "high")} for key in ("pass@1", "cons@k")}
    rates["cons@k"]["k"] = 8
    write_json(run.evaluation_metrics("old"), {key: found[key] for key in known} | rates)
    grades = read_json(run.evaluation_grades("old"))
    write_json(run.evaluation_grades("old"), {k: v for k, v in grades.items() if v[0] is not None})
    evaluate_model(options(tmp_path, "new", script(tmp_path, "new", 3, 1), before="old"))
    gain = metrics(tmp_path, "new")["gain"]
    assert (gain["shared"], gain["counted"], gain["only_after"], gain["differences"]) == (10, 10, 2, [])
    assert "old" in shown(write_report(ReportOptions(run=run.path)))


def test_the_report_shows_what_the_numbers_leave_out(tmp_path: Path):
    asked = options(tmp_path, "half", script(tmp_path, "half", 1, 1, fails=1))
    evaluate_model(asked.model_copy(update={"samples": 2}))
    run, said = Run(tmp_path / "run"), "pass@1 leaves out 11 of 12 prompts, without a decided sample."
    told = " ".join(shown(write_report(ReportOptions(run=run.path))).split())
    assert f"half: {said}" in told
    page = run.report.read_text()
    assert said in page
    assert "12 × 2" in page, "as many as were asked"
    assert metrics(tmp_path, "half")["by_domain"]["b"]["value"] is None


def test_what_cannot_be_compared_is_told(tmp_path: Path):
    with pytest.raises(UserError, match="has no evaluation 'nobody' to compare with"):
        evaluate_model(options(tmp_path, "m", script(tmp_path, "m", 1, 1), before="nobody"))


def test_a_check_that_compares_a_set_measures_no_model(tmp_path: Path):
    asked = options(tmp_path, "m", script(tmp_path, "m", 1, 1))
    asked = asked.model_copy(update={"check": (make_spec("math_answer"), make_spec("near_duplicate"))})
    with pytest.raises(
        UserError, match="'near_duplicate' compares all samples of a set and says nothing of a model"
    ):
        evaluate_model(asked)
