"""Sets of real numbers: intervals, inequalities and exclusions, as one sorted list of pieces.

So that (2, 3) equals 2 < x < 3, and x != 2 equals the reals without 2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key

from filters.answers.finding import Finding
from filters.answers.parse.nodes import INFINITY, MINUS_INFINITY, Node, infinite, num, variables
from filters.answers.prove.exact import InexactError, rational
from filters.answers.prove.proof import same_value, sign

MAX_PIECES = 12
"""Pieces of a union."""
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


class UnclearError(Exception):
    """The tree is no set of reals that can be put in order."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An interval; closed tells of each end whether it belongs to it."""

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


def same_region(a: Node, b: Node) -> Finding:
    """Compare two sets of reals."""
    try:
        one, two = region(a), region(b)
        if one.name and two.name and one.name != two.name:
            return Finding(False, "interval")
        return Finding(_same_pieces(_sorted(one.pieces), _sorted(two.pieces)), "interval")
    except UnclearError:
        return Finding(None, "interval")


def _same_pieces(a: tuple[Piece, ...], b: tuple[Piece, ...]) -> bool | None:
    if len(a) != len(b):
        return False
    found: list[bool | None] = []
    for one, two in zip(a, b, strict=True):
        found += [_same_end(one.low, two.low), _same_end(one.high, two.high)]
        ends = zip(one.closed, two.closed, (one.low, one.high), strict=True)
        found += [x == y or infinite(end) != 0 for x, y, end in ends]
    return False if False in found else None if None in found else True


def _same_end(a: Node, b: Node) -> bool | None:
    if infinite(a) or infinite(b):
        return infinite(a) == infinite(b)
    return same_value(a, b)


def region(node: Node) -> Region:
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


def _relation(node: Node) -> Region:
    operators, args = node.name.split(), node.args
    if operators == ["in"] and args[0].op == "sym":
        return Region(region(args[1]).pieces, args[0].name)
    if len(operators) == 1 and len(args) == 2:
        return _one_bound(*args, operators[0])
    if len(operators) == 2 and len(args) == 3 and args[1].op == "sym":
        lower = _one_bound(args[1], args[0], _FLIPPED.get(operators[0], ""))
        return _both(lower, _one_bound(args[1], args[2], operators[1]))
    raise UnclearError("a chain")


def _one_bound(left: Node, right: Node, operator: str) -> Region:
    if left.op == "call" and left.name == "abs" and operator in _FLIPPED:
        return _absolute(left, right, operator)
    swapped = right.op == left.op == "sym" and right.name < left.name
    if swapped or left.op != "sym" or left.name in variables(right):
        if right.op == "sym" and right.name not in variables(left):
            return _one_bound(right, left, _FLIPPED.get(operator, operator))
        return _linear(left, right, operator)
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


def _absolute(left: Node, right: Node, operator: str) -> Region:
    """A bound on |f|: f beyond both ends, or between them. The bound must be a positive constant."""
    inner, low = left.args[0], Node("neg", (right,))
    if variables(right) or sign(right, num(0)) != 1:
        raise UnclearError("no positive bound")
    above, below = (
        _one_bound(inner, right, operator),
        _one_bound(inner, low, _FLIPPED.get(operator, operator)),
    )
    if operator[0] == "<":
        return _both(above, below)
    return Region(above.pieces + below.pieces, above.name)


def _linear(left: Node, right: Node, operator: str) -> Region:
    """A linear inequality with rational coefficients in one variable, solved."""
    names = variables(left, right)
    if len(names) != 1:
        raise UnclearError("several variables")
    name = next(iter(names))
    try:
        at = [
            rational(left, {name: Fraction(x)}) - rational(right, {name: Fraction(x)}) for x in (0, 1, 2, 5)
        ]
    except InexactError:
        raise UnclearError("not linear") from None
    slope = at[1] - at[0]
    if slope == 0 or at[2] != at[0] + 2 * slope or at[3] != at[0] + 5 * slope:
        raise UnclearError("not linear")
    operator = operator if slope > 0 else _FLIPPED.get(operator, operator)
    return _one_bound(Node("sym", value=name), num(-at[0] / slope), operator)


def _union(node: Node) -> Region:
    parts = [region(arg) for arg in node.args]
    names = {part.name for part in parts if part.name}
    if len(names) > 1:
        raise UnclearError("several variables")
    return Region(tuple(p for part in parts for p in part.pieces), next(iter(names), None))


def _without(node: Node) -> Region:
    base = region(node.args[0])
    if node.args[1].op != "set":
        raise UnclearError("a difference")
    for point in node.args[1].args:
        base = _both(base, Region((Piece(MINUS_INFINITY, point), Piece(point, INFINITY))))
    return base


def _list(node: Node) -> Region:
    """Alternatives are a union; conditions that hold together are an intersection."""
    if node.value == "or" or not all(arg.op == "rel" for arg in node.args):
        return _union(node)
    found = region(node.args[0])
    for arg in node.args[1:]:
        other = region(arg)
        if found.name != other.name:
            raise UnclearError("several variables")
        found = _both(found, other)
    return found


def _removed(node: Node) -> Region:
    """The reals minus a set, written with a minus sign."""
    base, *rest = node.args
    if any(part.op != "neg" for part in rest):
        raise UnclearError("a sum")
    for part in rest:
        base = Node("without", (base, part.args[0]))
    return region(base)


_RULES: dict[str, Callable[[Node], Region]] = {
    "rel": _relation, "union": _union, "add": _removed, "without": _without, "list": _list,
}  # fmt: skip


def _both(a: Region, b: Region) -> Region:
    """The intersection."""
    if len(a.pieces) * len(b.pieces) > MAX_PIECES**2:
        raise UnclearError("too many pieces")
    if a.pieces == (_WHOLE,) or b.pieces == (_WHOLE,):
        return Region((b if a.pieces == (_WHOLE,) else a).pieces, a.name or b.name)
    met = [piece for x in a.pieces for y in b.pieces if (piece := _meet(x, y)) is not None]
    return Region(tuple(met), a.name or b.name)


def _meet(a: Piece, b: Piece) -> Piece | None:
    low, low_closed = _tighter((a.low, a.closed[0]), (b.low, b.closed[0]), 1)
    high, high_closed = _tighter((a.high, a.closed[1]), (b.high, b.closed[1]), -1)
    order = _order(low, high)
    if order > 0 or (order == 0 and not (low_closed and high_closed)):
        return None
    return Piece(low, high, (low_closed, high_closed))


def _tighter(a: tuple[Node, bool], b: tuple[Node, bool], way: int) -> tuple[Node, bool]:
    order = _order(a[0], b[0]) * way
    return a if order > 0 else b if order < 0 else (a[0], a[1] and b[1])


def _sorted(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """Sorted, with touching pieces joined, and empty ones dropped; a lone piece needs no order."""
    if len(pieces) < 2:
        return pieces
    merged: list[Piece] = []
    for piece in sorted(pieces, key=cmp_to_key(_by_start)):
        touching = bool(merged) and _touch(merged[-1], piece)
        merged.append(_joined(merged.pop(), piece) if touching else piece)
    return tuple(merged)


def _joined(a: Piece, b: Piece) -> Piece:
    """One piece for two that touch, the first beginning no later."""
    start = a.closed[0] or (b.closed[0] and _order(a.low, b.low) == 0)
    order = _order(a.high, b.high)
    high, end = (a.high, a.closed[1]) if order > 0 else (b.high, b.closed[1] or (order == 0 and a.closed[1]))
    return Piece(a.low, high, (start, end))


def _by_start(a: Piece, b: Piece) -> int:
    return _order(a.low, b.low)


def _touch(a: Piece, b: Piece) -> bool:
    order = _order(a.high, b.low)
    return order > 0 or (order == 0 and (a.closed[1] or b.closed[0]))


def _order(a: Node, b: Node) -> int:
    """-1, 0 or 1 as a is below, at or above b. Raises UnclearError where that is not proved."""
    if infinite(a) or infinite(b):
        return (infinite(a) > infinite(b)) - (infinite(a) < infinite(b))
    order = sign(a, b)
    if order is None:
        raise UnclearError("no order")
    return order
