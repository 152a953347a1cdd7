"""Random answers built from the pieces that parsers stumble on: no exception, and equality is consistent."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.answers.compare.equality import compare_answers, decide_equality, group_answers
from filters.answers.extract.final_answer import extract_answer
from filters.think import split_response

PIECES = [
    "1", "2", "10", "0.5", "x", "y", "n", "e", "i", r"\pi", "+", "-", "*", "/", "^", "_", "!", "=", "<", r"\le ",
    "(", ")", "[", "]", "{", "}", r"\{", r"\}", "|", ",", ";", ":", "%", "$", r"\frac", r"\sqrt", r"\binom", r"\sin ",
    r"\ln ", r"\text{", "cm", " m", "hours", " or ", " and ", r"\cup ", r"\in ", r"\infty", r"\pm ", r"\\", "&",
    r"\begin{pmatrix}", r"\end{pmatrix}", "yes", "no", "A", "B", ".", " ", "\x00", "½", "²", "°", "π", "一",
]  # fmt: skip
ANSWERS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
RESPONSES = st.lists(
    st.sampled_from(
        [*PIECES, "<think>", "</think>", r"\boxed{", "<answer>", "The answer is ", "\n", "#### "]
    ),
    max_size=20,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(ANSWERS, ANSWERS)
def test_comparing_never_raises(one: str, two: str) -> None:
    assert compare_answers(one, two).equal in (True, False, None)


@settings(max_examples=150, deadline=None)
@given(ANSWERS)
def test_an_answer_never_differs_from_itself(answer: str) -> None:
    assert compare_answers(answer, f" {answer} ").equal is not False


@settings(max_examples=200, deadline=None)
@given(RESPONSES)
def test_extracting_never_raises_and_stays_inside(response: str) -> None:
    found = extract_answer(split_response(response))
    if found.span is not None:
        assert 0 <= found.span[0] <= found.span[1] <= len(response)
        assert found.text


@settings(max_examples=150, deadline=None)
@given(st.fractions(max_denominator=999), st.fractions(max_denominator=999))
def test_fractions_are_equal_only_when_they_are(one: Fraction, two: Fraction) -> None:
    latex = rf"\frac{{{one.numerator}}}{{{one.denominator}}}"
    assert decide_equality(latex, str(one)) is True
    assert decide_equality(latex, str(two)) is (one == two)


@settings(max_examples=50, deadline=None)
@given(st.lists(ANSWERS, max_size=8))
def test_classes_number_every_answer_in_order(answers: list[str]) -> None:
    classes = group_answers(answers)
    assert len(classes) == len(answers)
    assert list(dict.fromkeys(classes)) == list(range(len(set(classes))))
