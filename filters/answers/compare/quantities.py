"""Compare values with units: 150 minutes are 2.5 hours, 5 cm are not 5 m, and a missing unit is forgiven."""

from __future__ import annotations

from fractions import Fraction

from filters.answers.compare.views import has_structure, split_quantity
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, make_number
from filters.answers.prove.exact import InexactError, compute_rational
from filters.answers.prove.proof import compare_values
from filters.answers.units import Unit

_HALF_TURN = Node("div", (Node("const", value="pi"), make_number(180)))
_MONTHS = (("month", 1),)
_MONTH_DAYS = (28, 31)
_AFFINE = frozenset({"celsius", "fahrenheit", "temperature"})


def compare_quantities(a: Node, b: Node) -> ComparisonResult | None:
    """The finding for two has_structure, with or without units; None for other shapes."""
    if has_structure(a) or has_structure(b):
        return None
    (x, unit), (y, other) = split_quantity(a), split_quantity(b)
    if unit is None and other is None:
        return ComparisonResult(compare_values(x, y), "value")
    if unit is None:
        return _compare_one_sided(y, x, other)
    if other is None:
        return _compare_one_sided(x, y, unit)
    if unit.dimension is None or other.dimension is None:
        return _compare_things(x, y, unit, other)
    return _compare_measures(x, y, unit, other)


def _compare_one_sided(x: Node, y: Node, unit: Unit | None) -> ComparisonResult:
    """A unit on x only: the values must agree; percent and degrees also as the number they stand for."""
    assert unit is not None
    equal = compare_values(x, y)
    if equal is not True and unit.scale:
        pure = Node("mul", (x, make_number(unit.factor) if unit.scale == "percent" else _HALF_TURN))
        scaled = compare_values(pure, y)
        equal = True if scaled else equal if scaled is False else None
    return ComparisonResult(equal, unit.scale or "unit")


def _compare_things(x: Node, y: Node, unit: Unit, other: Unit) -> ComparisonResult:
    """Counted things: the values must agree, and so must their words, or one's words be the other's and more."""
    equal = compare_values(x, y)
    words, others = set(unit.name.split()), set(other.name.split())
    known = unit.dimension is None and other.dimension is None
    if equal is True and not (known and (words <= others or others <= words)):
        equal = None
    return ComparisonResult(equal, "unit")


def _compare_measures(x: Node, y: Node, unit: Unit, other: Unit) -> ComparisonResult:
    if unit.dimension != other.dimension:
        bases = {base for base, _ in (unit.dimension or ()) + (other.dimension or ())}
        turned = {unit.scale, other.scale} == {"degree", ""} and bases == {"angle", "radian"}
        if turned:
            return ComparisonResult(compare_values(_convert_angle(x, unit), _convert_angle(y, other)), "unit")
        return ComparisonResult(_compare_inexact(x, y, unit, other, bases), "unit")
    return ComparisonResult(
        compare_values(_scale_value(x, unit.factor), _scale_value(y, other.factor)), "unit"
    )


def _compare_inexact(x: Node, y: Node, unit: Unit, other: Unit, bases: set[str]) -> bool | None:
    """Temperatures on different scales are undecided, and so are months against days of about their length."""
    if bases != {"time", "month"}:
        return None if bases <= _AFFINE else False
    if unit.dimension != _MONTHS:
        x, y, unit, other = y, x, other, unit
    try:
        months, seconds = compute_rational(x) * unit.factor, compute_rational(y) * other.factor
    except InexactError:
        return None
    least, most = sorted(months * days * 86_400 for days in _MONTH_DAYS)
    return None if least <= seconds <= most else False


def _convert_angle(x: Node, unit: Unit) -> Node:
    return Node("mul", (x, _HALF_TURN)) if unit.scale == "degree" else x


def _scale_value(x: Node, factor: Fraction) -> Node:
    return x if factor == 1 else Node("mul", (x, make_number(factor)))


def convert_to_common_unit(a: Node, b: Node) -> tuple[Node, Node] | None:
    """Two values in a's unit, so that they can be measured against each other; None where units differ."""
    (x, unit), (y, other) = split_quantity(a), split_quantity(b)
    if unit is None or other is None:
        return x, y
    if unit.dimension != other.dimension or (unit.dimension is None and unit.name != other.name):
        return None
    return x, _scale_value(y, other.factor / unit.factor)
