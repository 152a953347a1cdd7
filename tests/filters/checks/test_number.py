import pytest
from pydantic import ValidationError

from filters.checks.number import Number
from filters.types import Prompt, Sample, Verdict


def judge(reference: str, answer: str, **options: float) -> Verdict:
    return Number(**options).check([Sample("s", Prompt.make("q", reference), f"\\boxed{{{answer}}}")])[0]


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


def test_what_is_no_number_is_undecided() -> None:
    assert judge("5", "about five or so", relative=0.1).ok is None


def test_negative_tolerances_are_refused() -> None:
    with pytest.raises(ValidationError):
        Number(relative=-0.1)
