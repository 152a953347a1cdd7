"""Compare two answers as their prompt asks: in its unit, in its form, in its order, with its names.

What a prompt asks for can make equal values undecided or different, and a bare number a quantity; it never
makes different values equal.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from filters.answers.compare.context import SCALE, PromptContext, remove_typing
from filters.answers.compare.dates import compare_dates
from filters.answers.compare.families import compare_families
from filters.answers.compare.named import compare_named
from filters.answers.compare.numerals import weigh_numerals
from filters.answers.compare.reading import AnswerReading
from filters.answers.compare.regions import is_region
from filters.answers.compare.senses import settle_asked_unit, settle_units, weigh_letters
from filters.answers.compare.structure import compare_trees
from filters.answers.compare.times import compare_durations, compare_pairs, compare_times
from filters.answers.compare.vectors import read_vector
from filters.answers.compare.views import split_quantity
from filters.answers.finding import ComparisonResult, combine_findings
from filters.answers.parse.nodes import Node, walk_tree
from filters.answers.units import Dimension, Unit

_PART = re.compile(r"(?:^|[\s,;.\\])\s*(?:\\text\{ ?)?\(([a-h]|i{1,3}|iv|v|[1-8])\)(?: ?\})?[ :.]*")
_RADIAN: Dimension = (("radian", 1),)
_ANGLES: frozenset[Dimension] = frozenset({_RADIAN, (("angle", 1),)})
_CLOSING = re.compile(r"(?:[\s,;.]|\\[ ,;]|\\q?quad|\band)+$")


def compare_parts(
    reference: str, answer: str, compare: Callable[[str, str], ComparisonResult]
) -> ComparisonResult | None:
    """Compare answers in labelled parts, (a) 5 and (b) 6, part by part; None where either is not of that form."""
    if "(" not in reference or "(" not in answer:
        return None
    one, two = _split_parts(reference), _split_parts(answer)
    if one is None or two is None:
        return None
    if one.keys() != two.keys():
        return ComparisonResult(None, "parts")
    return combine_findings([compare(one[label], two[label]) for label in one], "parts")


def _split_parts(text: str) -> dict[str, str] | None:
    marks = list(_PART.finditer(text))
    labels = [mark[1] for mark in marks]
    if (
        len(marks) < 2
        or marks[0].start() != 0
        or len(set(labels)) != len(labels)
        or labels[0] not in ("a", "i", "1")
    ):
        return None
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    return {mark[1]: _CLOSING.sub("", text[mark.end() : end]) for mark, end in zip(marks, ends, strict=True)}


def compare_as_asked(one: AnswerReading, two: AnswerReading, context: PromptContext) -> ComparisonResult:
    """Compare two answers that were read whole."""

    def compare(first: AnswerReading, second: AnswerReading) -> ComparisonResult:
        return _compare_settled(first, second, context)

    return weigh_numerals(one, two, compare(one, two), context, compare)


def _settle_reading(reading: AnswerReading, context: PromptContext) -> AnswerReading:
    """The reading with its units as the prompt means them."""
    assert reading.node is not None
    node = settle_units(reading.node, context)
    return reading if node is reading.node else replace(reading, node=node)


def _compare_settled(one: AnswerReading, two: AnswerReading, context: PromptContext) -> ComparisonResult:
    """Compare two answers in the units that the prompt means."""
    assert one.node is not None
    assert two.node is not None
    one, two = _settle_reading(one, context), _settle_reading(two, context)
    assert one.node is not None
    assert two.node is not None
    context = settle_asked_unit(context)
    if _contradicts_asked_unit(one.node, two.node, context):
        return ComparisonResult(None, "unit", "a unit of another kind than the prompt asks for")
    pairs = compare_pairs(one.text, two.text, sized=context.paired == "size") if context.paired else None
    if pairs is not None:
        return pairs
    told = (one.text, one.node), (two.text, two.node)
    found = compare_dates(*told) or compare_times(*told, asked=context.clock) or compare_durations(*told)
    if found is not None:
        return found
    return weigh_letters(one.node, two.node, _compare_values(one, two, context), context)


def _compare_values(one: AnswerReading, two: AnswerReading, context: PromptContext) -> ComparisonResult:
    """Compare two answers that are no dates or times, in the unit and form asked for."""
    a, b = _add_asked_unit(_take_asked_value(one, context), _take_asked_value(two, context), context)
    named = compare_named(a, b, context.names, compare_trees)
    if named is not None:
        return named
    vectors = _compare_vectors(a, b)
    if vectors is not None:
        return vectors
    finding = compare_trees(a, b)
    if finding.equal is False and _counts_by_asked_scale(one.text, two.text, context):
        return ComparisonResult(None, "a scale that the prompt asks for")
    if finding.equal is not True and context.percent:
        finding = _compare_percentages(a, b) or finding
    if finding.equal is not True or one.domains or two.domains:
        family = compare_families(a, b, (dict(one.domains), dict(two.domains)), context, compare_trees)
        finding = finding if family is None else family
    return _require_form(a, b, finding, context) if finding.equal else finding


def _take_asked_value(reading: AnswerReading, context: PromptContext) -> Node:
    """The value alone of `m + n = 293`, where the prompt asks for what stands on the left."""
    node = reading.node
    assert node is not None
    if node.op != "rel" or node.value != "=" or node.args[0].op == "sym" or not context.known:
        return node
    left = remove_typing(reading.text.partition("=")[0])
    asked = left in context.text and f"{left}=" not in context.text  # "solve 2x = 12" asks for no 2x
    return node.args[1] if len(left) > 1 and not left.isdigit() and asked else node


def _add_asked_unit(a: Node, b: Node, context: PromptContext) -> tuple[Node, Node]:
    """A number without a unit is in the unit that the prompt asks for, where the other side has another one."""
    if context.unit is None:
        return a, b
    units = [split_quantity(node)[1] for node in (a, b)]
    if (units[0] is None) == (units[1] is None):
        return a, b
    given = units[0] or units[1]
    if given is None or given == context.unit or not _is_comparable(given, context.unit):
        return a, b
    found = [
        Node("quantity", (node,), unit=context.unit) if unit is None else node
        for node, unit in zip((a, b), units, strict=True)
    ]
    return found[0], found[1]


def _is_comparable(given: Unit, asked: Unit) -> bool:
    """Whether a unit has the size of the one asked for, or both are of angles; a degree sign beside none is read as it is."""
    one, two = _list_dimensions(given), _list_dimensions(asked)
    if given.scale:
        return given.scale == "degree" and _RADIAN in two
    return bool(one & two) or bool(one & _ANGLES and two & _ANGLES)


def _list_dimensions(unit: Unit) -> set[Dimension]:
    return {reading.dimension for reading in unit.list_readings() if reading.dimension is not None}


def _contradicts_asked_unit(a: Node, b: Node, context: PromptContext) -> bool:
    """Whether the only unit given is of another kind than the one asked for; a rate of it, hours a week, is none."""
    if context.unit is None:
        return False
    units = [unit for node in (a, b) if (unit := split_quantity(node)[1]) is not None]
    if len(units) != 1 or not units[0].dimension or units[0].scale:
        return False
    asked, given = _list_dimensions(context.unit), _list_dimensions(units[0])
    rates = {tuple(part for part in parts if part != ("time", -1)) for parts in given}
    return not (given | rates) & (asked | (_ANGLES if asked & _ANGLES else set()))


def _counts_by_asked_scale(one: str, two: str, context: PromptContext) -> bool:
    """Whether one side counts in dozens or millions as the prompt does, and the other may do so without saying it."""
    counted = [any(scale in text for scale in context.scales) for text in (one, two)]
    return any(counted) and any(SCALE.search(text) is None for text in (one, two))


def _compare_percentages(a: Node, b: Node) -> ComparisonResult | None:
    """A percentage is asked for: 12 is 12 %."""
    (x, unit), (y, other) = split_quantity(a), split_quantity(b)
    signs = [u is not None and u.scale == "percent" for u in (unit, other)]
    if signs[0] == signs[1] or (unit and other):
        return None
    found = compare_trees(x, y).equal
    if found:
        return ComparisonResult(True, "percent as asked")
    share, bare = (x, y) if signs[0] else (y, x)
    whole = Node("mul", (share, Node("num", value=Fraction(1, 100))))
    apart = found is False and compare_trees(whole, bare).equal is False
    return ComparisonResult(False, "percent as asked") if apart else None


def _compare_vectors(a: Node, b: Node) -> ComparisonResult | None:
    """Coordinates against unit vectors: (3, 4) and 3i + 4j."""
    points = {a.op, b.op} & {"tuple", "matrix"}
    if a.op == b.op or not points:
        return None
    one, two = read_vector(a), read_vector(b)
    if one is None or two is None:
        return None
    length = max(len(one), len(two))
    if length > 3 or min(len(one), len(two)) < 2 or (len(points) == 2 and len(one) != len(two)):
        return None
    zero = Node("num", value=Fraction(0))
    pairs = zip(*((*parts, *[zero] * (length - len(parts))) for parts in (one, two)), strict=True)
    return combine_findings([compare_trees(x, y) for x, y in pairs], "vector")


def _require_form(a: Node, b: Node, finding: ComparisonResult, context: PromptContext) -> ComparisonResult:
    """Undecided or different where equal values are not in the order or form that the prompt asks for."""
    if context.ordered and a.op in ("list", "set") and b.op in ("list", "set", "tuple"):
        in_order = len(a.args) == len(b.args) and all(
            compare_trees(x, y).equal for x, y in zip(a.args, b.args, strict=True)
        )
        if not in_order:
            return ComparisonResult(False if context.ordered == "asked" else None, "order")
    if context.point and is_region(a) != is_region(b) and "tuple" in (a.op, b.op):
        return ComparisonResult(None, "a point or an interval")
    if "normal" in context.forms and a.op == b.op == "rel" and not _is_same_equation(a, b):
        return ComparisonResult(None, "the equation, but not in the form asked for")
    for form, fits in _FORMS.items():
        if form in context.forms and fits(a) != fits(b):
            return ComparisonResult(None, f"the value, but not {form} as asked")
    return finding


def _is_same_equation(a: Node, b: Node) -> bool:
    """Whether two equations are one, term by term: not a multiple of it."""
    if len(a.args) != 2 or len(b.args) != 2:
        return True
    sides = [Node("add", (node.args[0], Node("neg", (node.args[1],)))) for node in (a, b)]
    return compare_trees(*sides).equal is True


def _strip_sign(node: Node) -> Node:
    while node.op in ("neg", "quantity"):
        node = node.args[0]
    return node.args[1] if node.op == "rel" and len(node.args) == 2 else node


def _is_factored(node: Node) -> bool:
    return _strip_sign(node).op in ("mul", "pow")


def _is_expanded(node: Node) -> bool:
    """Whether no product or power holds a sum."""
    parts = (part for part in walk_tree(node) if part.op in ("mul", "pow"))
    return not any(arg.op == "add" for part in parts for arg in part.args)


def _is_simplified(node: Node) -> bool:
    """Whether every fraction of whole numbers is in lowest terms, and no square root holds a square."""
    for part in walk_tree(node):
        if part.op not in ("div", "root") or any(arg.op != "num" for arg in part.args):
            continue
        values = [arg.value for arg in part.args]
        if any(not isinstance(value, Fraction) or value.denominator != 1 for value in values):
            continue
        first, second = (abs(int(value)) for value in values if isinstance(value, Fraction))
        if part.op == "div" and (math.gcd(first, second) != 1 or second == 1):
            return False
        if (
            part.op == "root"
            and first == 2
            and any(second % (n * n) == 0 for n in range(2, 100) if n * n <= second)
        ):
            return False
    return True


_FORMS: dict[str, Callable[[Node], bool]] = {
    "factored": _is_factored, "expanded": _is_expanded, "simplified": _is_simplified,
}  # fmt: skip
