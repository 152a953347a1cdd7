"""Proofs that two scalar expressions have the same value or different ones; where neither is proved, undecided.

Constants are compared exactly where they are rational, else by balls. Expressions in variables are compared
at fixed points: one point where they differ proves them different, agreement at all of them, to thousands
of bits, is taken as identity where both are analytic; what has steps or bends is proved in `stepped`. A
difference that shows only at negative or fractional points may be a matter of branches ((-1)^n, sqrt(x^2))
and stays undecided.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction

from flint import acb

from filters.answers.parse.nodes import Node, find_variables, walk_tree
from filters.answers.prove.balls import (
    UnknownError,
    Values,
    compute_ball,
    excludes_zero,
    is_tiny,
    measure_spread,
)
from filters.answers.prove.exact import InexactError, compute_rational
from filters.answers.prove.stepped import compare_stepped, has_steps

FIRST_BITS, LAST_BITS, MOST_BITS, SLOW_BITS = 256, 8_192, 40_000, 1_024
"""Precision of the first look, of the confirmation, the most spent where sizes differ widely, and for gamma."""
MAX_NODES = 600
"""Nodes of both trees together that are evaluated at many points."""
MAX_VARIABLES = 12
"""Variables of both expressions together."""


def compare_values(a: Node, b: Node) -> bool | None:
    """Whether two scalar trees are equal wherever both are defined."""
    if a == b:
        return True
    names = find_variables(a, b)
    if not names:
        return _same_constant(a, b)
    if len(names) > MAX_VARIABLES or sum(1 for _ in walk_tree(a)) + sum(1 for _ in walk_tree(b)) > MAX_NODES:
        return None
    if has_steps(a, b):
        return compare_stepped(a, b, compare_values, _compare_at)
    if has_roots(a, b):
        return _same_with_branches(a, b, sorted(names))
    return _same_function(a, b, sorted(names))


def _same_constant(a: Node, b: Node) -> bool | None:
    try:
        return compute_rational(a) == compute_rational(b)
    except InexactError:
        return _compare_at(a, b, {})


def has_roots(*nodes: Node) -> bool:
    """Whether a variable stands under an even root or has a fractional exponent: there are branches."""
    return any(
        part.op in ("root", "pow") and _has_branches(part) and find_variables(part)
        for node in nodes
        for part in walk_tree(node)
    )


def _has_branches(node: Node) -> bool:
    degree = node.args[0] if node.op == "root" else node.args[1]
    if degree.op == "neg":
        degree = degree.args[0]
    whole = isinstance(degree.value, Fraction) and degree.value.denominator == 1
    return not whole or (node.op == "root" and degree.value != 1)


def _same_with_branches(a: Node, b: Node, names: list[str]) -> bool | None:
    """The same for expressions with roots: at small, large and fractional points, and with mixed signs.

    Different where no point agrees; some that agree and some that do not are a matter of branches.
    """
    makers = (
        _make_integer,
        _make_large,
        _make_fraction,
        _make_small_fraction,
    )
    points = [_make_point(names, i, make) for make in makers for i in range(2)]
    points += [_make_mixed_point(names, i, make) for make in (_make_fraction, _make_large) for i in range(2)]
    points.append({name: -value for name, value in _make_point(names, 0, _make_large).items()})
    found = [_compare_at(a, b, point) for point in points]
    if True in found and False in found:
        return None
    if False in found:
        return False
    return True if found.count(True) >= 4 else None


def _same_function(a: Node, b: Node, names: list[str]) -> bool | None:
    whole = [_compare_at(a, b, _make_point(names, i, _make_integer)) for i in range(3)]
    if False in whole:
        return False
    fractional = [_compare_at(a, b, _make_point(names, i, _make_fraction)) for i in range(2)]
    if True not in whole and False in fractional:
        return False
    small = [_compare_at(a, b, _make_point(names, i, _make_small_fraction)) for i in range(2)]
    if True not in whole + fractional and False in small:
        return False
    negative = [_compare_at(a, b, _make_point(names, i, _make_negative_fraction)) for i in range(1)]
    found = whole + fractional + small + negative
    if False in found:
        return None
    return True if found.count(True) >= 3 else None


def _compare_at(a: Node, b: Node, values: Values) -> bool | None:
    """Whether the two agree at one point; None where they are not defined or cannot be told apart."""
    try:
        return compute_rational(a, values) == compute_rational(b, values)
    except InexactError:
        pass
    bases = (
        (0, 10)
        if any(n.op == "call" and n.name == "log" for tree in (a, b) for n in walk_tree(tree))
        else (0,)
    )
    try:
        found = [_compare_balls(a, b, values, base) for base in bases]
    except UnknownError:
        return None
    return found[0] if len(set(found)) == 1 else None  # a bare log has one base, which is not known


def _compare_balls(a: Node, b: Node, values: Values, base: int) -> bool | None:
    if excludes_zero(_subtract(a, b, values, FIRST_BITS, base)):
        return False
    most = SLOW_BITS if _is_slow(a) or _is_slow(b) else LAST_BITS
    needed = 3 * measure_spread(Node("add", (a, b)), values, FIRST_BITS, base)
    bits = max(most, needed) if needed <= MOST_BITS else most
    last = _subtract(a, b, values, bits, base)
    if excludes_zero(last):
        return False
    return True if needed <= MOST_BITS and is_tiny(last, bits // 2) else None


def _is_slow(node: Node) -> bool:
    """Whether a factorial or a binomial is worked out by the gamma function, which costs a second at full precision."""
    return any(
        part.op == "call" and part.name in ("fact", "binom", "perm", "Gamma") for part in walk_tree(node)
    )


def _subtract(a: Node, b: Node, values: Values, bits: int, base: int) -> acb:
    return compute_ball(a, values, bits, base) - compute_ball(b, values, bits, base)


def _make_point(names: list[str], index: int, value: Callable[[int], Fraction]) -> dict[str, Fraction]:
    """A value for every variable, the same in every process: derived from its name."""
    return {name: value(_hash_name(name, index)) for name in names}


def _make_mixed_point(names: list[str], index: int, value: Callable[[int], Fraction]) -> dict[str, Fraction]:
    """The same with every other value negative: of two points with indices one apart, each name is in one."""
    point = _make_point(names, index, value)
    return {name: value * (-1) ** (index + at) for at, (name, value) in enumerate(point.items(), 1)}


def _hash_name(name: str, index: int) -> int:
    return int.from_bytes(hashlib.blake2b(f"{index}/{name}".encode(), digest_size=8).digest(), "big")


def _make_integer(seed: int) -> Fraction:
    return Fraction(2 + seed % 41)


def _make_fraction(seed: int) -> Fraction:
    return Fraction(1 + seed % 9973, 3001)


def _make_small_fraction(seed: int) -> Fraction:
    return Fraction(1 + seed % 9973, 20011)


def _make_negative_fraction(seed: int) -> Fraction:
    return -Fraction(1 + seed % 9973, 3001)


def _make_large(seed: int) -> Fraction:
    return Fraction(1_000 + seed % 8_999)


def compare_constants(a: Node, b: Node) -> int | None:
    """-1, 0 or 1 as the constant a is below, at or above the constant b; None where that is not proved."""
    if find_variables(a, b):
        return 0 if a == b else None
    if compare_values(a, b):
        return 0
    try:
        difference = _subtract(a, b, {}, LAST_BITS, 0)
    except UnknownError:
        return None
    if difference.real > 0:
        return 1
    return -1 if difference.real < 0 else None


def find_near_integer(node: Node) -> int | None:
    """The whole number next to a real constant; a candidate, not a proof. None where it has no such value."""
    try:
        value = compute_ball(node, {}, FIRST_BITS).real
    except UnknownError:
        return None
    if not value.is_finite() or abs(value) > 1 << 40:
        return None
    return round(float(value.mid()))
