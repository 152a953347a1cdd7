"""Compare values in units of one dimension by their exact sizes: kilometres, temperatures, months and days."""

from __future__ import annotations

from fractions import Fraction
from functools import cache

from filters.answers.parse.nodes import Node, make_number
from filters.answers.prove.exact import InexactError, compute_rational
from filters.answers.prove.proof import compare_values
from filters.answers.units import Dimension, Unit, find_unit

_SIZES = ("mm cm m km in ft yd mi", "s min h day week", "month year", "mg g kg lb oz", "mL L gal")
_MONTH_SECONDS = (28 * 86_400, 31 * 86_400)
_CLOSE = Fraction(1, 100)
"""Two values nearer than this share, of units whose size is measured or conventional, may be the same."""
_ZERO_ROUNDED = Fraction(1, 5)
"""Kelvins by which zeros differ in ordinary rounding: 273 for 273.15."""


def compare_sizes(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    """Values in units of one dimension, in base units; sizes that are measured prove only what is far apart."""
    if unit.zero is not None or other.zero is not None:
        return _compare_temperatures(x, y, unit, other)
    equal = compare_values(scale_value(x, unit.factor), scale_value(y, other.factor))
    measured = not (unit.exact and other.exact) and (unit.exact or other.exact or not equal)
    if unit.factor != other.factor and measured:
        return False if equal is False and _are_far(x, y, unit, other) else None
    return equal


def _are_far(x: Node, y: Node, unit: Unit, other: Unit) -> bool:
    try:
        one, two = compute_rational(x) * unit.factor, compute_rational(y) * other.factor
    except InexactError:
        return False
    return abs(one - two) > _CLOSE * max(abs(one), abs(two))


def _compare_temperatures(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    """Temperatures in kelvins; as differences (5 K warmer is 5 degrees warmer), or rounded (273 K), undecided."""
    if unit.factor == other.factor and unit.zero == other.zero:
        return compare_values(x, y)
    if compare_values(_to_kelvins(x, unit), _to_kelvins(y, other)):
        return True
    try:
        warm, cold = compute_rational(_to_kelvins(x, unit)), compute_rational(_to_kelvins(y, other))
        steps = compute_rational(x) * unit.factor, compute_rational(y) * other.factor
    except InexactError:
        return None
    return None if steps[0] == steps[1] or abs(warm - cold) <= _ZERO_ROUNDED else False


def _to_kelvins(x: Node, unit: Unit) -> Node:
    return Node("add", (scale_value(x, unit.factor), make_number(unit.zero or 0)))


def compare_months(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    """Months and years against days: different unless the number of days lies between the shortest and longest."""
    month, second = dict(unit.dimension or ()).get("month", 0), dict(other.dimension or ()).get("time", 0)
    if (month, second) != (1, 1):
        x, y, unit, other = y, x, other, unit
        month, second = dict(unit.dimension or ()).get("month", 0), dict(other.dimension or ()).get("time", 0)
    if (month, second) != (1, 1):
        return None
    try:
        months, seconds = compute_rational(x) * unit.factor, compute_rational(y) * other.factor
    except InexactError:
        return None
    least, most = sorted(months * size for size in _MONTH_SECONDS)
    return None if least <= seconds <= most else False


def scale_value(x: Node, factor: Fraction) -> Node:
    """A value times the size of its unit."""
    return x if factor == 1 else Node("mul", (x, make_number(factor)))


def convert_value(y: Node, unit: Unit, target: Unit) -> Node:
    """A value in another unit of its dimension."""
    if unit.zero is None and target.zero is None:
        return scale_value(y, unit.factor / target.factor)
    kelvins = Node("add", (_to_kelvins(y, unit), make_number(-(target.zero or Fraction(0)))))
    return scale_value(kelvins, 1 / target.factor)


@cache
def _list_factors() -> dict[Dimension, tuple[Fraction, ...]]:
    """The factors of the units of a dimension in which a number without a unit may be meant."""
    rows = [[unit for word in words.split() if (unit := find_unit(word)) is not None] for words in _SIZES]
    return {units[0].dimension or (): tuple(unit.factor for unit in units) for units in rows}


def may_be_of_other_size(x: Node, unit: Unit, y: Node) -> bool:
    """Whether a number without a unit is x in a unit of another size: 2 beside 200 cm may be metres."""
    factors = _list_factors().get(unit.dimension, ()) if unit.dimension else ()
    ratios = {unit.factor / factor for factor in factors} - {1}
    return any(compare_values(scale_value(x, ratio), y) for ratio in ratios)
