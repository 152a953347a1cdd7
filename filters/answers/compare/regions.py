"""Sets of real numbers: intervals, inequalities and exclusions, as one sorted list of pieces.

In that form (2, 3) equals 2 < x < 3, and x != 2 equals the reals without 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key

from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import (
    INFINITY,
    MINUS_INFINITY,
    Node,
    find_variables,
    get_infinity_sign,
    make_number,
)
from filters.answers.prove.exact import InexactError, compute_rational
from filters.answers.prove.proof import compare_constants, compare_values, has_roots
from filters.answers.prove.stepped import has_steps

MAX_PIECES = 12
"""Pieces of a union."""
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class UnclearError(Exception):
    """The tree is not a set of reals that can be put in order."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval; closed: for each end, whether it belongs to it."""

    low: Node
    high: Node
    closed: tuple[bool, bool] = (False, False)


@dataclass(frozen=True, slots=True)
class Region:
    """A union of pieces; name is the variable it was written with, if any."""

    pieces: tuple[Piece, ...]
    name: str | None = None


_WHOLE = Piece(MINUS_INFINITY, INFINITY)


def is_region(node: Node) -> bool:
    """Whether a tree can only be a set of reals (a pair may also be a point)."""
    if node.op == "rel":
        return bool(set(node.name.split()) & {"<", ">", "<=", ">=", "!=", "in"})
    if node.op == "list":
        return any(is_region(arg) for arg in node.args)
    if node.op == "add":
        return is_region(node.args[0])
    return node.op in ("union", "without", "reals", "empty") or (
        node.op == "tuple" and node.value in ("[)", "(]")
    )


def compare_regions(a: Node, b: Node) -> ComparisonResult:
    """Compare two sets of reals."""
    try:
        one, two = read_region(a), read_region(b)
        if one.name and two.name and one.name != two.name:
            return ComparisonResult(False, "interval")
        return ComparisonResult(
            _compare_pieces(_sort_pieces(one.pieces), _sort_pieces(two.pieces)), "interval"
        )
    except UnclearError:
        return ComparisonResult(None, "interval")


def _compare_pieces(a: tuple[Piece, ...], b: tuple[Piece, ...]) -> bool | None:
    if len(a) != len(b):
        return False
    found: list[bool | None] = []
    for one, two in zip(a, b, strict=True):
        found += [_compare_ends(one.low, two.low), _compare_ends(one.high, two.high)]
        ends = zip(one.closed, two.closed, (one.low, one.high), strict=True)
        found += [x == y or get_infinity_sign(end) != 0 for x, y, end in ends]
    return False if False in found else None if None in found else True


def _compare_ends(a: Node, b: Node) -> bool | None:
    if get_infinity_sign(a) or get_infinity_sign(b):
        return get_infinity_sign(a) == get_infinity_sign(b)
    return compare_values(a, b)


def read_region(node: Node) -> Region:
    """The set of reals that a tree describes. Raises UnclearError."""
    if node.op == "reals":
        return Region((_WHOLE,))
    if node.op == "empty":
        return Region(())
    if node.op == "tuple" and len(node.args) == 2:
        return Region((Piece(*node.args, (node.name[0] == "[", node.name[1] == "]")),))
    if node.op == "set":
        return Region(tuple(Piece(point, point, (True, True)) for point in node.args))
    rule = _RULES.get(node.op)
    if rule is None:
        raise UnclearError(node.op)
    found = rule(node)
    if len(found.pieces) > MAX_PIECES:
        raise UnclearError("too many pieces")
    return found


def _read_relation(node: Node) -> Region:
    operators, args = node.name.split(), node.args
    if operators == ["in"] and args[0].op == "sym":
        return Region(read_region(args[1]).pieces, args[0].name)
    if len(operators) == 1 and len(args) == 2:
        return _read_bound(*args, operators[0])
    if len(operators) == 2 and len(args) == 3 and args[1].op == "sym":
        lower = _read_bound(args[1], args[0], _FLIPPED.get(operators[0], ""))
        return _intersect(lower, _read_bound(args[1], args[2], operators[1]))
    raise UnclearError("a chain")


def _read_bound(left: Node, right: Node, operator: str) -> Region:
    if left.op == "call" and left.name == "abs" and operator in _FLIPPED:
        return _read_absolute_bound(left, right, operator)
    swapped = right.op == left.op == "sym" and right.name < left.name
    if swapped or left.op != "sym" or left.name in find_variables(right):
        if right.op == "sym" and right.name not in find_variables(left):
            return _read_bound(right, left, _FLIPPED.get(operator, operator))
        return _solve_linear(left, right, operator)
    pieces = {
        "<": (Piece(MINUS_INFINITY, right),),
        "<=": (Piece(MINUS_INFINITY, right, (False, True)),),
        ">": (Piece(right, INFINITY),),
        ">=": (Piece(right, INFINITY, (True, False)),),
        "!=": (Piece(MINUS_INFINITY, right), Piece(right, INFINITY)),
        "=": (Piece(right, right, (True, True)),),
    }.get(operator)
    if pieces is None:
        raise UnclearError(operator)
    return Region(pieces, left.name)


def _read_absolute_bound(left: Node, right: Node, operator: str) -> Region:
    """A bound on |f|: f beyond both ends, or between them. The bound must be a positive constant."""
    inner, low = left.args[0], Node("neg", (right,))
    if find_variables(right) or compare_constants(right, make_number(0)) != 1:
        raise UnclearError("no positive bound")
    above, below = (
        _read_bound(inner, right, operator),
        _read_bound(inner, low, _FLIPPED.get(operator, operator)),
    )
    if operator[0] == "<":
        return _intersect(above, below)
    return Region(above.pieces + below.pieces, above.name)


def _solve_linear(left: Node, right: Node, operator: str) -> Region:
    """A linear inequality with rational coefficients in one variable, solved."""
    names = find_variables(left, right)
    if len(names) != 1:
        raise UnclearError("several variables")
    name = next(iter(names))
    if has_steps(left, right) or has_roots(left, right):
        raise UnclearError("not linear")
    try:
        at = [
            compute_rational(left, {name: Fraction(x)}) - compute_rational(right, {name: Fraction(x)})
            for x in (0, 1, 2, 5)
        ]
    except InexactError:
        raise UnclearError("not linear") from None
    slope = at[1] - at[0]
    if slope == 0 or at[2] != at[0] + 2 * slope or at[3] != at[0] + 5 * slope:
        raise UnclearError("not linear")
    operator = operator if slope > 0 else _FLIPPED.get(operator, operator)
    return _read_bound(Node("sym", value=name), make_number(-at[0] / slope), operator)


def _read_union(node: Node) -> Region:
    parts = [read_region(arg) for arg in node.args]
    names = {part.name for part in parts if part.name}
    if len(names) > 1:
        raise UnclearError("several variables")
    return Region(tuple(p for part in parts for p in part.pieces), next(iter(names), None))


def _read_exclusion(node: Node) -> Region:
    base = read_region(node.args[0])
    if node.args[1].op != "set":
        raise UnclearError("a difference")
    for point in node.args[1].args:
        base = _intersect(base, Region((Piece(MINUS_INFINITY, point), Piece(point, INFINITY))))
    return base


def _read_list(node: Node) -> Region:
    """Alternatives are a union; conditions that hold together are an intersection."""
    if node.value == "or" or not all(arg.op == "rel" for arg in node.args):
        return _read_union(node)
    found = read_region(node.args[0])
    for arg in node.args[1:]:
        other = read_region(arg)
        if found.name != other.name:
            raise UnclearError("several variables")
        found = _intersect(found, other)
    if not found.pieces:
        raise UnclearError("nothing is left, so that alternatives may be meant")
    return found


def _read_difference(node: Node) -> Region:
    """The reals minus a set, written with a minus sign."""
    base, *rest = node.args
    if any(part.op != "neg" for part in rest):
        raise UnclearError("a sum")
    for part in rest:
        base = Node("without", (base, part.args[0]))
    return read_region(base)


_RULES: dict[str, Callable[[Node], Region]] = {
    "rel": _read_relation, "union": _read_union, "add": _read_difference, "without": _read_exclusion, "list": _read_list,
}  # fmt: skip


def _intersect(a: Region, b: Region) -> Region:
    """The intersection."""
    if len(a.pieces) * len(b.pieces) > MAX_PIECES**2:
        raise UnclearError("too many pieces")
    if a.pieces == (_WHOLE,) or b.pieces == (_WHOLE,):
        return Region((b if a.pieces == (_WHOLE,) else a).pieces, a.name or b.name)
    met = [piece for x in a.pieces for y in b.pieces if (piece := _intersect_pieces(x, y)) is not None]
    return Region(tuple(met), a.name or b.name)


def _intersect_pieces(a: Piece, b: Piece) -> Piece | None:
    low, low_closed = _choose_tighter((a.low, a.closed[0]), (b.low, b.closed[0]), 1)
    high, high_closed = _choose_tighter((a.high, a.closed[1]), (b.high, b.closed[1]), -1)
    order = _order_ends(low, high)
    if order > 0 or (order == 0 and not (low_closed and high_closed)):
        return None
    return Piece(low, high, (low_closed, high_closed))


def _choose_tighter(a: tuple[Node, bool], b: tuple[Node, bool], way: int) -> tuple[Node, bool]:
    order = _order_ends(a[0], b[0]) * way
    return a if order > 0 else b if order < 0 else (a[0], a[1] and b[1])


def _sort_pieces(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Sorted, with touching pieces joined, and empty ones dropped; a lone piece is not sorted."""
    if len(pieces) < 2:
        return pieces
    merged: list[Piece] = []
    for piece in sorted(pieces, key=cmp_to_key(_by_start)):
        touching = bool(merged) and _do_touch(merged[-1], piece)
        merged.append(_join_pieces(merged.pop(), piece) if touching else piece)
    return tuple(merged)


def _join_pieces(a: Piece, b: Piece) -> Piece:
    """One piece for two that touch, the first beginning no later."""
    start = a.closed[0] or (b.closed[0] and _order_ends(a.low, b.low) == 0)
    order = _order_ends(a.high, b.high)
    high, end = (a.high, a.closed[1]) if order > 0 else (b.high, b.closed[1] or (order == 0 and a.closed[1]))
    return Piece(a.low, high, (start, end))


def _by_start(a: Piece, b: Piece) -> int:
    return _order_ends(a.low, b.low)


def _do_touch(a: Piece, b: Piece) -> bool:
    order = _order_ends(a.high, b.low)
    return order > 0 or (order == 0 and (a.closed[1] or b.closed[0]))


def _order_ends(a: Node, b: Node) -> int:
    """-1, 0 or 1 as a is below, at or above b. Raises UnclearError where that is not proved."""
    if get_infinity_sign(a) or get_infinity_sign(b):
        return (get_infinity_sign(a) > get_infinity_sign(b)) - (get_infinity_sign(a) < get_infinity_sign(b))
    order = compare_constants(a, b)
    if order is None:
        raise UnclearError("no order")
    return order
