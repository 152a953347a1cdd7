import pytest

from filters.answers.compare.equality import compare_answers
from filters.answers.near_misses import make_near_misses

EXPECTED = {
    "42": ["43", "-42", "420"],
    "-7": ["-8", "-70"],
    "0": ["1"],
    "0.50": ["0.51", "-0.50"],
    "12,000": ["12,001", "-12,000"],
    r"\frac{1}{2}": [r"\frac{1}{3}", r"-\frac{1}{2}"],
    "x^2+1": ["x^2+2"],
    "(B)": ["(A)"],
    "A": ["B"],
    "yes": ["no"],
    "5 m": ["6 m", "-5 m"],
    "3:59": ["3:60", "-3:59"],
    "Paris": ["Rome"],
    r"\pi": [],
    "x": [],
}


@pytest.mark.parametrize(("reference", "expected"), EXPECTED.items())
def test_each_kind_is_missed_in_its_own_way(reference: str, expected: list[str]) -> None:
    found = make_near_misses(reference, ("Paris in May", "7", "Rome"))
    assert found == expected
    assert not any(compare_answers(reference, wrong).equal for wrong in found)


def test_long_numbers_are_fine() -> None:
    assert make_near_misses("1" * 5_000)[0] == "1" * 4_999 + "2"
    assert make_near_misses("") == []
