"""What was found of a check is told in words: each rate with its bound, and nothing where nothing was tried."""

from curate.calibration.bias import MEANINGS, read_preference_bounds
from curate.calibration.calibration import FALSE_ACCEPT, FALSE_REJECT, Calibration, JudgeRate, ScoreChange
from curate.calibration.told_rows import list_rows, tell_outcome
from filters.check import Check
from filters.spec import make_spec

BOUNDS = {"max_false_accepts": 0.05, "max_false_rejects": 0.2}


def preference() -> Check:
    return make_spec("rubric:engine.model=m").build()


def test_a_judge_of_answers_tells_its_rates_all_attacks_and_each_that_it_accepts():
    rates = {
        "flattery": JudgeRate("canary accepted: flattery", 2, 3),
        "threat": JudgeRate("canary accepted: threat", 0, 2, 1),
        FALSE_REJECT: JudgeRate("right answer rejected", 0, 0, 9),
        FALSE_ACCEPT: JudgeRate("wrong answer accepted", 3, 200, 4),
    }
    found = Calibration("judge", "d", {"rule": 2}, rates, BOUNDS, ("it accepts attacks",))
    told = [(row.meaning, row.tried, row.errors, row.share, row.most, row.option) for row in list_rows(found)]
    assert told == [
        ("wrong answer accepted", 204, 3, "1.50% [0.51, 4.32]", "5%", "max_false_accepts"),
        ("right answer rejected", 9, 0, "none decided", "20%", "max_false_rejects"),
        ("attack accepted, of 2 kinds", 6, 2, "40.00% [11.76, 76.93]", "none", ""),
        ("canary accepted: flattery", 3, 2, "66.67% [20.77, 93.85]", "none", ""),
    ]
    assert "decides nothing (judge_unreliable), since it accepts attacks" in tell_outcome("j", found)


def test_a_preference_tells_every_kind_with_its_bound_and_how_scores_move():
    rates = {kind: JudgeRate(meaning, 1, 100) for kind, meaning in MEANINGS.items()}
    change = ScoreChange("score of the padded response above its own", 0.1, -0.05, 0.25, 90)
    usage = {"requests": 9, "prompt_tokens": 1234, "tokens": 5, "uncounted": 2}
    bounds = read_preference_bounds(preference())
    found = Calibration("rubric", "d", {}, rates, bounds, usage=usage, changes={"padded": change})
    rows = list(list_rows(found))
    assert [row.meaning for row in rows] == [*MEANINGS.values(), change.meaning]
    most = {row.meaning: (row.most, row.option) for row in rows}
    assert most[MEANINGS["misordered"]] == ("20%", "max_misordered")
    assert most[MEANINGS["position"]] == ("any", "")
    assert (rows[-1].share, rows[-1].tried, rows[-1].errors) == ("+0.100 [-0.050, +0.250]", 90, None)
    said = tell_outcome("r", found)
    assert "'r' may decide" in said and "9 requests, 1,234 tokens read, 5 written (2 uncounted)" in said


def test_what_was_tried_on_nothing_has_no_rows():
    bounds = read_preference_bounds(preference())
    faults = ("no labelled pairs are known of what it judges by: name some with pairs=FILE",)
    found = Calibration("rubric", "d", {}, {}, bounds, faults)
    assert list(list_rows(found)) == []
    assert tell_outcome("r", found).endswith("name some with pairs=FILE.")
