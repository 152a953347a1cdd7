from fractions import Fraction

import pytest

from filters.answers.parse.grammar import Parser
from filters.answers.parse.nodes import Node
from filters.answers.parse.normalization import normalize_answer
from filters.answers.parse.tokens import MAX_CHARS, MAX_TOKENS, NotMathError, make_key, tokenize_answer
from filters.answers.prove.exact import InexactError, compute_rational


def parse(text: str) -> Node:
    return Parser(tokenize_answer(normalize_answer(text))).parse_answer()


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("−５", "-5"),
        ("٤٢", "42"),
        ("x²", "x^{2}"),
        ("2½", r"2\frac{1}{2}"),
        ("1,234,567", "1234567"),
        (r"1\,234\,567", "1234567"),
        (r"12{,}345", "12345"),
        ("3{,}5", "3.5"),
        ("1.234,56", "1234.56"),
        ("(100,200)", "(100,200)"),
        ("$5$", "5"),
        (r"\(5\)", "5"),
        ("$0.75", "$0.75"),
        ("5\u200b.", "5"),
        (r"45^{\circ}", "45°"),
        (r"0.1\overline{6}", r"\frac{15}{90}"),
    ],
)
def test_cleaning(text: str, cleaned: str) -> None:
    assert normalize_answer(text).strip() == cleaned


def test_one_key_for_many_spellings() -> None:
    spellings = [
        r"\dfrac{1}{2} \leq x",
        r"\frac{1}{2}\leqslant x",
        r"\left.\tfrac{1}{2}\right. \le x",
        r"\frac{1}{2}≤x",
    ]
    assert len({make_key(tokenize_answer(normalize_answer(text))) for text in spellings}) == 1
    assert make_key(tokenize_answer("1 2")) != make_key(tokenize_answer("12"))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"\frac12", "1/2"),
        (r"2\frac{1}{2}", "5/2"),
        ("3 1/4", "13/4"),
        ("-2^2", "-4"),
        ("2^{3^2}", "512"),
        ("1/2/2", "1/4"),
        ("2(3+4)", "14"),
        (r"\sqrt{\frac{4}{9}}", "2/3"),
        (r"\sqrt[3]{-8}", "-2"),
        ("5!", "120"),
        ("5!!", "15"),
        (r"\binom52", "10"),
        ("C(5,2)", "10"),
        ("|-3|", "3"),
        (r"\lfloor -1.5 \rfloor", "-2"),
        ("1011_2", "11"),
        ("6e3", "6000"),
        (r"\gcd(12, 18)", "6"),
        ("4^{1/2}", "2"),
    ],
)
def test_values(text: str, value: str) -> None:
    assert compute_rational(parse(text)) == Fraction(value)


@pytest.mark.parametrize("text", [r"\frac10", r"\sqrt2", "0^0", "2^{100000}", "4000!", r"\pi", "x", "12_2"])
def test_no_exact_value(text: str) -> None:
    with pytest.raises(InexactError):
        compute_rational(parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 2",
        "(1",
        "1)",
        "+",
        r"\frac{1}",
        r"\unknown",
        "cat sat",
        r"\nabla f",
        "(" * 200 + "1" + ")" * 200,
        "2*" * 300 + "2",
    ],
)
def test_outside_the_grammar(text: str) -> None:
    with pytest.raises(NotMathError):
        parse(text)


def test_bounds() -> None:
    with pytest.raises(NotMathError):
        tokenize_answer("1" * (MAX_CHARS + 1))
    with pytest.raises(NotMathError):
        tokenize_answer("+1" * (MAX_TOKENS // 2 + 1))


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("1, 2", "list"),
        ("(1, 2)", "tuple"),
        (r"\{1, 2\}", "set"),
        (r"\{\}", "empty"),
        ("x = 1", "rel"),
        ("5 cm", "quantity"),
        ("5 m", "quantity"),
        ("5m", "quantity"),
        ("2 apples", "quantity"),
        ("$5", "quantity"),
        ("2 hours 30 minutes", "quantity"),
        (r"\begin{pmatrix}1\\2\end{pmatrix}", "matrix"),
        (r"[1,2)\cup(3,4]", "union"),
        (r"x \equiv 1 \pmod 2", "mod"),
        ("1:2", "ratio"),
        ("mv^2", "mul"),
        ("f(x)", "call"),
    ],
)
def test_shapes(text: str, op: str) -> None:
    assert parse(text).op == op
