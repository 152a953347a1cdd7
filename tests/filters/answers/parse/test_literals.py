import pytest

from filters.answers.parse.literals import read_literal


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
    found = read_literal(text)
    assert found is not None
    assert (found.op, found.value) == (op, value)


@pytest.mark.parametrize("text", ["20-10", "March", "x", "3:30", "5"])
def test_no_fixed_form(text: str) -> None:
    assert read_literal(text) is None
