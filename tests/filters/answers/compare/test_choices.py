import pytest

from filters.answers.compare.choices import list_options, read_letters, read_reference_letters


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
    assert read_letters(text) == (None if found is None else frozenset(found))


def test_reference_letters_are_capital_and_distinct() -> None:
    assert read_reference_letters("BD") == frozenset("BD")
    assert read_reference_letters("A, C") == frozenset("AC")
    assert read_reference_letters("AA") is None
    assert read_reference_letters("a") is None
    assert read_reference_letters("Dead") is None


def test_options_must_run_from_a() -> None:
    assert list_options("Which?\nA) one\nB) two") == {"A": "one", "B": "two"}
    assert list_options("Which? (A) one (B) two (C) three") == {"A": "one", "B": "two", "C": "three"}
    assert list_options("B) two\nC) three") == {}
    assert list_options("no options") == {}
