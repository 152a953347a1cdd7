"""Compare equations: as assignments where they are, else by whether one is a multiple of the other."""

from __future__ import annotations

from fractions import Fraction

from filters.answers.compare.views import has_structure, substitute_variables
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, find_variables, make_number, walk_tree
from filters.answers.prove.proof import MAX_NODES, MAX_VARIABLES, compare_values

_POLYNOMIAL = frozenset({"num", "sym", "add", "mul", "neg", "pow", "div"})


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
    if equal is False and not (_is_polynomial(one) and _is_polynomial(two)):
        equal = None  # x/y = 1 and x = y, or a squared side: another form may say the same
    return ComparisonResult(equal, "equation")


def _subtract_sides(node: Node) -> Node:
    return Node("add", (node.args[0], Node("neg", (node.args[1],))))


def _is_polynomial(node: Node) -> bool:
    """Whether a tree is a polynomial: no variable in an exponent, a divisor or a function."""
    for part in walk_tree(node):
        if part.op not in _POLYNOMIAL and find_variables(part):
            return False
        if part.op in ("pow", "div") and find_variables(part.args[1]):
            return False
    return True
