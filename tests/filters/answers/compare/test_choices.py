import pytest

from filters.answers.compare.choices import (
    compare_options,
    list_options,
    read_letter_with_content,
    read_letters,
    read_reference_letters,
)
from filters.answers.compare.equality import compare_answers


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B", "B"),
        ("(b)", "B"),
        (r"\text{(B)}", "B"),
        ("B. seven", None),
        ("BD", "BD"),
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
    assert read_letters(text) == (None if found is None else frozenset(found))


@pytest.mark.parametrize(
    ("text", "letter", "content"),
    [
        ("(C) 0.75", "C", "0.75"),
        ("C: 0.75", "C", "0.75"),
        (r"\text{(C) }\frac{3}{4}", "C", r"\frac{3}{4}"),
        (r"\textbf{(B)}\ 7", "B", "7"),
        ("option A - dog", "A", "dog"),
    ],
)
def test_a_letter_with_its_content(text: str, letter: str, content: str) -> None:
    assert read_letter_with_content(text) == (letter, content)


OPTIONS = {"A": "0.5", "B": "0.7", "C": "0.75"}


@pytest.mark.parametrize(
    ("reference", "answer", "equal"),
    [
        ("0.75", "C", True),
        ("0.75", "(C) 0.75", True),
        ("C", r"\frac{3}{4}", True),
        ("C. 0.75", "B", False),
        ("C", "B. 0.7", False),
        ("C", "C. 0.7", None),
        ("C", "0.8", False),
        ("C", "C is correct", None),
        ("A, C", "AC", True),
        ("C", "A or C", False),
    ],
)
def test_letters_and_contents_are_one_option(reference: str, answer: str, equal: bool | None) -> None:
    for pair in ((reference, answer), (answer, reference)):
        found = compare_options(*pair, OPTIONS, compare_answers)
        assert found is not None
        assert found.equal is equal


def test_two_contents_are_no_choice() -> None:
    assert compare_options("0.75", "0.7", OPTIONS, compare_answers) is None


def test_reference_letters_are_capital_and_distinct() -> None:
    assert read_reference_letters("BD") == frozenset("BD")
    assert read_reference_letters("A, C") == frozenset("AC")
    assert read_reference_letters("AA") is None
    assert read_reference_letters("a") is None
    assert read_reference_letters("Dead") is None


def test_options_must_run_from_a() -> None:
    assert list_options("Which?\nA) one\nB) two") == {"A": "one", "B": "two"}
    assert list_options("Which? (A) one (B) two (C) three") == {"A": "one", "B": "two", "C": "three"}
    assert list_options("Which? A: 4, B: 7, C: 9") == {"A": "4", "B": "7", "C": "9"}
    assert list_options("Which?\na) one\nb) two") == {"A": "one", "B": "two"}
    assert list_options(r"$\textbf{(A)}\ \frac12 \qquad\textbf{(B)}\ 2$") == {"A": r"\frac12", "B": "2"}
    assert list_options("Vitamin A. It is B. good") == {}
    assert list_options("B) two\nC) three") == {}
    assert list_options("no options") == {}
