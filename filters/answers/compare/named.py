"""Compare answers whose parts are named, x = 3 and y = 4, with each other and with a bare (3, 4)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from filters.answers.compare.views import read_assignment
from filters.answers.finding import ComparisonResult, combine_findings
from filters.answers.parse.nodes import Node

Compare = Callable[[Node, Node], ComparisonResult]
_SEQUENCES = ("list", "tuple", "set")


def compare_named(a: Node, b: Node, order: tuple[str, ...], compare: Compare) -> ComparisonResult | None:
    """Compare parts by their names; None where neither side names its parts.

    Both named: equal where each name has the same value. One named: its values are put in the order that the
    prompt gives the names (`order`), or in the alphabet's where the names follow each other there, else as they
    stand; in a bare list, whose order may say nothing, only the same order proves anything, unless the names
    only number the values: x_1 and x_2.
    """
    one, two = read_named_parts(a), read_named_parts(b)
    if one is None and two is None:
        return None
    if one is not None and two is not None:
        return _compare_both(one, two, (a.value, b.value), compare)
    named, other = (one, b) if one is not None else (two, a)
    assert named is not None
    if other.op not in _SEQUENCES or len(other.args) != len(named):
        return None
    if any(item.op == "rel" for item in other.args):
        return _compare_roots(named, other, compare)
    return _compare_with_bare(named, other, order, compare)


def read_named_parts(node: Node) -> dict[str, Node] | None:
    """The values of a list of assignments to different names, in the order they stand in."""
    if node.op not in _SEQUENCES or len(node.args) < 2:
        return None
    found = [read_assignment(item) for item in node.args]
    named = {_spell_name(pair[0]): pair[1] for pair in found if pair is not None}
    return named if len(named) == len(node.args) else None


def _spell_name(name: Node) -> str:
    """A variable's name, or a call with its arguments: f(0) and f(1) are two names."""
    return name.name if name.op == "sym" else f"{name.name}({','.join(map(str, name.args))})"


def _compare_both(
    one: dict[str, Node], two: dict[str, Node], joints: tuple[object, object], compare: Compare
) -> ComparisonResult | None:
    if one.keys() != two.keys() or "or" in joints:
        return ComparisonResult(None, "named parts") if one.keys() == two.keys() else None
    return combine_findings([compare(one[name], two[name]) for name in one], "named parts")


def _compare_roots(named: dict[str, Node], other: Node, compare: Compare) -> ComparisonResult | None:
    """x_1 = 2 and x_2 = 3 against x = 2 or x = 3: numbered values of one name, in any order."""
    bases = {name.partition("_")[0] for name in named}
    found = [read_assignment(item) for item in other.args]
    names = {pair[0].name for pair in found if pair is not None}
    if None in found or len(bases) != 1 or names != bases:
        return None
    values = [pair[1] for pair in found if pair is not None]
    return compare(Node("list", tuple(named.values()), ","), Node("list", tuple(values), ","))


def _compare_with_bare(
    named: dict[str, Node], other: Node, order: tuple[str, ...], compare: Compare
) -> ComparisonResult:
    names = list(order) if set(order) == named.keys() else sort_names(list(named))
    arranged = [named[name] for name in names or named]
    in_order = combine_findings(
        [compare(x, y) for x, y in zip(arranged, other.args, strict=True)], "named parts"
    )
    if in_order.equal or (names is not None and other.op == "tuple"):
        return in_order
    any_order = compare(Node("list", tuple(arranged), ","), Node("list", other.args, ","))
    numbered = len({name.partition("_")[0] for name in named}) == 1 and other.op != "tuple"
    return ComparisonResult(
        False if any_order.equal is False else True if any_order.equal and numbered else None, "named parts"
    )


def sort_names(names: list[str]) -> list[str] | None:
    """The names in the alphabet's order, where they follow each other in it: a, b, c or x_1, x_2; else None."""
    keys = sorted(names)
    bases, numbers = zip(*(name.partition("_")[::2] for name in keys), strict=True)
    if len(set(bases)) == 1 and all(number.isdigit() for number in numbers):
        return sorted(names, key=lambda name: int(name.partition("_")[2]))
    letters = all(len(name) == 1 and name.isalpha() for name in keys)
    return keys if letters and all(ord(y) - ord(x) == 1 for x, y in pairwise(keys)) else None
