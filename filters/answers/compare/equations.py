"""Compare equations: as assignments where they are, else by whether one is a multiple of the other."""

from __future__ import annotations

from fractions import Fraction

from filters.answers.compare.views import replaced, scalars
from filters.answers.finding import Finding
from filters.answers.parse.nodes import Node, num, variables, walk
from filters.answers.prove.proof import MAX_NODES, MAX_VARIABLES, same_value

_POLYNOMIAL = frozenset({"num", "sym", "add", "mul", "neg", "pow", "div"})


def same_equation(a: Node, b: Node) -> Finding:
    """Whether two equations say the same: y = 2x + 1 and 2x - y + 1 = 0 do."""
    one, two = _difference(a), _difference(b)
    names = variables(one, two)
    size = sum(1 for _ in walk(one)) + sum(1 for _ in walk(two))
    if any(True for _ in scalars(one)) or any(True for _ in scalars(two)) or size > MAX_NODES:
        return Finding(None, "equation")
    if variables(one) != variables(two):
        return Finding(False if _polynomial(one) and _polynomial(two) else None, "equation")
    if not 0 < len(names) <= MAX_VARIABLES:
        return Finding(None, "equation")
    point = {name: num(Fraction(3 + 2 * i, 7)) for i, name in enumerate(sorted(names))}
    left, right = (Node("mul", (x, replaced(y, point))) for x, y in ((one, two), (two, one)))
    if same_value(replaced(one, point), num(0)) is not False:
        return Finding(None, "equation")
    equal = same_value(left, right)
    if equal is False and not (_polynomial(one) and _polynomial(two)):
        equal = None  # x/y = 1 and x = y, or a squared side: another form may say the same
    return Finding(equal, "equation")


def _difference(node: Node) -> Node:
    return Node("add", (node.args[0], Node("neg", (node.args[1],))))


def _polynomial(node: Node) -> bool:
    """Whether a tree is a polynomial: no variable in an exponent, a divisor or a function."""
    for part in walk(node):
        if part.op not in _POLYNOMIAL and variables(part):
            return False
        if part.op in ("pow", "div") and variables(part.args[1]):
            return False
    return True
