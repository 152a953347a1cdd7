import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters.answers.compare.equality import compare_answers, decide_equality, group_answers
from filters.answers.compare.reading import read_answer


@pytest.mark.parametrize(
    ("reference", "answer", "rule"),
    [
        (r"\dfrac{1}{2}", r"\frac{1}{2}", "exact"),
        ("2", "2.0", "number"),
        (r"\sqrt8", r"2\sqrt2", "value"),
        ("5 km", "5000 m", "unit"),
        ("50%", "0.5", "percent"),
        (r"45^\circ", r"\frac{\pi}{4}", "degree"),
        ("1, 2", "2, 1", "list"),
        ("(1, 2)", r"(1, \sqrt4)", "tuple"),
        ("x > 3", r"(3, \infty)", "interval"),
        ("y = 2x", "2y = 4x", "equation"),
        (r"n \equiv 1 \pmod 3", r"n \equiv 4 \pmod 3", "congruence"),
        ("1:2", "2:4", "ratio"),
        ("CO2", r"\mathrm{CO_2}", "formula"),
        ("B", "(B) seven", "choice"),
        ("July 4, 1776", "4 July 1776", "form"),
        ("the cat", "Cat", "text"),
    ],
)
def test_each_rule_says_its_name(reference: str, answer: str, rule: str) -> None:
    assert compare_answers(reference, answer)[:2] == (True, rule)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (r"\frac{1}{2004!}", r"\frac{1}{2006!}"),
        ("1", "1+10^{-100000}"),
        (r"1-\frac1e", r"1+\frac1e"),
        ("4", r"4\sqrt2"),
        ("10^{10^{10}}", "10^{10^{10}}+1"),
        (r"\frac{2^{2005}-1}{3\cdot2^{2006}}", r"\frac{2^{2005}+1}{3\cdot2^{2006}}"),
        (r"e^{-20000}", "0"),
        ("10-20", "-10"),
        ("3", "3x=3"),
    ],
)
def test_what_graders_take_for_equal_is_not(a: str, b: str) -> None:
    assert decide_equality(a, b) is not True


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("|x|", "x"),
        (r"\sqrt{x^2}", "x"),
        ("1/2x", r"\frac{1}{2x}"),
        (r"\frac{v}{2}", "v/2t"),
        ("101_2", "101"),
    ],
)
def test_what_depends_on_the_writer_is_undecided(a: str, b: str) -> None:
    assert decide_equality(a, b) is None


def test_empty_answers_are_undecided() -> None:
    assert compare_answers("", "1").equal is None
    assert compare_answers("1", " ").equal is None


def test_long_answers_are_compared_by_text_alone() -> None:
    assert decide_equality("1" * 5_000, "1" * 5_000) is True
    assert decide_equality("1" * 5_000, "1" * 4_999 + "2") is None


def test_a_reading_is_made_once() -> None:
    assert read_answer("x + 1") is read_answer("x + 1")


def test_classes_follow_value_and_not_spelling() -> None:
    answers = ["1/2", "0.5", "2", r"\frac{1}{2}", "two", r"\sqrt2", r"\frac{2}{\sqrt2}", "2"]
    assert group_answers(answers) == [0, 0, 1, 0, 1, 2, 2, 1]


def test_classes_of_many_distinct_numbers_are_fast() -> None:
    answers = [str(number) for number in range(5_000)]
    assert group_answers(answers) == list(range(5_000))


def test_no_answers_make_no_classes() -> None:
    assert group_answers([]) == []


UNREADABLE = ["", " ", "$$", ".", "?!", ",", r"\,", r"\text{}", "\u200b", "\ud800", r"\left.\right."]


def test_answers_of_which_nothing_can_be_read_are_apart_unless_they_are_the_same_text() -> None:
    assert group_answers([*UNREADABLE, *UNREADABLE]) == [*range(len(UNREADABLE))] * 2


@given(st.lists(st.sampled_from([*UNREADABLE, "1", "1.0", "x", "x ", "9" * 5_000, "y" * 60_000]), max_size=9))
@settings(deadline=None)
def test_a_class_holds_one_text_or_what_is_proved_equal(answers: list[str]) -> None:
    heads: dict[int, str] = {}
    for answer, number in zip(answers, group_answers(answers), strict=True):
        head = heads.setdefault(number, answer)
        assert head == answer or decide_equality(head, answer) is True


def test_numbers_too_long_to_write_in_decimals_are_grouped_like_any_other():
    huge = r"\frac{1}{2004!}"
    assert group_answers([huge, r"1/2004!", "1", huge]) == [0, 0, 1, 0]


def test_a_relation_without_its_left_side_is_read_without_an_error():
    assert read_answer(r"\in A").text
    assert decide_equality(r"\in A", "5") is not True
