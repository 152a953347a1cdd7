"""Numeric answers with a stated tolerance: physics and statistics, where a rounded value is right."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import ClassVar

from pydantic import Field

from filters.answers.compare.context import read_context
from filters.answers.compare.equality import compare_answers
from filters.answers.compare.quantities import convert_to_common_unit
from filters.answers.compare.reading import read_answer
from filters.answers.compare.views import read_assignment, settle_derivation, split_quantity
from filters.answers.extract.final_answer import FinalAnswer
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node, make_number
from filters.answers.prove.exact import InexactError, compute_rational
from filters.answers.prove.proof import compare_constants
from filters.answers.units import Unit
from filters.answers.verdicts import ANSWER_RULES, judge_answer
from filters.check import Role, SampleCheck
from filters.types import Sample, Verdict


class Number(SampleCheck):
    """The response's final answer is the reference's number, in the same units, within a tolerance."""

    name: ClassVar[str] = "number"
    role: ClassVar[Role] = "verifier"
    rules: ClassVar[Mapping[str, str]] = ANSWER_RULES
    version: ClassVar[int] = 3

    relative: float = Field(default=0.0, ge=0, lt=1)
    """Largest difference, as a share of the reference's size; 0.01 accepts one percent."""
    absolute: float = Field(default=0.0, ge=0)
    """Largest difference, in the reference's unit."""

    def judge(self, sample: Sample) -> Verdict:
        """True within either tolerance, which are exact bounds and proved, not rounded."""
        asked = read_context(sample.prompt.text).unit
        return judge_answer(sample, lambda reference, found: self._compared(reference, found, asked))

    def _compared(self, reference: str, found: FinalAnswer, asked: Unit | None) -> ComparisonResult:
        finding = compare_answers(reference, found.text)
        if finding.equal or not (self.relative or self.absolute):
            return finding
        expected, got = _value(reference), _value(found.text)
        if expected is None or got is None:
            return ComparisonResult(None, "number")
        expected, got = _add_unit(expected, got, asked), _add_unit(got, expected, asked)
        pair = convert_to_common_unit(expected, got)
        if pair is None:
            return ComparisonResult(False, "unit")
        alone = _find_lone_unit(expected, got)
        if alone is not None and not _is_known(alone):
            return ComparisonResult(None, "unit")
        within = self._within(*pair)
        if not within and alone is not None and alone.dimension:
            return ComparisonResult(None, "unit")  # the bare side may be meant in another unit
        return ComparisonResult(within, "tolerance")

    def _within(self, expected: Node, got: Node) -> bool | None:
        """Whether the distance is at most the larger tolerance."""
        try:
            size = abs(compute_rational(expected))
        except InexactError:
            return self._near(expected, got)
        allowed = max(_exact(self.absolute), _exact(self.relative) * size)
        return _between(got, expected, make_number(allowed))

    def _near(self, expected: Node, got: Node) -> bool | None:
        """The same for a reference that is not a rational number."""
        share = Node("call", (Node("mul", (expected, make_number(_exact(self.relative)))),), "abs")
        found = [_between(got, expected, make_number(_exact(self.absolute))), _between(got, expected, share)]
        return True if True in found else None if None in found else False


def _exact(option: float) -> Fraction:
    """The decimal number that was written: 0.01 is one hundredth."""
    return Fraction(str(option))


def _between(got: Node, middle: Node, allowed: Node) -> bool | None:
    """Whether |got - middle| <= allowed."""
    distance = Node("call", (Node("add", (got, Node("neg", (middle,)))),), "abs")
    order = compare_constants(distance, allowed)
    return None if order is None else order <= 0


def _find_lone_unit(expected: Node, got: Node) -> Unit | None:
    """The unit that only one of two values has."""
    unit, other = split_quantity(expected)[1], split_quantity(got)[1]
    return (unit or other) if unit is None or other is None else None


def _add_unit(value: Node, other: Node, asked: Unit | None) -> Node:
    """A bare value in the unit that the prompt asks for, where the other value is a measure of its kind."""
    unit = _find_lone_unit(value, other)
    if (
        asked is None
        or unit is None
        or split_quantity(value)[1] is not None
        or unit.dimension != asked.dimension
    ):
        return value
    return Node("quantity", (value,), unit=asked)


def _is_known(unit: Unit) -> bool:
    """Whether a unit may be left out: a measure or things counted one by one, and no word that may change the value."""
    return not unit.doubtful and all(reading.kind in ("measure", "thing") for reading in unit.list_readings())


def _value(text: str) -> Node | None:
    """The tree of one value, with its unit."""
    node = read_answer(text).node
    if node is None:
        return None
    node = settle_derivation(node)
    named = read_assignment(node)
    return named[1] if named else node
