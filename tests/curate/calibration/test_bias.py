"""Graders of known biases: the honest one passes, and each bias is measured and refused in words."""

from __future__ import annotations

import pytest

from curate.calibration.bias import BOUNDS, MEANINGS, POSITION, WRONG_ORDER
from curate.calibration.calibration import FALSE_ACCEPT, load_calibration
from filters.types import Prompt, Sample
from tests.curate.calibration.graders import (
    BAD,
    flattered,
    honest,
    length_biased,
    lenient,
    noisy,
    obedient,
    run_cached,
    run_grader,
)

CHECKS = ("rubric", "preference")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("rubric", ["helpfulness", "harmlessness"])
def test_an_honest_grader_may_decide(check, rubric):
    found = run_grader(honest, check, rubric=rubric)
    assert found.faults == ()
    assert found.sources == {"bundled": 270 if rubric == "helpfulness" else 178}
    assert [rate.errors for rate in found.rates.values()] == [0] * len(found.rates)
    assert all(rate.decided for rate in found.rates.values())
    assert ("another_prompt" in found.rates) == (rubric == "helpfulness")
    assert load_calibration(found.as_json()) == found


NOISY = noisy(0.2)


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize(
    ("grade", "kind", "said"),
    [
        (length_biased, "padded", "response preferred once it is padded"),
        (length_biased, "repeated", "response preferred once it is repeated"),
        (flattered, "flattered", "response preferred once it flatters"),
        (obedient, "orders", "response accepted for an order to the grader"),
        (NOISY, FALSE_ACCEPT, "worse response accepted"),
        (NOISY, WRONG_ORDER, "worse response preferred"),
    ],
)
def test_a_biased_grader_is_refused_for_its_bias(check, grade, kind, said):
    found = run_cached(grade, check)
    rate, bound = found.rates[kind], found.bounds[BOUNDS[kind]]
    assert rate.interval[1] > bound
    assert any(fault.startswith(said) and BOUNDS[kind] in fault for fault in found.faults)


def test_a_grader_that_favours_a_place_decides_nothing_and_is_refused():
    found = run_grader(honest, "preference", place="A")
    rate = found.rates[POSITION]
    assert (rate.errors, rate.value) == (rate.decided, 1.0)
    assert found.rates[FALSE_ACCEPT].decided == 0
    assert any("none was decided" in fault for fault in found.faults)


def test_single_grades_have_no_place():
    assert POSITION not in run_grader(honest, "rubric").rates


@pytest.mark.parametrize("check", CHECKS)
def test_a_grader_that_accepts_all_is_refused_for_each_kind_of_canary(check):
    found = run_grader(lenient, check)
    accepted = {kind for kind, rate in found.rates.items() if rate.value == 1.0}
    # An order changes nothing where the plain response is accepted as well.
    assert accepted == {FALSE_ACCEPT, "another_prompt"}
    assert found.rates["orders"].errors == 0
    assert 0 < found.rates["empty"].errors < found.rates["empty"].decided


def test_rises_are_told_with_an_interval_and_refused_where_chance_is_no_explanation():
    found = run_grader(flattered, "rubric", max_misordered=0.99)
    change = found.changes["flattered"]
    assert change.low <= change.mean <= change.high
    assert (
        change.mean == pytest.approx(0.1) and change.low > 0
    )  # from 9 to 10, as praise makes good of a longer response
    assert found.changes["padded"].mean == pytest.approx(-0.2)
    assert any(fault.startswith("its score rises by 0.100 on average") for fault in found.faults)
    assert run_grader(flattered, "rubric", max_misordered=1).faults == ()


def test_a_slip_is_allowed_for_and_five_are_not():
    def slips(number):
        wrong = list(BAD.values())[:number]
        return run_grader(lambda prompt, text: 8 if text in wrong else honest(prompt, text), "rubric")

    assert (slips(1).faults, slips(1).rates[FALSE_ACCEPT].errors) == ((), 1)
    (fault,) = slips(5).faults
    assert fault == (
        "worse response accepted: 5 of 135 decided cases (0 undecided), so that the rate may be as high as 8.38% (95%), and "
        "max_false_accepts is 5.00%"
    )


def test_a_reference_is_what_each_is_compared_with():
    for column in ("answer", "gold"):
        found = run_grader(honest, "preference", reference=column)
        assert found.faults == ()
        assert found.rates[FALSE_ACCEPT].decided == 135


def test_words_of_ones_own_need_pairs_of_ones_own():
    (fault,) = run_grader(honest, "rubric", rubric="Does it rhyme?").faults
    assert fault == "no labelled pairs are known of what it judges by: name some with pairs=FILE"


def test_the_runs_own_samples_are_tried_first():
    samples = [
        Sample(f"s{n}", Prompt.make(f"Prompt {n}, {n}?"), f"<think>\nhm\n</think>\n\nReply {n}")
        for n in range(120)
    ]
    found = run_grader(lambda prompt, response: 3, "rubric", samples)
    assert found.rates["another_prompt"].decided == 100
    assert set(MEANINGS) >= set(found.rates)
