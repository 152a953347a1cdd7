import pytest

from filters.answers.compare.regions import compare_regions
from filters.answers.parse.grammar import Parser
from filters.answers.parse.nodes import Node
from filters.answers.parse.normalization import normalize_answer
from filters.answers.parse.tokens import tokenize_answer
from filters.answers.prove.proof import compare_constants, compare_values
from filters.answers.units import find_unit


def parse(text: str) -> Node:
    return Parser(tokenize_answer(normalize_answer(text))).parse_answer()


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (r"\sqrt{3+2\sqrt2}", r"1+\sqrt2", True),
        (r"\sin^2 x + \cos^2 x", "1", True),
        (r"\frac{n!}{(n-2)!}", "n(n-1)", True),
        (r"\binom{n}{2}", r"\frac{n(n-1)}{2}", True),
        ("(-1)^{2n}", "1", None),
        (r"\ln(ab)", r"\ln a + \ln b", None),
        (r"\arcsin(\sin x)", "x", False),
        (r"\cos x", r"\cos(x + 10^{-30})", False),
        (r"e^{i\pi}", "-1", True),
        (r"\log 100", "2", None),
        (r"\log 2", r"\ln 2", None),
        (r"\frac{1}{x-x}", "1", None),
        ("x^2", "y^2", False),
    ],
)
def test_values(a: str, b: str, equal: bool | None) -> None:
    assert compare_values(parse(a), parse(b)) is equal


def test_order_of_constants() -> None:
    assert compare_constants(parse(r"\sqrt2"), parse("1.4142")) == 1
    assert compare_constants(parse(r"\pi"), parse(r"\frac{22}{7}")) == -1
    assert compare_constants(parse(r"\sqrt4"), parse("2")) == 0
    assert compare_constants(parse("x"), parse("2")) is None


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        ("(1,2]", "1<x\\le2", True),
        (r"[1,2]\cup[2,3]", "[1,3]", True),
        (r"[1,2)\cup(2,3]", "[1,3]", False),
        (r"x \ne 2", r"(-\infty,2)\cup(2,\infty)", True),
        ("2x+1>7", "x>3", True),
        ("-x<3", "x>-3", True),
        ("x>a", "x>a", True),
        ("x>3", "y>3", False),
        (r"x>1, x<5", "(1,5)", True),
        (r"x^2>4", "x>2", None),
    ],
)
def test_regions(a: str, b: str, equal: bool | None) -> None:
    assert compare_regions(parse(a), parse(b)).equal is equal


def test_units_have_exact_factors() -> None:
    inch, metre, mph = find_unit("inch"), find_unit("m"), find_unit("mph")
    assert inch is not None
    assert metre is not None
    assert mph is not None
    assert inch.factor / metre.factor * 10_000 == 254
    assert dict(mph.dimension or ()) == {"length": 1, "time": -1}
    assert find_unit("Meters") == metre
    assert find_unit("METERS") == metre
    assert find_unit("PA") != find_unit("Pa")
