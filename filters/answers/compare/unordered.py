"""Compare lists and sets whose order says nothing, item by item."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node
from filters.answers.prove.exact import InexactError, compute_rational

MAX_PAIRS = 200
"""Pairs of items compared by proof when a list is matched in any order."""

Compare = Callable[[Node, Node], ComparisonResult]
Item = tuple[str, tuple[Fraction, ...]]


def compare_in_any_order(a: Node, b: Node, compare: Compare) -> ComparisonResult:
    """Compare lists or sets whatever the order of their items, each as often as it occurs."""
    if (
        "or" in (a.value, b.value)
        and a.value != b.value
        and all(item.op == "sym" for item in (*a.args, *b.args))
    ):
        return ComparisonResult(None, "list")  # A or B, and A with B
    if any(item.op == "rel" and item.value == "in" for item in (*a.args, *b.args)):
        return ComparisonResult(None, "values with a condition")
    one, two = _evaluate_items(a), _evaluate_items(b)
    if one is not None and two is not None:
        same = _compare_counted(one, two, sets="set" in (a.op, b.op))
        bracketed = same is False and sorted(item[1] for item in one) == sorted(item[1] for item in two)
        return ComparisonResult(None if bracketed else same, "list")
    if len(a.args) * len(b.args) > MAX_PAIRS:
        return ComparisonResult(None, "list")
    found = [[compare(x, y).equal for y in b.args] for x in a.args]
    columns = list(zip(*found, strict=True))
    if all(True in line for line in (*found, *columns)):
        sets = "set" in (a.op, b.op)
        return ComparisonResult(True if sets or _can_be_paired(found) else None, "list")
    lost = any(set(line) == {False} for line in (*found, *columns))
    return ComparisonResult(False if lost else None, "list")


def _compare_counted(one: list[Item], two: list[Item], *, sets: bool) -> bool | None:
    """Equal with each item as often; the same items more or less often are equal as sets, else undecided."""
    if one == two:
        return True
    return (True if sets or len(one) == 1 or len(two) == 1 else None) if set(one) == set(two) else False


def _can_be_paired(found: list[list[bool | None]]) -> bool:
    """Whether each item has an equal one of its own on the other side."""
    taken: set[int] = set()
    for line in found:
        free = next((at for at, equal in enumerate(line) if equal and at not in taken), None)
        if free is None:
            return False
        taken.add(free)
    return len(taken) == len(found[0])


def _evaluate_items(node: Node) -> list[Item] | None:
    """The items, sorted, as their brackets and rational numbers, where all are numbers or tuples of them."""
    try:
        return sorted(
            (
                item.name if item.op == "tuple" else "",
                tuple(compute_rational(part) for part in (item.args if item.op == "tuple" else (item,))),
            )
            for item in node.args
        )
    except InexactError:
        return None
