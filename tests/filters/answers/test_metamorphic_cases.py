"""Pairs that the metamorphic properties found to be judged by how they were typed, or one way only."""

import pytest

from filters.answers.compare.equality import compare_answers


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("May 16, 2068", r"May\,16 , 2068", True),
        ("16 May 2068", r"16\;May ,\ 2068", True),
        ("1:48 PM", "1: 52", False),
        ("57:29", r"57\,:\;29", True),
        ("5:23 AM", r"5:23\,\ \text{AM}", True),
        (r"3^\circ", r"3^\,{\;\circ}", True),
        (r"17\;^{\;\circ}", "17 °", True),
        ("D", "(  D)", True),
        ("D", r"\left(\mathrm{D}\right)", True),
        ("(37, 94)", r"252, \,   294 , \; 124", None),
        ("11,111,100", r"11,\! 111,\! 100", True),
        (r"\begin{pmatrix}1&2\\ 3&4\end{pmatrix}", r"\begin{pmatrix}1\,&2\\\,3&4\end{pmatrix}", True),
    ],
)
def test_spaces_are_only_typing(one: str, two: str, equal: bool | None) -> None:
    assert compare_answers(one, two).equal is equal


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("May 16, 2068", r"$\boxed{May 16, 2068}$", True),
        ("26s^{3}-16s-6", r"\boxed{ 26\,s^3-16s-6 }.", True),
        ("no solution", r"\boxed{\text{no solution}}", True),
        ("3:15 PM", r"\boxed{\boxed{3:15 PM}}", True),
        (r"\{1, 2\}", r"\boxed{\{1, 2\}}", True),
        ("5", r"\boxed{5} + \boxed{1}", False),
    ],
)
def test_a_box_round_an_answer_is_the_answer(one: str, two: str, equal: bool) -> None:
    assert compare_answers(one, two).equal is equal


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("1 mN", r"\frac{1}{1} mN", True),
        ("5 mN", "5000000", False),
        ("5 mN", "0.005 N", True),
        ("5 mn", "5000000", True),
        ("5 bn", "5000000000", True),
        ("2 MN", "2000000 N", True),
    ],
)
def test_the_symbol_of_a_unit_is_no_scale(one: str, two: str, equal: bool) -> None:
    assert compare_answers(one, two).equal is equal
    assert compare_answers(two, one).equal is equal


@pytest.mark.parametrize("font", ["text", "textbf", "textit", "mathrm", "mathbf", "mbox", "textnormal"])
def test_a_scale_is_read_in_any_font(font: str) -> None:
    assert compare_answers(rf"5 \{font}{{ million}}", "5000000").equal is True
    assert compare_answers(rf"386 \{font}{{万}}", "3860000").equal is True


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("115.389 J", r"V=\frac{4}{3}\pi r^{3}", False),
        (r"115.389 \text{ J}", r"V=\frac{4}{3}\pi r^{3}", False),
        ("-399.817 J", "x_1=69, x_2=0.25", False),
        ("5 m", "5m", True),
        ("5 m", "m + 4", None),
        ("-500", "-7 k", False),
        ("-500", "-7k", False),
        ("-7000", "-7 k", None),
        ("-7000", "-7k", None),
    ],
)
def test_a_letter_is_a_unit_or_a_variable_however_it_is_spaced(
    one: str, two: str, equal: bool | None
) -> None:
    assert compare_answers(one, two).equal is equal
    assert compare_answers(two, one).equal is equal


@pytest.mark.parametrize(
    ("word", "value"),
    [("Mary", "-247.591\\%"), ("Iran", "5"), ("Kant", "7!"), ("la mitosis", "(2, 3)"), (r"\text{Mary}", "5")],
)
def test_a_word_is_no_product_of_its_letters(word: str, value: str) -> None:
    assert compare_answers(word, value).equal is None
    assert compare_answers(value, word).equal is None


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (r"34h^{3}-29h-54", r"34\ h^{3}\;-\;29\ h-54"),
        (r"13g^{3}-38g^{2}+19g-52", r"13g  ^{3}-  38g^{2  }+19g-  52"),
        (r"36V^{3}-38V^{2}+4V-38", r"36 V^{3}-38 V^{2}+4 V-38"),
    ],
)
def test_a_polynomial_in_a_letter_that_is_a_unit_may_be_spaced(one: str, two: str) -> None:
    assert compare_answers(one, two).equal is True
    assert compare_answers(two, "39:14").equal is False
    assert compare_answers("2 hours 30 minutes", "150 min").equal is True


def test_two_letters_in_cells_of_a_matrix_are_no_word() -> None:
    one, two = r"\begin{pmatrix}a&2x\\83&y\end{pmatrix}", r"\begin{pmatrix}2x&a\\83&y\end{pmatrix}"
    assert compare_answers(one, two).equal is False
    assert compare_answers("x&a", "x&b").equal is not True
    assert compare_answers(two, two.replace("x&a", r"x\,&a")).equal is True


def test_labelled_parts_are_no_option_with_its_text() -> None:
    assert compare_answers("A", "(a) 309, (b) 40").equal is not True
    assert compare_answers("(a) 309, (b) 40", "A").equal is not True
    assert compare_answers("A", "(a) 309").equal is True


@pytest.mark.parametrize(
    ("value", "equal"),
    [("-500", False), ("-7000", None), ("568^{\\circ}", False), ("-k - 6k", True)],
)
def test_k_after_a_number_is_read_alike_with_a_space_and_without(value: str, equal: bool | None) -> None:
    assert {compare_answers(text, value).equal for text in ("-7k", "-7 k", r"-7\,k")} == {equal}
