"""One quantity written in several units: 2 hours 30 minutes, 5 dollars and 25 cents."""

from __future__ import annotations

from itertools import pairwise

from filters.answers.parse.nodes import Node, make_number
from filters.answers.parse.tokens import NotMathError


def add_quantities(first: Node, rest: Node) -> Node:
    """The sum of two quantities of one dimension, in the unit of the first. Raises NotMathError."""
    if rest.op != "quantity" or not _continues(first, rest):
        raise NotMathError("two quantities side by side")
    assert first.unit is not None
    assert rest.unit is not None
    scaled = Node("mul", (rest.args[0], make_number(rest.unit.factor / first.unit.factor)))
    return Node("quantity", (Node("add", (first.args[0], scaled)),), unit=first.unit)


def sum_quantities(node: Node) -> Node:
    """A list of quantities in ever smaller units of one dimension as their sum; any other list as it is."""
    items = node.args
    if not all(item.op == "quantity" for item in items) or node.value == "or":
        return node
    if not all(_continues(one, two) for one, two in pairwise(items)):
        return node
    total = items[-1]
    for item in reversed(items[:-1]):
        total = add_quantities(item, total)
    return total


def _continues(first: Node, rest: Node) -> bool:
    """Whether the rest is of the same dimension and in a smaller unit."""
    one, two = first.unit, rest.unit
    if one is None or two is None or not one.dimension:
        return False
    return one.dimension == two.dimension and one.factor > two.factor
