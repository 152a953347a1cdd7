"""Compare values with units: 150 minutes are 2.5 hours, 5 cm are not 5 m, and a missing unit is forgiven.

Three kinds of units meet here. Measures are proved equal or different by their dimensions and exact factors.
Counted things are known by their words alone. Words that may change the value (fewer, squared) prove nothing
unless both sides have the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import product

from filters.answers.compare.sizes import (
    compare_months,
    compare_sizes,
    convert_value,
    may_be_of_other_size,
    scale_value,
)
from filters.answers.compare.views import has_structure, split_quantity
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, find_variables, make_number, make_variable
from filters.answers.parse.unit_pieces import is_cjk
from filters.answers.prove.proof import compare_values
from filters.answers.units import Unit, is_currency
from filters.answers.units.counted import load_leading_nouns

_HALF_TURN = Node("div", (Node("const", value="pi"), make_number(180)))
_SHORTHAND = {"k": Fraction(1000), "K": Fraction(1000), "M": Fraction(10**6), "B": Fraction(10**9)}
_EACH = re.compile(r"\b(?:each|apiece|every)\b")
"""Says that the value is one of several."""
NO_VALUE = Node("empty")
"""Stands for a value in a unit that cannot be converted nor proved to be another: no comparison decides it."""


def compare_quantities(a: Node, b: Node) -> ComparisonResult | None:
    """The finding for two values, with or without units; None for other shapes."""
    if has_structure(a) or has_structure(b):
        return None
    (x, unit), (y, other) = split_quantity(a), split_quantity(b)
    if unit is None and other is None:
        equal = compare_values(x, y)
        scaled = equal is False and (_may_be_scaled(x, y) or _may_be_scaled(y, x))
        return ComparisonResult(None if scaled else equal, "value")
    if unit is None or other is None:
        x, y, unit = (x, y, unit) if unit is not None else (y, x, other)
        assert unit is not None
        return _compare_with_letters(x, y, unit) or _compare_one_sided(x, y, unit)
    return ComparisonResult(_compare_readings(x, y, unit, other), "unit")


def _may_be_scaled(x: Node, y: Node) -> bool:
    """Whether `5k` may be five thousand, where the other value is."""
    if x.op != "mul" or find_variables(x.args[0]) or x.args[1].op != "sym":
        return False
    scale = _SHORTHAND.get(x.args[1].name)
    return scale is not None and compare_values(scale_value(x.args[0], scale), y) is True


def _compare_with_letters(x: Node, y: Node, unit: Unit) -> ComparisonResult | None:
    """`12m` against an expression in m is 12 times m: proved as an identity; None where m does not occur."""
    if not unit.letters or not find_variables(y):
        return None
    return ComparisonResult(compare_values(_read_letters(x, unit), y), "value")


def _read_letters(x: Node, unit: Unit) -> Node:
    """A value times the variables that its unit's symbol may be."""
    for name, exponent in unit.letters:
        power = Node("pow", (make_variable(name), make_number(exponent)))
        x = Node("mul", (x, make_variable(name) if exponent == 1 else power))
    return x


def _compare_one_sided(x: Node, y: Node, unit: Unit) -> ComparisonResult:
    """A unit on x only: the values must agree, for by policy a missing unit is forgiven.

    A percent sign is no unit: x is equal to what it stands for, and the same number is undecided, since one side
    may have left the sign out. A letter against its number may be a variable, and proves nothing; nor does a word
    that may change the value, while one that is not known to be a noun proves no difference.
    """
    equal = compare_values(x, y)
    scale = _SHORTHAND.get(unit.letters[0][0]) if unit.doubtful and unit.letters else None
    if scale is not None and compare_values(scale_value(x, scale), y):
        return ComparisonResult(None, "unit")
    if unit.scale == "percent":
        scaled = compare_values(scale_value(x, unit.factor), y)
        found = True if scaled else False if (equal, scaled) == (False, False) else None
        return ComparisonResult(found, "percent")
    if equal is not True and unit.scale == "degree":
        scaled = compare_values(Node("mul", (x, _HALF_TURN)), y)
        return ComparisonResult(True if scaled else equal if scaled is False else None, "degree")
    if equal is False and may_be_of_other_size(x, unit, y):
        return ComparisonResult(None, "unit", "a number without its unit")
    kinds = {reading.kind for reading in unit.list_readings()}
    unlisted = "word" in kinds and unit.name.isascii() and not unit.name[:1].isupper()
    doubtful = (
        unit.doubtful or unlisted or any(map(_is_share, unit.list_readings())) or _EACH.search(unit.thing)
    )
    if (
        kinds & {"modifier", "multiple"}
        or (equal is False and kinds & {"word", "group"})
        or (equal and doubtful)
    ):
        equal = None
    return ComparisonResult(equal, unit.scale or "unit")


def _is_share(unit: Unit) -> bool:
    """Whether a unit is a share of something rather than a unit that may be left out."""
    return unit.scale == "percent" or unit.dimension == (("percentage-point", 1),)


def _compare_readings(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    """Different in every reading of both units; equal in their most common ones, where these may be presumed.

    The same word means the same on both sides. Of a word without a presumed meaning, a value that comes out the
    same in a unit of another size shows which was meant, unless the meanings differ in their size alone. A currency
    settles which of its family the other side means.
    """
    ones, twos = unit.list_readings(), other.list_readings()
    if ones == twos:
        same = {_compare_two(x, y, one, one) for one in ones}
        return same.pop() if len(same) == 1 else None
    found = _settle(
        [_compare_two(x, y, one, two) for one in ones for two in twos],
        presumed=not unit.even and not other.even,
    )
    if found is None and is_currency(ones[0]) and is_currency(twos[0]):
        pairs = [(one, two) for one in ones for two in twos]
        return True if any(_compare_two(x, y, *pair) for pair in pairs) else None
    if found is None and (unit.even or other.even):
        found = _find_converted(x, y, unit, other)
    if found is not True and unit.letters and other.letters:
        letters = compare_values(_read_letters(x, unit), _read_letters(y, other))
        found = None if letters is not False else found
    return found


def _settle(findings: Sequence[bool | None], *, presumed: bool) -> bool | None:
    if findings[0] and presumed:
        return True
    return False if set(findings) == {False} else None


def _find_converted(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    """Equal by a conversion between sizes: 90分 and 1.5小时; 1 ton is about 2000 and 2240 pounds, and proves nothing."""
    if any(_differ_in_size(part) for part in (unit, other) if part.even):
        return None
    for one, two in product(unit.list_readings(), other.list_readings()):
        if one.dimension and one.factor != two.factor and _compare_two(x, y, one, two):
            return True
    return None


def _differ_in_size(unit: Unit) -> bool:
    dimensions = [reading.dimension for reading in unit.list_readings()]
    return len(set(dimensions)) < len(dimensions)


def _compare_two(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    if unit.dimension is None or other.dimension is None:
        return _compare_things(x, y, unit, other)
    equal = _compare_measures(x, y, unit, other)
    things = [part.thing for part in (unit, other) if part.thing]
    if equal and (
        (len(things) == 2 and not _are_related(*things)) or (len(things) == 1 and _EACH.search(things[0]))
    ):
        return None
    return equal


def _compare_things(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    """Counted things: equal where the values agree and one's words are the other's and more.

    Other numbers of the same things are different, and so are other numbers of things that are both counted one
    by one. A measure and a thing, and words not known to be nouns, prove nothing.
    """
    kinds = {unit.kind, other.kind}
    if len(kinds) > 1 and kinds & {"measure", "modifier", "multiple"}:
        return None
    equal = compare_values(x, y)
    if unit.kind == "modifier":
        return equal if unit.name == other.name and _are_related(unit.thing, other.thing) else None
    if kinds == {"group", "thing"}:
        return None
    if _are_related(unit.name, other.name):
        return equal
    return False if equal is False and unit.kind == other.kind == "thing" else None


def _are_related(one: str, two: str) -> bool:
    """Whether the words of one are all among the other's, and both name the same at their head: no apple is an apple tree."""
    words, others = set(one.split()), set(two.split())
    if not words or not others:
        return True
    return (words <= others or others <= words) and _find_head(one) == _find_head(two)


def _find_head(name: str) -> str:
    """The noun that a name's other words describe: its last, or its first in languages that begin with the noun."""
    words = name.split()
    if not words or is_cjk(words[0][0]):
        return ""
    first, last = words[0], words[-1]
    return first if {first, f"{first}s"} & load_leading_nouns() else last


def _compare_measures(x: Node, y: Node, unit: Unit, other: Unit) -> bool | None:
    """Two measures: of one dimension, their exact sizes decide; of two, the units are different.

    Undecided: degrees against radians or turns where pi does not settle it, a family's bare currency against one
    of its members, compounds with counted things, months against days of about their length.
    """
    if unit.dimension == other.dimension:
        return compare_sizes(x, y, unit, other)
    one, two = dict(unit.dimension or ()), dict(other.dimension or ())
    turned = one.get("angle", 0) - two.get("angle", 0)
    if turned and _drop(one, "angle", "radian") == _drop(two, "angle", "radian"):
        if turned != two.get("radian", 0) - one.get("radian", 0):
            return None
        return compare_values(
            _turn(scale_value(x, unit.factor), one), _turn(scale_value(y, other.factor), two)
        )
    if any(base[0] == "#" or base == "percentage-point" for base in (*one, *two)) or _drop(
        one, "radian"
    ) == _drop(two, "radian"):
        return None
    if _are_family(one, two):
        return False if compare_sizes(x, y, unit, other) is False else None
    months = one.get("month", 0) - two.get("month", 0)
    if months and _drop(one, "month", "time") == _drop(two, "month", "time"):
        return (
            compare_months(x, y, unit, other) if months == two.get("time", 0) - one.get("time", 0) else False
        )
    return False


def _drop(dimension: dict[str, int], *bases: str) -> dict[str, int]:
    return {base: power for base, power in dimension.items() if base not in bases}


def _turn(x: Node, dimension: dict[str, int]) -> Node:
    """A value with its degrees in radians."""
    power = dimension.get("angle", 0)
    return x if not power else Node("mul", (x, Node("pow", (_HALF_TURN, make_number(power)))))


def _are_family(one: dict[str, int], two: dict[str, int]) -> bool:
    """Whether two differ only in that one names a currency by its family's bare word: $ and CAD."""
    changed = one.keys() ^ two.keys()
    families = {base.partition("/")[0] for base in changed}
    return len(changed) == 2 and len(families) == 1 and families <= changed


def convert_to_common_unit(a: Node, b: Node) -> tuple[Node, Node] | None:
    """Two values in a's unit, so that they can be measured against each other.

    None where the units are proved different; b is `NO_VALUE` where that is not known.
    """
    (x, unit), (y, other) = split_quantity(a), split_quantity(b)
    if unit is None or other is None:
        known = unit or other
        pure = known is not None and known.scale == "percent"
        unknown = known is not None and any(part.kind == "modifier" for part in known.list_readings())
        return (x, NO_VALUE) if pure or unknown else (x, y)
    pairs = list(product(unit.list_readings(), other.list_readings()))
    for one, two in pairs:
        if one.dimension is None and (one.kind, one.name) == (two.kind, two.name):
            return x, y
        if one.dimension is not None and one.dimension == two.dimension:
            return x, convert_value(y, two, one)
    apart = all(_compare_two(x, x, one, two) is False for one, two in pairs)
    return None if apart else (x, NO_VALUE)
