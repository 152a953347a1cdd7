from fractions import Fraction

import pytest

from filters.answers.parse.number_words import expand_leading_number, expand_scaled_numbers, read_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("twenty-six", 26),
        ("one hundred and five", 105),
        ("two million five hundred thousand", 2_500_000),
        ("minus three", -3),
        ("three quarters", Fraction(3, 4)),
        ("one and a half", Fraction(3, 2)),
        ("a dozen", 12),
        ("zero", 0),
    ],
)
def test_numbers_in_words(text: str, value: Fraction) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize("text", ["", "seven apples", "twenty thirty", "and", "a", "the third", "one " * 40])
def test_no_numbers(text: str) -> None:
    assert read_number(text) is None


def test_digits_for_scales_and_leading_words() -> None:
    assert expand_scaled_numbers("2.5 million").strip() == "2500000"
    assert expand_scaled_numbers("5k") == "5k"
    assert expand_leading_number("three days") == "3 days"
    assert expand_leading_number("day three") == "day three"
