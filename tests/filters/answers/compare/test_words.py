from fractions import Fraction

import pytest

from filters.answers.compare.choices import letters, options, reference_letters
from filters.answers.compare.prose import f1, same_words, words
from filters.answers.parse.literals import literal
from filters.answers.parse.number_words import leading_digits, number_of, scaled_digits


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
    assert number_of(text) == value


@pytest.mark.parametrize("text", ["", "seven apples", "twenty thirty", "and", "a", "the third", "one " * 40])
def test_no_numbers(text: str) -> None:
    assert number_of(text) is None


def test_digits_for_scales_and_leading_words() -> None:
    assert scaled_digits("2.5 million").strip() == "2500000"
    assert scaled_digits("5k") == "5k"
    assert leading_digits("three days") == "3 days"
    assert leading_digits("day three") == "day three"


@pytest.mark.parametrize(
    ("text", "op", "value"),
    [
        ("March 5th, 2020", "date", "2020-03-05"),
        ("5 March 2020", "date", "2020-03-05"),
        ("2020-03-05", "date", "2020-03-05"),
        ("3:30 pm", "clock", "15:30"),
        ("no solution", "empty", None),
        ("DNE", "phrase", "undefined"),
        ("infinitely many", "phrase", "infinite"),
        ("All real numbers", "reals", None),
        (r"\text{True}", "phrase", "yes"),
        ("2A_{16}", "based", "2a_16"),
    ],
)
def test_fixed_forms(text: str, op: str, value: str | None) -> None:
    found = literal(text)
    assert found is not None
    assert (found.op, found.value) == (op, value)


@pytest.mark.parametrize("text", ["20-10", "March", "x", "3:30", "5"])
def test_no_fixed_form(text: str) -> None:
    assert literal(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B", "B"),
        ("(b)", "B"),
        (r"\text{(B)}", "B"),
        ("B. seven", "B"),
        ("B: seven", "B"),
        ("option C", "C"),
        ("A and C", "AC"),
        ("A, B or D", "ABD"),
        ("seven", None),
        ("Because", None),
        ("a cat", None),
        ("5", None),
    ],
)
def test_letters(text: str, found: str | None) -> None:
    assert letters(text) == (None if found is None else frozenset(found))


def test_reference_letters_are_capital_and_distinct() -> None:
    assert reference_letters("BD") == frozenset("BD")
    assert reference_letters("A, C") == frozenset("AC")
    assert reference_letters("AA") is None
    assert reference_letters("a") is None
    assert reference_letters("Dead") is None


def test_options_must_run_from_a() -> None:
    assert options("Which?\nA) one\nB) two") == {"A": "one", "B": "two"}
    assert options("Which? (A) one (B) two (C) three") == {"A": "one", "B": "two", "C": "three"}
    assert options("B) two\nC) three") == {}
    assert options("no options") == {}


def test_words_drop_articles_accents_and_markup() -> None:
    assert words(r"\text{The Café}") == ("cafe",)
    assert words("北京市") == ("北", "京", "市")
    assert words("The") == ("the",)


def test_initials_are_undecided_and_other_words_different() -> None:
    assert same_words("United States of America", "USA").equal is None
    assert same_words("dog", "cat").equal is False
    assert same_words("dark blue", "blue").equal is None


def test_f1() -> None:
    assert f1("dark blue", "blue") == pytest.approx(2 / 3)
    assert f1("dog", "cat") == 0
