"""The statistics are those of the samples asked for: none is left out unsaid, and none that is undecided is wrong."""

from pathlib import Path
from typing import Any

import pytest

from distill.evaluation.metrics import compute_gain, compute_metrics, is_unfinished, list_grades
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.outcomes import FATES, Outcome
from filters.errors import UserError
from filters.spec import make_spec


@pytest.fixture(autouse=True)
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "m.jsonl").write_text("")
    monkeypatch.chdir(tmp_path)


def options(**more: Any) -> EvaluateOptions:
    return EvaluateOptions(
        run="run", name="e", prompts="p.jsonl", samples=2, check=["math_answer", "format", "language_share"],
        engine={"kind": "scripted", "model": "m.jsonl"}, **more,
    )  # fmt: skip


def whole(
    prompt: str, ok: bool | None, class_: int | None = 0, domain: str = "", form: float | None = 1.0
) -> Outcome:
    return Outcome(prompt, domain, "whole", ok, class_, 10, False, {"format": form, "language_share": form})


def test_what_another_check_could_not_decide_is_left_out_of_its_share():
    found = compute_metrics(options(), [whole("a", True), whole("a", True, form=None)])
    assert found["checks"] == {"format": 1.0, "language_share": 1.0}
    assert found["checks_undecided"] == {"format": 1, "language_share": 1}
    none = compute_metrics(options(), [whole("a", True, form=None)] * 2)
    assert none["checks"] == {"format": None, "language_share": None}


def test_a_refused_sample_is_wrong_and_a_failed_one_undecided():
    ended = [Outcome("b", "", fate, ok) for fate, ok in (("refused", False), ("failed", None))]
    found = compute_metrics(options(), [whole("a", True), whole("a", True), *ended])
    assert (found["pass@1"]["value"], found["pass@1"]["counted"], found["bounds"]) == (0.5, 2, [0.5, 0.75])
    assert (found["samples"]["asked"], found["samples"]["refused"], found["samples"]["failed"]) == (4, 1, 1)
    assert sum(found["samples"][fate] for fate in FATES) == found["samples"]["asked"]
    assert (found["tokens_mean"], found["truncated"]) == (10, 0), "of what was made"
    assert is_unfinished(found)
    refused = compute_metrics(options(), [whole("a", True), ended[0]])
    assert not is_unfinished(refused), "refused for good is done"


def test_a_vote_without_any_winner_that_is_decided_has_no_value():
    """A wrong sample without an answer decides pass@1; the answers that vote are all undecided."""
    found = compute_metrics(options(), [whole("a", None, 0), whole("a", False, None)])
    assert (found["pass@1"]["value"], found["undecided"]) == (0.0, 1)
    assert (found["cons@k"]["value"], found["cons@k"]["left_out"], found["cons@k"]["bounds"]) == (
        None,
        1,
        [0.0, 1.0],
    )


@pytest.mark.parametrize(
    ("check", "votes"),
    [
        ("math_answer", True),
        ("choice", True),
        ("code_tests", False),
        ("instructions", False),
        ("format", False),
    ],
)
def test_samples_vote_only_where_what_decides_compares_final_answers(check: str, votes: bool):
    asked = options().model_copy(update={"check": (make_spec(check),)})
    found = compute_metrics(asked, [whole("a", True), whole("a", False, 1)])
    assert (found["cons@k"] is not None) == votes
    assert {k: one["value"] for k, one in found["pass@k"].items()} == {"1": 0.5, "2": 1.0}


def test_a_domain_that_is_all_undecided_stands_among_the_others():
    found = compute_metrics(options(), [whole("a", True, domain="x"), whole("b", None, domain="y")])
    assert {name: (one["prompts"], one["value"]) for name, one in found["by_domain"].items()} == {
        "x": (1, 1.0),
        "y": (1, None),
    }


def test_a_gain_without_a_prompt_decided_in_both_has_no_value():
    before, after = [whole("a", None), whole("b", True)], [whole("a", True), whole("b", None)]
    one, two = compute_metrics(options(), before), compute_metrics(options(before="e"), after)
    gain = compute_gain(list_grades(before), list_grades(after), one, two)
    assert (gain["value"], gain["shared"], gain["left_out"], gain["low"], gain["high"]) == (
        None,
        2,
        2,
        -1.0,
        1.0,
    )
    with pytest.raises(UserError, match="no prompts in common"):
        compute_gain({}, list_grades(after), one, two)


def test_what_two_evaluations_did_not_measure_alike_is_named():
    made = [whole("a", True)]
    one = compute_metrics(options(), made)
    other = {**one, "check": "choice", "sampling": {**one["sampling"], "temperature": 1.0, "seed": 7}}
    gain = compute_gain(list_grades(made), list_grades(made), other, one)
    assert gain["differences"] == ["check choice before, math_answer now", "temperature 1.0 before, 0.6 now"]
    stricter = compute_gain(list_grades(made), list_grades(made), {**one, "check_digest": "x"}, one)
    assert stricter["differences"] == ["other options or another version of check math_answer"]


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        ([whole("a", None)], "'math_answer' could not decide about any sample"),
        (
            [Outcome("a", "", "failed", None)] * 2,
            r"none of its 2 samples was answered \(2 failed\): run the same",
        ),
        ([Outcome("a", "", "refused", False)], r"\(1 refused\): no other try would be answered"),
    ],
)
def test_where_there_is_no_number_a_sentence_says_why(outcomes, said):
    with pytest.raises(UserError, match=said):
        compute_metrics(options(), outcomes)
