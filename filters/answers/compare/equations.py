"""Compare equations: as names with their values where they are, else by whether one is a multiple of the other.

A name's value is equal to the bare value. An equation that only holds a value is not: 3x = 3 is not 3.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from filters.answers.compare.views import (
    find_renaming,
    has_structure,
    read_assignment,
    substitute_variables,
)
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, find_variables, make_number, walk_tree
from filters.answers.prove.exact import InexactError, compute_rational
from filters.answers.prove.proof import MAX_NODES, MAX_VARIABLES, compare_values

Compare = Callable[[Node, Node], ComparisonResult]
_POLYNOMIAL = frozenset({"num", "sym", "add", "mul", "neg", "pow", "div"})

MAX_SURE_DEGREE = 2
"""Up to which polynomials with the same zeros are multiples of each other: xy^2 = 0 is x^2 y = 0."""


def compare_relations(a: Node, b: Node, compare: Compare) -> ComparisonResult | None:
    """Compare two answers of which one is an equation or another relation; None where neither is.

    compare: how the values inside are compared.
    """
    if "rel" not in (a.op, b.op):
        return None
    one, two = read_assignment(a), read_assignment(b)
    if one and two:
        if one[0] == two[0] or "call" in (one[0].op, two[0].op):
            return _compare_assignments(one, two, compare)
        return _compare_differently_named(a, b, one, two, compare)
    if a.op == b.op == "rel":
        return compare_equations(a, b) if a.value == b.value == "=" else _compare_chains(a, b, compare)
    named, value, other = (one, b, a) if a.op == "rel" else (two, a, b)
    if named is None:
        return _compare_unsolved(other, value, compare)
    finding = compare(named[1], value)
    # a mean's value may be told alone; the value of z-bar is not that of z
    conjugate = named[0].name.endswith(":mean") and any(node.name == "i" for node in walk_tree(value))
    return ComparisonResult(None, "names") if finding.equal and conjugate else finding


def _compare_chains(a: Node, b: Node, compare: Compare) -> ComparisonResult:
    """Chains of relations and arrows are equal where every link is; a difference proves nothing here."""
    alike = a.value == b.value and len(a.args) == len(b.args)
    same = alike and all(compare(x, y).equal for x, y in zip(a.args, b.args, strict=True))
    return ComparisonResult(True if same else None, "equation")


def _compare_unsolved(equation: Node, value: Node, compare: Compare) -> ComparisonResult:
    """A bare value against an equation that names none: 3x = 3 is not 3, but x + y = 7 may answer with 7."""
    if equation.value != "=":
        return ComparisonResult(None if set(equation.name.split()) - {"="} else False, "equation")
    left = equation.args[0]
    whole = left.op in ("mul", "add", "neg") and len(find_variables(left)) < 2
    if whole or not find_variables(left):
        return ComparisonResult(None if _is_solved_by(equation, value) else False, "equation")
    equal = compare(equation.args[1], value).equal
    return ComparisonResult(False if equal is False else None, "equation")


def _is_solved_by(equation: Node, value: Node) -> bool:
    """Whether an equation in one name may hold for a value: x - 3 = 0 names 3, if not in so many words."""
    names = find_variables(equation)
    if len(names) != 1:
        return False
    put = substitute_variables(_subtract_sides(equation), dict.fromkeys(names, value))
    return compare_values(put, make_number(0)) is not False


def _compare_differently_named(
    a: Node, b: Node, one: tuple[Node, Node], two: tuple[Node, Node], compare: Compare
) -> ComparisonResult:
    """Two names with values: one equation solved for both, or different where the names are plain letters."""
    same = compare_equations(a, b)
    if same.equal:
        return same
    plain = all(len(pair[0].name) == 1 for pair in (one, two)) and same.equal is False
    known = all(len(pair[0].name) == 1 or pair[0].name.isupper() for pair in (one, two))
    if _solve_for_other(one, two) or _solve_for_other(two, one):
        return ComparisonResult(True, "one formula, solved for another name")
    constant = not find_variables(one[1], two[1])
    apart = plain or (known and constant and compare(one[1], two[1]).equal is False)
    return ComparisonResult(False if apart else None, "names")


def _compare_assignments(
    one: tuple[Node, Node], two: tuple[Node, Node], compare: Compare
) -> ComparisonResult:
    """Two values of one name; f(z) = z is f(x) = x, and y = x^2 is f(x) = x^2."""
    (name, value), (other, given) = one, two
    if name.op == other.op and name != other:
        renamed = find_renaming(name.args, other.args)
        if renamed is None:
            return ComparisonResult(None, "equation")
        given = substitute_variables(given, renamed)
    finding = compare(value, given)
    primed = "'" in name.name + other.name or "^" in name.name + other.name
    if finding.equal and name.name != other.name and (primed or "y" not in (name.name, other.name)):
        return ComparisonResult(None, "names")
    return finding


def compare_equations(a: Node, b: Node) -> ComparisonResult:
    """Whether two equations say the same: y = 2x + 1 and 2x - y + 1 = 0 do."""
    one, two = _subtract_sides(a), _subtract_sides(b)
    names = find_variables(one, two)
    size = sum(1 for _ in walk_tree(one)) + sum(1 for _ in walk_tree(two))
    if has_structure(one) or has_structure(two) or size > MAX_NODES:
        return ComparisonResult(None, "equation")
    if find_variables(one) != find_variables(two):
        return ComparisonResult(False if _is_polynomial(one) and _is_polynomial(two) else None, "equation")
    if not 0 < len(names) <= MAX_VARIABLES:
        return ComparisonResult(None, "equation")
    point = {name: make_number(Fraction(3 + 2 * i, 7)) for i, name in enumerate(sorted(names))}
    left, right = (Node("mul", (x, substitute_variables(y, point))) for x, y in ((one, two), (two, one)))
    if compare_values(substitute_variables(one, point), make_number(0)) is not False:
        return ComparisonResult(None, "equation")
    equal = compare_values(left, right)
    sure = (
        _is_polynomial(one)
        and _is_polynomial(two)
        and _find_degree(one) == _find_degree(two) <= MAX_SURE_DEGREE
    )
    if equal is False and not sure:
        # x/y = 1 and x = y, or a squared side: another form may say the same, unless a point tells them apart
        apart = _find_witness(one, two, names) or _find_witness(two, one, names)
        equal = False if apart else None
    return ComparisonResult(equal, "equation")


def _subtract_sides(node: Node) -> Node:
    return Node("add", (node.args[0], Node("neg", (node.args[1],))))


def _find_witness(line: Node, other: Node, names: frozenset[str]) -> bool:
    """Whether a point solves the first equation, which is linear in one of its names, and not the second."""
    for name in sorted(names):
        rest = {
            other_name: make_number(Fraction(2 * i + 1, 3))
            for i, other_name in enumerate(sorted(names - {name}))
        }
        at = [substitute_variables(line, {**rest, name: make_number(value)}) for value in (0, 1, 2)]
        try:
            values = [compute_rational(node) for node in at]
        except InexactError:
            continue
        slope = values[1] - values[0]
        if slope == 0 or values[2] != values[0] + 2 * slope:
            continue
        point = {**rest, name: make_number(-values[0] / slope)}
        if compare_values(substitute_variables(other, point), make_number(0)) is False:
            return True
    return False


def _solve_for_other(one: tuple[Node, Node], two: tuple[Node, Node]) -> bool:
    """Whether the second formula with the first one put in says that its name is itself: F = ma and a = F/m."""
    (name, value), (other, given) = one, two
    if other.name not in find_variables(value) or name.name not in find_variables(given):
        return False
    return compare_values(substitute_variables(given, {name.name: value}), other) is True


def _find_degree(node: Node) -> int:
    """The degree of a polynomial as written."""
    degrees = [_find_degree(arg) for arg in node.args]
    if node.op == "sym":
        return 1
    if node.op == "mul":
        return sum(degrees)
    if node.op == "pow" and isinstance(node.args[1].value, Fraction):
        return degrees[0] * max(0, int(node.args[1].value))
    return max(degrees, default=0)


def _is_polynomial(node: Node) -> bool:
    """Whether a tree is a polynomial: no variable in an exponent, a divisor or a function."""
    for part in walk_tree(node):
        if part.op not in _POLYNOMIAL and find_variables(part):
            return False
        if part.op in ("pow", "div") and find_variables(part.args[1]):
            return False
    return True
