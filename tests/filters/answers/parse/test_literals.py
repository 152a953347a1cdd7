import pytest

from filters.answers.parse.literals import read_literal, read_yes_or_no


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


@pytest.mark.parametrize(
    ("words", "value"),
    [("yes 是的 对的 sí oui да हाँ हां نعم", "yes"), ("no 不 不对 nein нет 아니오 아니요 नहीं لا", "no")],
)
def test_a_yes_or_no_is_read_alone_and_as_a_first_clause(words: str, value: str) -> None:
    for word in words.split():
        for found in (read_literal(word), read_yes_or_no(word + ", 5")):
            assert found is not None and (found.op, found.value) == ("phrase", value), word


def test_a_word_with_another_meaning_is_no_yes() -> None:
    assert read_yes_or_no("si, x") is None
    four = read_literal("네")
    assert four is None or four.op != "phrase"
