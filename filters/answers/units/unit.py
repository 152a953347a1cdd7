"""What a unit is: a measure with a dimension and an exact factor, a counted thing, or words that are neither."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice, product
from typing import Literal

MAX_READINGS = 8
"""Readings of one unit that are kept: each ambiguous word in `pounds per gallon` multiplies them."""
MAX_EXPONENT = 9

Dimension = tuple[tuple[str, int], ...]
"""Exponents of base dimensions, sorted by name: metres a second squared is (("length", 1), ("time", -2)).

A counted thing in a compound unit is a dimension of its own, `#apple`; a currency that shares its word with others
is `family/CODE`, and the bare word `family`.
"""
Kind = Literal["measure", "thing", "group", "multiple", "word", "modifier"]


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands after (or before) a number.

    kind: a `measure` has a dimension. Of the others the `name` is all that is known: a `thing` is counted one by
    one (apples), a `group` holds several (boxes), a `multiple` a known number of them (pairs), a `word` may be either or something else, a `modifier` changes
    the value (fewer, squared).
    factor: its size in base units, exact unless `exact` is false (a parsec, a Btu).
    scale: "percent" or "degree" for signs that stand for a pure number.
    zero: where the scale begins, in kelvins; None where it has no zero of its own.
    thing: what is measured, in `5 cups of flour`.
    others: what else the same word means, most common first: pounds are also sterling.
    even: whether none of its meanings is much the most common, as of a ton or of 分.
    letters: the variables that its symbol may be instead, with exponents: `12m` is 12 metres or 12 times m.
    doubtful: whether a variable is about as likely, so that the number alone proves nothing.
    """

    name: str
    dimension: Dimension | None
    factor: Fraction = Fraction(1)
    scale: str = ""
    kind: Kind = "measure"
    zero: Fraction | None = None
    exact: bool = True
    thing: str = ""
    others: tuple[Unit, ...] = ()
    even: bool = field(default=False, compare=False)
    letters: tuple[tuple[str, int], ...] = field(default=(), compare=False)
    doubtful: bool = field(default=False, compare=False)

    def list_readings(self) -> tuple[Unit, ...]:
        """Everything that the word may mean, the most common first."""
        return (replace(self, others=()), *self.others) if self.others else (self,)


DEGREE = Unit("", (("angle", 1),), Fraction(1), "degree")
ORDINAL = Unit("th", None, kind="modifier")
"""The mark of an ordinal number: 12th."""


def add_thing(unit: Unit, thing: str) -> Unit:
    """A unit of something, in each of its meanings."""
    return replace(unit, thing=thing, others=tuple(replace(other, thing=thing) for other in unit.others))


def join_readings(readings: Sequence[Unit]) -> Unit | None:
    """One unit for all the meanings of a word, without repetitions."""
    first, *others = dict.fromkeys(part for unit in readings for part in unit.list_readings()) or (None,)
    return None if first is None else replace(first, others=tuple(others[: MAX_READINGS - 1]))


def multiply_units(factors: Sequence[tuple[Unit, int]], name: str) -> Unit | None:
    """The product of units to powers; words that are no measure become dimensions of their own."""
    if len(factors) == 1 and factors[0][1] == 1:
        return factors[0][0]
    if any(abs(exponent) > MAX_EXPONENT for _, exponent in factors):
        return None
    choices = islice(product(*(_list_measures(unit) for unit, _ in factors)), MAX_READINGS)
    powers = [exponent for _, exponent in factors]
    found = [_multiply_readings(list(zip(choice, powers, strict=True)), name) for choice in choices]
    joined = join_readings(found)
    sized = joined is not None and len({reading.dimension for reading in joined.list_readings()}) == 1
    even = sized and any(unit.even for unit, _ in factors)
    return replace(joined, even=True) if even and joined is not None else joined


def _list_measures(unit: Unit) -> tuple[Unit, ...]:
    """The meanings of a word beside other units: no counted thing in `metres a 分`, no angle in `metres a second`."""
    first, *others = unit.list_readings()
    kept = (first, *(other for other in others if other.dimension != DEGREE.dimension))
    return tuple(reading for reading in kept if reading.kind == "measure") or kept


def _multiply_readings(factors: list[tuple[Unit, int]], name: str) -> Unit:
    exponents: dict[str, int] = {}
    size = Fraction(1)
    for unit, exponent in factors:
        if unit.kind in ("modifier", "word"):
            return Unit(name, None, kind="modifier")
        for base, power in unit.dimension or ((f"#{unit.name}", 1),):
            exponents[base] = exponents.get(base, 0) + power * exponent
        size *= unit.factor**exponent
    dimension = tuple(sorted((base, power) for base, power in exponents.items() if power))
    scale = "percent" if any(unit.scale == "percent" for unit, _ in factors) else ""
    return Unit("", dimension, size, scale, exact=all(unit.exact for unit, _ in factors))
