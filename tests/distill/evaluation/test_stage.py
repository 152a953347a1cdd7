"""An evaluation is samples and verdicts under another name, then statistics that add up."""

import json
from pathlib import Path

import pytest

import distill
from curate.store.layout import Run
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.stage import evaluate_model
from filters.errors import UserError
from tests.shown import shown

README = (Path(distill.__file__).parent / "README.md").read_text()


def answer(value: int) -> dict:
    return {"text": f"<think>\nI add the two numbers.\n</think>\nIt is \\boxed{{{value}}}."}


def script(folder: Path, name: str, right: int, wrong: int) -> str:
    """Every problem is answered rightly with odds of right to wrong."""
    path = folder / f"{name}.jsonl"
    lines = [
        {"prompt": f"What is {n} + 1?", "responses": [answer(n + 1)] * right + [answer(n + 5)] * wrong}
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
    assert "format │ 100.0" in told and "gain over base │ +" in told and told.count("gain") == 1
    shares = [domain["value"] * domain["prompts"] for domain in good["by_domain"].values()]
    assert sum(shares) / 12 == pytest.approx(good["pass@1"]["value"])


def test_fewer_samples_later_count_only_what_was_asked_for(tmp_path: Path):
    model = script(tmp_path, "m", 1, 1)
    evaluate_model(options(tmp_path, "m", model))
    asked = options(tmp_path, "m", model).model_copy(update={"samples": 2, "limit": 3})
    evaluate_model(asked)
    assert (metrics(tmp_path, "m")["prompts"], metrics(tmp_path, "m")["samples_per_prompt"]) == (3, 2)


def test_what_cannot_be_compared_is_told(tmp_path: Path):
    with pytest.raises(UserError, match="has no evaluation 'nobody' to compare with"):
        evaluate_model(options(tmp_path, "m", script(tmp_path, "m", 1, 1), before="nobody"))
