"""What is equal but for a mark, the case of a symbol, or words that say something else of a number, is undecided."""

import pytest

from filters.answers.compare.equality import compare_answers

UNDECIDED = [
    ("x*", "x"),
    ("**kwargs", "*kwargs"),
    ("~x", "x"),
    ("a?", "a"),
    ("Si", "SI"),
    ("CO", "Co"),
    ("NO2", "2NO"),
    ("2H", "H2"),
    ("5A", "A5"),
    ("ray AB", "ray BA"),
    ("2", "200 cm"),
    ("90 minutes", "1.5"),
    ("HTML", "html"),
    ("tin", "Sn"),
    ("1776", "In 1776"),
    ("pH 7", "7"),
    ("sp3", "sp^3"),
    ("A minor", "a minor"),
    ("5", "5ではない"),
    ("5", "5が正しくない"),
    ("5", "5가 아니다"),
    ("5", "5吗"),
    ("5", "5的平方"),
    ("5", "5でしょう"),
    ("5", "5の二乗"),
]
EQUAL = [
    ("x", "**x**"),
    ("*x*", "x"),
    ("NO", "No"),
    ("5", "5个苹果"),
    ("5", "5個のりんご"),
    ("5 m^2", "5m²"),
    ("5A", "5 A"),
]


@pytest.mark.parametrize(("reference", "answer"), UNDECIDED)
def test_each_character_counts(reference: str, answer: str) -> None:
    assert compare_answers(reference, answer).equal is None


@pytest.mark.parametrize(("reference", "answer"), EQUAL)
def test_typing_does_not(reference: str, answer: str) -> None:
    assert compare_answers(reference, answer).equal is True
