"""What still has to be worked out is never proved different; relations without a left side are read anywhere."""

from itertools import product

import pytest

from filters.answers.compare.equality import compare_answers

MATRIX = r"\begin{pmatrix}1&2\\3&4\end{pmatrix}"


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (r"\frac{d}{dx} x^2", "2x"),
        (r"\frac{\mathrm{d}}{\mathrm{d}x} x^2", "2x"),
        (r"\frac{dy}{dx}", "2x"),
        ("f'(2)", "4"),
        (rf"\det{MATRIX}", "-2"),
        (r"\begin{vmatrix}1&2\\3&4\end{vmatrix}", "-2"),
        (rf"{MATRIX}^T", r"\begin{pmatrix}1&3\\2&4\end{pmatrix}"),
        ("|(3,4)|", "5"),
        (r"\|(3,4)\|", "5"),
        (r"|\{1,2,3\}|", "3"),
        (r"\min\{1,2\}", "1"),
        ("(1,2)+(3,4)", "(4,6)"),
        ("2(1,2)", "(2,4)"),
        (r"\{x : x^2=4\}", r"\{2,-2\}"),
        ("C_5^2", "10"),
        ("5P2", "20"),
    ],
)
def test_an_operation_that_no_rule_carries_out_is_undecided(one: str, two: str) -> None:
    assert compare_answers(one, two).equal is not False
    assert compare_answers(two, one).equal is not False


@pytest.mark.parametrize(
    ("one", "two"),
    [("(1,2)", "(1,3)"), (MATRIX, "7"), (r"\frac{d}{2}", "d"), ("|x|", "7")],
)
def test_what_is_worked_out_still_differs(one: str, two: str) -> None:
    assert compare_answers(one, two).equal is False


def test_points_are_not_taken_for_numbers_of_choices() -> None:
    assert compare_answers("P(1,2)", "P(1,3)").equal is None
    assert compare_answers("C(4,1)", "C(4,3)").equal is None
    assert compare_answers("C(4,1)", "C(4, 1)").equal is True
    assert compare_answers("C(4,1)", "4").equal is True
    assert compare_answers(r"\binom{4}{1}", r"\binom{4}{3}").equal is True


def test_a_relation_without_its_left_side_may_stand_anywhere() -> None:
    assert compare_answers("5", "= 2+3 = 5").equal is True
    assert compare_answers(r"\{1,4\}", r"\{1,=4\}").equal is True
    assert compare_answers("5", "> 5").equal is False
    sides = ["=4", "<4", "=4=5", r"\ge 2", "x=", "=", "4", "x=4", r"\in 3"]
    places = [
        "%s",
        r"\{1,%s\}",
        "(1,%s)",
        "1,%s",
        r"\begin{pmatrix}%s\\1\end{pmatrix}",
        r"\begin{cases}%s\\x=1\end{cases}",
    ]
    for place, one, two in product(places, sides, sides):
        assert compare_answers(place % one, place % two).equal in (True, False, None)
        assert compare_answers(place % one, two).equal in (True, False, None)
