"""Exact rational evaluation within a budget of bits: the strongest proof there is, and the cheapest."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from filters.answers.parse.nodes import Node

MAX_BITS = 40_000
"""Bits of a numerator or denominator: 3000 factorial has 30,000; more is left to ball arithmetic."""
MAX_FACTORIAL = 3_500
"""The largest number whose factorial stays within the budget."""


class InexactError(Exception):
    """The value is not rational, too large, or not defined."""


def compute_rational(node: Node, values: Mapping[str, Fraction] | None = None) -> Fraction:
    """The exact value of a tree, with these values for its variables. Raises InexactError."""
    if node.op == "num":
        assert isinstance(node.value, Fraction)
        return node.value
    if node.op == "sym" and values is not None and node.name in values:
        return values[node.name]
    if node.op == "based":
        digits, _, base = node.name.partition("_")
        return _in_base(digits, int(base))
    rule = _OPS.get(node.op) if node.op != "call" else _CALLS.get(node.name)
    if rule is None or (node.op == "call" and len(node.args) not in _ARITY[node.name]):
        raise InexactError(node.op)
    result = rule(*(compute_rational(arg, values) for arg in node.args))
    if result.numerator.bit_length() + result.denominator.bit_length() > 2 * MAX_BITS:
        raise InexactError("too large")
    return result


def _in_base(digits: str, base: int) -> Fraction:
    try:
        return Fraction(int(digits, base))
    except ValueError:
        raise InexactError("no such digit") from None


def _add(*terms: Fraction) -> Fraction:
    return sum(terms, Fraction(0))


def _div(top: Fraction, bottom: Fraction) -> Fraction:
    if bottom == 0:
        raise InexactError("division by zero")
    return top / bottom


def _pow(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        return _fractional_power(base, exponent)
    if base == 0 and exponent <= 0:
        raise InexactError("zero to the power of zero or less")
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if size > 1 and abs(exponent) * (size - 1) > MAX_BITS:
        raise InexactError("too large")
    if size == 1:
        return base if exponent % 2 else base * base
    return base ** int(exponent)


def _fractional_power(base: Fraction, exponent: Fraction) -> Fraction:
    return _pow(_root(Fraction(exponent.denominator), base), Fraction(exponent.numerator))


def _root(degree: Fraction, x: Fraction) -> Fraction:
    """A perfect root; odd ones of negative numbers are negative, as school mathematics has it."""
    n = int(degree)
    if degree != n or not 2 <= n <= 64 or (x < 0 and n % 2 == 0):
        raise InexactError("no rational root")
    parts = [_whole_root(abs(x.numerator), n), _whole_root(x.denominator, n)]
    return Fraction(parts[0] if x >= 0 else -parts[0], parts[1])


def _whole_root(x: int, n: int) -> int:
    if n == 2:
        root = math.isqrt(x)
    elif x.bit_length() > 900:
        raise InexactError("too large")
    else:
        root = round(x ** (1 / n))
    if root**n != x:
        raise InexactError("no perfect root")
    return root


def _to_integer(x: Fraction) -> int:
    if x.denominator != 1 or not 0 <= x <= MAX_FACTORIAL:
        raise InexactError("not a small whole number")
    return int(x)


def _double_factorial(x: Fraction) -> Fraction:
    return Fraction(math.prod(range(_to_integer(x), 0, -2)))


def _lift_to_integers(combine: Callable[..., int]) -> Callable[..., Fraction]:
    def combine_whole(*terms: Fraction) -> Fraction:
        if any(term.denominator != 1 for term in terms):
            raise InexactError("not whole")
        return Fraction(combine(*(int(term) for term in terms)))

    return combine_whole


_OPS: dict[str, Callable[..., Fraction]] = {
    "add": _add,
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "div": _div,
    "ratio": _div,
    "pow": _pow,
    "root": _root,
}
_CALLS: dict[str, Callable[..., Fraction]] = {
    "abs": abs,
    "fact": lambda n: Fraction(math.factorial(_to_integer(n))),
    "fact2": _double_factorial,
    "binom": lambda n, k: Fraction(math.comb(_to_integer(n), _to_integer(k))),
    "perm": lambda n, k: Fraction(math.perm(_to_integer(n), _to_integer(k))),
    "floor": lambda x: Fraction(math.floor(x)),
    "ceil": lambda x: Fraction(math.ceil(x)),
    "max": lambda *terms: max(terms),
    "min": lambda *terms: min(terms),
    "gcd": _lift_to_integers(math.gcd),
    "lcm": _lift_to_integers(math.lcm),
    "conj": lambda x: x,
}
_ARITY: dict[str, range] = {
    name: range(2, 3)
    if name in ("binom", "perm")
    else range(1, 20)
    if name in ("max", "min", "gcd", "lcm")
    else range(1, 2)
    for name in _CALLS
}
