"""What judges will be asked is told from a pilot: the samples that are left to them, and what one of these took."""

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
from curate.checking.run_checks import run_checks
from curate.sampling.judge_cost import JudgePilot, judge_cost_table, read_judge_pilots
from curate.stages.generate import GenerateOptions, generate_samples
from curate.store.answer_journal import read_usage
from curate.store.layout import Run, create_run
from curate.store.verdicts import read_checks, record_checks
from filters.spec import CheckSpec, make_spec
from tests.curate.calibration.scripted_judges import ScriptedJudge, answer_with, honest, make_judge
from tests.curate.calibration.test_calibrate import judge_of, judge_spec, make_run, rows_of
from tests.curate.planning.fake_pilot import amounts_of, plan, read_stages, write_recipe, write_world
from tests.shown import shown

RULE = make_spec("math_answer")


def pilot_of(run: Run, *specs: CheckSpec) -> JudgePilot:
    (found,) = read_judge_pilots(run, "t", specs, read_checks(run, "t"))
    return found


def keep_calibration(run: Run, name: str, spec: CheckSpec, wrong: int = 0) -> None:
    rates = {FALSE_ACCEPT: JudgeRate("accepted", wrong, 200), FALSE_REJECT: JudgeRate("rejected", 0, 200)}
    faults = ("it errs",) if wrong else ()
    key = key_calibration(spec.build())
    found = Calibration("judge", key, {}, rates, {}, faults, engine="scripted")
    write_calibration(run, name, spec.label, found)


def test_what_the_rule_leaves_to_a_judge_is_asked_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run, judge = make_run(tmp_path, rows_of(6)), judge_spec()
    record_checks(run, "t", [RULE, judge], "verify")
    before = pilot_of(run, RULE, judge)
    assert sum(before.left.values()) == 6 and before.each == {}
    assert before.doubts == ("it has not judged the pilot, so that its requests and tokens are not known",)
    answer_with(judge_of(run, honest), monkeypatch)
    run_checks(run, "t", [judge], workers=1)
    after, usage = pilot_of(run, RULE, judge), read_usage(run, "t", "judge")
    assert (
        after.each["requests"] == 1 and after.each["read"] == usage.prompt_tokens / 6 and after.doubts == ()
    )
    left, asked = after.estimate(list(after.left), 6, 1)
    assert tuple(left) == (6, 6, 6), "a pilot of the whole has no error left"
    assert asked["written"].value == usage.completion_tokens
    keep_calibration(run, "t", judge, wrong=90)
    closed = pilot_of(run, RULE, judge)
    assert set(closed.each.values()) == {0.0} and "judge_unreliable" in closed.doubts[0]


def test_a_rule_that_has_not_judged_the_pilot_leaves_at_most_all(tmp_path: Path):
    run = make_run(tmp_path, rows_of(2, 2))
    other = make_spec({"check": "math_answer", "label": "other"})
    record_checks(run, "t", [other], "verify")
    found = pilot_of(
        run, other, make_spec({"check": "judge", "after": "other", "options": judge_spec().options})
    )
    assert sum(found.left.values()) == 6 and "at most all" in found.doubts[0]


def test_the_estimate_of_a_pilot_and_of_a_recipe_tell_their_judges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    first = read_stages(write_world(tmp_path))[0]["generate"]
    spec = make_spec({"check": "judge", "options": {"engine": {"kind": "scripted", "model": "judge"}}})
    run = create_run(tmp_path / "run")
    keep_calibration(run, "teacher", spec)
    answer_with(ScriptedJudge(make_judge(), [], honest), monkeypatch)
    price = {"plan": {"prompts": 10, "price_tokens": 2e6}}
    said = shown(generate_samples(GenerateOptions(run=run.path, **{**first, **price, "check": (spec,)})))
    usage = read_usage(run, "teacher", "judge")
    said = " ".join(said.split())
    assert "judges, estimated, with 95% intervals" in said and f"{2 * usage.completion_tokens:,}.00 [" in said
    asked = {"check": "judge", "options": dict(spec.options)}
    path = write_recipe(
        tmp_path, {"generate": {**first, "check": [asked]}}, {"verify": {"name": "teacher", "check": [asked]}}
    )
    needs = plan(path, run)
    assert "requests" not in amounts_of(needs, "2 verify teacher"), "nothing is asked twice"
    for told in (amounts_of(needs, "1 generate teacher"), needs.sum_up()):
        assert told["requests"].value == usage.requests and told["judge_read"].value == usage.prompt_tokens
    assert needs.refusals == []


def test_what_is_not_known_is_said_and_never_taken_for_nothing():
    pilot = JudgePilot(
        "j", {"a": 2, "b": 0}, {"requests": 1.5}, ("nobody counted the tokens of all its requests",)
    )
    table = judge_cost_table([pilot], ["a", "b"], 2, 4, 3.0)
    assert [list(column.cells) for column in table.columns][-3:] == [["not known"]] * 3
    assert "j: nobody counted" in str(table.caption)
    assert judge_cost_table([], ["a"], 2, 4, None) is None
