"""A plan says that judges are calibrated first, and refuses the orders of checks that `mix` would refuse."""

from pathlib import Path

import pytest

from curate.calibration.calibrate import key_calibration
from curate.calibration.calibration import (
    FALSE_ACCEPT,
    FALSE_REJECT,
    Calibration,
    JudgeRate,
    write_calibration,
)
from curate.planning.calibration_needs import tell_calibrations
from curate.store.layout import Run, create_run
from filters.spec import make_spec
from tests.curate.planning.fake_pilot import plan, read_stages, write_recipe, write_world

JUDGE = {"check": "judge", "options": {"engine": {"kind": "scripted", "model": "judge"}}}


def told(run: Run, spec: str) -> str:
    (said,) = tell_calibrations(run, ["t"], [make_spec(spec)])
    return said


def test_how_much_a_calibration_asks_is_told_by_the_check(tmp_path: Path):
    run = Run(tmp_path / "run")
    once, thrice = told(run, "judge:engine.model=m"), told(run, "judge:engine.model=m,votes=3")
    assert once.endswith("287 to 806 requests, the fewer the more answers the rule has decided")
    assert "861 to 2,418 requests" in thrice
    assert told(run, "rubric:engine.model=m").endswith("about 905 requests")
    assert told(run, "preference:engine.model=m").endswith("about 1,540 requests")
    assert "by its own model, with no request" in told(run, "reward_model:model=m")
    assert "will decide nothing: name some with pairs=FILE" in told(
        run, "rubric:rubric=be kind,engine.model=m"
    )
    assert list(tell_calibrations(run, ["t"], [make_spec("math_answer")])) == []


def test_a_calibration_that_is_there_is_not_made_again(tmp_path: Path):
    run, spec = create_run(tmp_path / "run"), make_spec("judge:engine.model=m")
    rates = {kind: JudgeRate(kind, 0, 200) for kind in (FALSE_ACCEPT, FALSE_REJECT)}
    write_calibration(run, "t", "judge", Calibration("judge", key_calibration(spec.build()), {}, rates, {}))
    before = run.calibration("t", "judge").read_bytes()
    assert list(tell_calibrations(run, ["t"], [spec])) == []
    assert run.calibration("t", "judge").read_bytes() == before, "a plan writes nothing"
    assert "for each" not in "".join(tell_calibrations(run, ["t", "u"], [spec]))
    assert "for each of u, v" in "".join(tell_calibrations(run, ["t", "u", "v"], [spec]))


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ("judge", "the judge 'judge' would decide what the rule 'math_answer' has proved: write math_answer|judge."),
        ("judge|math_answer", "write math_answer|judge."),
        ("math_answer|judge", None),
        (None, None),
    ],
)  # fmt: skip
def test_a_judge_before_a_rule_is_refused_as_the_mix_would(
    tmp_path: Path, checks: str | None, said: str | None
):
    first = read_stages(write_world(tmp_path))[0]
    source = "teacher" if checks is None else f"teacher:checks={checks}"
    verify = {"verify": {"name": "teacher", "check": ["math_answer", JUDGE]}}
    needs = plan(write_recipe(tmp_path, first, verify, {"mix": {"source": [source]}}), Run(tmp_path / "run"))
    notes = dict(needs.stages)["2 verify teacher"].notes
    assert any(note.startswith("'judge' is calibrated before its first verdict: ") for note in notes)
    assert [said in one for one in needs.refusals] == ([] if said is None else [True]), needs.refusals


def test_of_two_rules_the_recipe_must_say_which_a_judge_comes_after(tmp_path: Path):
    first = read_stages(write_world(tmp_path))[0]
    verify = {"verify": {"name": "teacher", "check": ["math_answer", "number", JUDGE]}}
    path = write_recipe(tmp_path, first, verify, {"mix": {"source": ["teacher"]}})
    refusals = plan(path, Run(tmp_path / "run")).refusals
    assert any("and there are several (math_answer, number)" in one for one in refusals)


def test_pairs_that_cannot_be_read_are_a_refusal_and_cost_the_plan_no_number(tmp_path: Path):
    first = read_stages(write_world(tmp_path))[0]
    rubric = {"check": "rubric", "options": {**JUDGE["options"], "pairs": str(tmp_path / "none.jsonl")}}
    path = write_recipe(tmp_path, {"generate": {**first["generate"], "check": ["math_answer", rubric]}})
    needs = plan(path, Run(tmp_path / "run"))
    assert dict(needs.stages)["1 generate teacher"].amounts["samples"].high == 20
    assert any("none.jsonl" in one for one in needs.refusals)
