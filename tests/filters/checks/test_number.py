import pytest
from pydantic import ValidationError

from filters.checks.number import Number
from filters.types import Prompt, Sample, Verdict


def judge(reference: str, answer: str, prompt: str = "q", **options: float) -> Verdict:
    sample = Sample("s", Prompt.make(prompt, reference), f"\\boxed{{{answer}}}")
    return Number(**options).check([sample])[0]


def test_without_a_tolerance_only_equal_values_pass() -> None:
    assert judge("3.14", "3.140").ok is True
    assert judge("3.14", r"\pi").ok is False


def test_a_relative_tolerance_is_a_share_of_the_reference() -> None:
    assert judge("100", "101", relative=0.01).reason == "equal: box, tolerance, got 101, expected 100"
    assert judge("100", "101.0001", relative=0.01).ok is False
    assert judge("-100", "-99", relative=0.01).ok is True
    assert judge(r"\pi", "3.14", relative=0.001).ok is True
    assert judge(r"\pi", "3.13", relative=0.001).ok is False


def test_an_absolute_tolerance_is_in_the_references_unit() -> None:
    assert judge("5 km", "5.2 km", absolute=0.2).ok is True
    assert judge("5 km", "5200 m", absolute=0.2).ok is True
    assert judge("5 km", "5201 m", absolute=0.2).ok is False


def test_other_units_are_different_and_missing_ones_forgiven() -> None:
    assert judge("5 km", "5.01 kg", relative=0.1).reason.startswith("different: box, unit")
    assert judge("5 km", "5.01", relative=0.1).ok is True


def test_a_unit_on_one_side_that_is_not_known_proves_nothing() -> None:
    assert judge("5", "5C2", relative=0.01).ok is None
    assert judge("9.81", "9.8 too low", relative=0.01).ok is None
    assert judge("9.81", r"9.8 \text{ m/s}^2", relative=0.01).ok is True
    assert judge("78.2", "78 apples", relative=0.01).ok is True
    assert judge("60", "78 apples", relative=0.01).ok is False


def test_a_bare_number_may_be_meant_in_another_unit_unless_the_prompt_asks_for_one() -> None:
    assert judge("2", "200 cm", relative=0.01).ok is None
    assert judge("2", "200 cm", "How long is it in metres?", relative=0.01).ok is True
    assert judge("2", "250 cm", "How long is it in metres?", relative=0.01).ok is False


def test_what_is_no_number_is_undecided() -> None:
    assert judge("5", "about five or so", relative=0.1).ok is None


def test_negative_tolerances_are_refused() -> None:
    with pytest.raises(ValidationError):
        Number(relative=-0.1)
