"""Quantities in the grammar: one in several units (2 hours 30 minutes), and the signs of currencies before numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from filters.answers.parse.cursor import Cursor
from filters.answers.parse.nodes import Node, make_number
from filters.answers.parse.tokens import NotMathError
from filters.answers.units import CURRENCY_SIGNS, Unit, find_unit

_SHORT = frozenset({"Rs", "Re", "RM", "Rp", "kr", "TL", "Kč", "Ft", "zł", "SFr", "Fr", "KSh"})
"""Signs of currencies in letters, beside the codes, that stand before a number."""


def read_money(cursor: Cursor, ahead: int = 0) -> tuple[Unit, int] | None:
    """The currency that stands here before a number, and its tokens: `$`, `US$`, `Rs.`, `EUR`."""
    one, two, three = (cursor.peek(ahead + i) for i in range(3))
    if one.value + two.value not in ("", one.value) and two.value in CURRENCY_SIGNS and not two.spaced:
        unit = find_unit(one.value + two.value)
        if unit is not None and unit.dimension:
            return unit, 2
    if one.value in CURRENCY_SIGNS:
        unit = find_unit(one.value)
        return None if unit is None else (unit, 1)
    if one.kind == "word" and (one.value in _SHORT or (len(one.value) == 3 and one.value.isupper())):
        dotted = two.value == "." and three.kind == "num"
        unit = find_unit(one.value) if dotted or two.kind == "num" else None
        return (unit, 1 + dotted) if unit is not None and unit.dimension else None
    return None


def join_money(money: Unit, unit: Unit) -> Unit | None:
    """The unit of `$5 dollars`, `$5 CAD`, `$5 per hour` or `$5 left`; None where there are two."""
    if unit.kind == "modifier":
        return unit
    if unit.dimension is None:
        return replace(money, thing=unit.name)
    if (money.dimension, money.factor) == (unit.dimension, unit.factor):
        return unit
    family = {base.partition("/")[0] for base, _ in money.dimension or ()}
    same = [
        part
        for part in unit.list_readings()
        if {b.partition("/")[0] for b, _ in part.dimension or ()} == family
    ]
    if same and same[0].factor == money.factor:
        return same[0]
    return (
        unit
        if any(base in dict(unit.dimension) for base, _ in money.dimension or ()) and len(unit.dimension) > 1
        else None
    )


def add_quantities(first: Node, rest: Node) -> Node:
    """The sum of two quantities of one dimension, in the unit of the first. Raises NotMathError."""
    factor = _find_ratio(first, rest)
    if factor is None:
        raise NotMathError("two quantities side by side")
    assert first.unit is not None
    scaled = Node("mul", (rest.args[0], make_number(factor)))
    return Node("quantity", (Node("add", (first.args[0], scaled)),), unit=_plain(first.unit))


def sum_quantities(node: Node) -> Node:
    """A list of quantities in ever smaller units of one dimension as their sum; any other list as it is."""
    items = node.args
    if not all(item.op == "quantity" for item in items) or node.value == "or":
        return node
    if not all(_find_ratio(one, two) is not None for one, two in pairwise(items)):
        return node
    total = items[-1]
    for item in reversed(items[:-1]):
        total = add_quantities(item, total)
    return total


def _plain(unit: Unit) -> Unit:
    """A unit beside a smaller one: it is no variable, and has its first meaning."""
    return replace(unit, others=(), letters=())


def _find_ratio(first: Node, rest: Node) -> Fraction | None:
    """How much of the first unit the rest's is, where it is of the same dimension and smaller."""
    one, two = first.unit, rest.unit
    if first.op != "quantity" or one is None or two is None or not one.dimension or one.zero is not None:
        return None
    for reading in two.list_readings():
        if reading.dimension == one.dimension and reading.factor < one.factor:
            return reading.factor / one.factor
    return None
