"""What a prompt settles of the units in an answer: which meaning of a word, and whether a letter is a variable."""

from __future__ import annotations

import re
from dataclasses import replace

from filters.answers.compare.context import PromptContext
from filters.answers.compare.views import split_quantity
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node
from filters.answers.units import Unit, is_currency

_WARMTH = re.compile(
    r"°\s?[CF]\b|\\circ\s?\}?\s?(?:\\(?:text|mathrm)\{)?\s?[CF]\b|[℃℉]|celsius|fahrenheit|temperature|温度|气温|気温|온도|température|"
    r"temperatura|temperatur|температур|तापमान",
    re.IGNORECASE,
)
_FAHRENHEIT = re.compile(r"°\s?F\b|\\circ\s?\}?\s?(?:\\(?:text|mathrm)\{)?\s?F\b|℉|fahrenheit", re.IGNORECASE)
_MONEY = re.compile(
    r"[£$€¥]|\bpence\b|\bGBP\b|\b(?:cost|costs|price|pay|pays|paid|spend|spent|earn|earns|money|profit)\b"
)
_SHARES = frozenset({"each", "every"})
_TERMS = "intermsof"


def settle_units(node: Node, context: PromptContext) -> Node:
    """The tree with its units as the prompt means them."""
    if not context.known:
        return node
    args = tuple(settle_units(arg, context) for arg in node.args)
    unit = None if node.unit is None else _settle_unit(node.unit, context)
    return node if args == node.args and unit is node.unit else replace(node, args=args, unit=unit)


def settle_asked_unit(context: PromptContext) -> PromptContext:
    """The context with the one meaning of the unit that it asks for: degrees, where it speaks of a temperature."""
    if context.unit is None or not context.unit.others:
        return context
    return replace(context, unit=_choose_reading(context.unit, context))


def _settle_unit(unit: Unit, context: PromptContext) -> Unit:
    if unit.kind in ("modifier", "multiple") and unit.name and set(unit.name.split()) <= context.counted:
        return replace(unit, kind="thing")
    if unit.thing in _SHARES and context.counted & _SHARES:
        unit = replace(unit, thing="")
    if unit.others:
        unit = _choose_reading(unit, context)
    if unit.letters and _TERMS in context.text and are_variables(unit, context):
        return replace(unit, doubtful=True)
    return unit


def _choose_reading(unit: Unit, context: PromptContext) -> Unit:
    """The one meaning that the prompt speaks of, or all of them."""
    readings = unit.list_readings()
    asked = () if context.unit is None else context.unit.list_readings()
    keys = {_identify(part) for part in asked}
    found = [reading for reading in readings if _identify(reading) in keys]
    if len(found) != 1 and _WARMTH.search(context.said):
        warm = [reading for reading in readings if reading.zero is not None]
        hot = _FAHRENHEIT.search(context.said) is not None
        found = warm[hot : hot + 1]
    if not found and _MONEY.search(context.said):
        found = [reading for reading in readings if is_currency(reading)]
    if len(found) != 1:
        return unit
    return replace(found[0], thing=unit.thing, letters=unit.letters, doubtful=unit.doubtful)


def _identify(unit: Unit) -> tuple[object, ...]:
    return unit.dimension, unit.factor, unit.zero


def are_variables(unit: Unit, context: PromptContext) -> bool:
    """Whether every letter of a unit's symbol is a variable of the prompt."""
    return bool(unit.letters) and {name for name, _ in unit.letters} <= context.variables


def weigh_letters(a: Node, b: Node, finding: ComparisonResult, context: PromptContext) -> ComparisonResult:
    """A conversion from a symbol whose letters the prompt uses as variables proves nothing: 5mg is no 0.005 g there."""
    one, two = split_quantity(a)[1], split_quantity(b)[1]
    if finding.equal is None or one is None or two is None or one.letters == two.letters:
        return finding
    same = (one.dimension, one.factor) == (two.dimension, two.factor)
    if same and not (finding.equal and (one.doubtful or two.doubtful)):
        return finding
    if are_variables(one, context) or are_variables(two, context):
        return ComparisonResult(None, "a unit or variables")
    return finding
