"""Ball arithmetic (FLINT's arb): a number known to lie within a ball whose radius is carried along.

A ball that excludes zero proves two values different; one that holds zero at thousands of bits, with a
tiny radius, is taken as equality. No float and no tolerance is involved, and towers of powers cost nothing:
their ball is merely infinite.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction

from flint import acb, arb, ctx, fmpq, fmpz

from filters.answers.parse.nodes import Node
from filters.answers.prove.exact import InexactError, compute_rational

Values = Mapping[str, Fraction]
_LOCK = threading.Lock()
_LARGEST_WHOLE = 1 << 62


class UnknownError(Exception):
    """The tree holds something that has no numeric value here."""


def compute_ball(node: Node, values: Values, bits: int, log_base: int = 0) -> acb:
    """The value of a tree as a complex ball.

    values: a rational number for every variable. bits: the working precision.
    log_base: the base that a bare `log` has; 0 is the natural one. Raises UnknownError.
    """
    with _set_precision(bits):
        return _Evaluation(values, log_base).evaluate(node)


@contextmanager
def _set_precision(bits: int) -> Iterator[None]:
    """Set FLINT's working precision, which is one for the whole process: one evaluation at a time."""
    with _LOCK:
        before = ctx.prec
        ctx.prec = bits
        try:
            yield
        finally:
            ctx.prec = before


def excludes_zero(value: acb) -> bool:
    """Whether the value is proved not to be zero."""
    return bool(value.is_finite()) and not value.contains(0)


def is_tiny(value: acb, bits: int) -> bool:
    """Whether the ball holds zero and is so small that nothing but zero explains it."""
    if not (value.is_finite() and value.contains(0)):
        return False
    return bool(value.abs_upper() < arb(2) ** (-bits))


def measure_spread(node: Node, values: Values, bits: int, log_base: int = 0) -> int:
    """The binary orders of magnitude between the largest and the smallest part of a tree's value.

    A sum's small part is lost at a precision below this, so that agreement there would prove nothing.
    """
    with _set_precision(bits):
        evaluation = _Evaluation(values, log_base)
        evaluation.evaluate(node)
    return max(evaluation.sizes, default=0) - min(evaluation.sizes, default=0)


class _Evaluation:
    """One evaluation; `sizes` collects the binary orders of magnitude of all parts."""

    def __init__(self, values: Values, log_base: int) -> None:
        self.values = values
        self.log_base = log_base
        self.sizes: list[int] = []

    def evaluate(self, node: Node) -> acb:
        """The value of a tree, and of all its parts on the way."""
        value = self._evaluate_op(node)
        if excludes_zero(value):
            mantissa, exponent = value.abs_upper().man_exp()
            self.sizes.append(int(mantissa).bit_length() + int(exponent))
        return value

    def _evaluate_op(self, node: Node) -> acb:
        if node.op in ("num", "sym", "based"):
            return _make_ball(self._evaluate_leaf(node))
        if node.op == "const":
            return _make_constant(node.name)
        if node.op == "quantity" and node.unit is not None and node.unit.scale:
            scale = (
                _make_ball(node.unit.factor)
                if node.unit.scale == "percent"
                else _make_ball(Fraction(1, 180)) * acb.pi()
            )
            return self.evaluate(node.args[0]) * scale
        if node.op == "call":
            return self._evaluate_call(node)
        rule = _OPS.get(node.op)
        if rule is None:
            raise UnknownError(node.op)
        return rule(*(self.evaluate(arg) for arg in node.args))

    def _evaluate_leaf(self, node: Node) -> Fraction:
        try:
            return compute_rational(node, self.values)
        except InexactError:
            raise UnknownError(node.name) from None

    def _evaluate_call(self, node: Node) -> acb:
        if node.name in ("fact", "binom", "perm", "gcd", "lcm", "fact2"):
            try:
                return _make_ball(compute_rational(node, self.values))
            except InexactError:
                pass
        args = [self.evaluate(arg) for arg in node.args]
        if node.name == "log" and len(args) == 1:
            return args[0].log() / (acb(self.log_base).log() if self.log_base else 1)
        rule = _CALLS.get(node.name)
        if rule is None or len(args) != (2 if node.name in ("logb", "binom", "perm") else 1):
            raise UnknownError(node.name)
        return rule(*args)


def _make_ball(x: Fraction) -> acb:
    return acb(fmpq(fmpz(x.numerator), fmpz(x.denominator)))


def _make_constant(name: str) -> acb:
    if name == "pi":
        return acb.pi()
    if name == "e":
        return acb(arb.const_e())
    if name == "i":
        return acb(0, 1)
    raise UnknownError(name)


def _add(*terms: acb) -> acb:
    total = acb(0)
    for term in terms:
        total += term
    return total


def _root(degree: acb, x: acb) -> acb:
    n = _to_integer(degree)
    if n is None or n == 0 or abs(n) > 10_000:
        raise UnknownError("root")
    if int(n) % 2 and x.imag.is_zero() and x.real < 0:
        return -((-x) ** (acb(1) / int(n)))
    return x.sqrt() if n == 2 else x ** (acb(1) / int(n))


def _pow(base: acb, exponent: acb) -> acb:
    n = _to_integer(exponent) if exponent.real.is_exact() else None
    if n is not None:
        if n <= 0 and base.contains(0):
            raise UnknownError("a power of zero")
        return base ** fmpz(n)
    return base**exponent


def _to_integer(x: acb) -> fmpz | None:
    """The integer in a ball, looked for only where it is small: 2^(2^40) is exact, and fills the memory."""
    small = x.imag.is_zero() and x.real.is_finite() and bool(abs(x.real) < _LARGEST_WHOLE)
    return x.real.unique_fmpz() if small else None


def _binomial(n: acb, k: acb) -> acb:
    return _factorial(n) / (_factorial(k) * _factorial(n - k))


def _factorial(n: acb) -> acb:
    if n.real.is_finite() and abs(n.real) > arb(10) ** 12:
        raise UnknownError("a huge factorial")
    return (n + 1).gamma()


def _floor(x: acb) -> acb:
    if not x.imag.is_zero():
        raise UnknownError("floor")
    return acb(x.real.floor())


_OPS: dict[str, Callable[..., acb]] = {
    "add": _add,
    "mul": lambda a, b: a * b,
    "neg": lambda a: -a,
    "div": lambda a, b: a / b,
    "ratio": lambda a, b: a / b,
    "pow": _pow,
    "root": _root,
}
_CALLS: dict[str, Callable[..., acb]] = {
    "sin": acb.sin, "cos": acb.cos, "tan": acb.tan, "cot": acb.cot, "sec": acb.sec, "csc": acb.csc,
    "arcsin": acb.asin, "arccos": acb.acos, "arctan": acb.atan,
    "arccot": lambda x: (1 / x).atan(), "arcsec": lambda x: (1 / x).acos(), "arccsc": lambda x: (1 / x).asin(),
    "sinh": acb.sinh, "cosh": acb.cosh, "tanh": acb.tanh, "exp": acb.exp, "ln": acb.log,
    "lg": lambda x: x.log() / acb(10).log(), "logb": lambda base, x: x.log() / base.log(),
    "abs": lambda x: acb(abs(x)), "fact": _factorial, "binom": _binomial,
    "perm": lambda n, k: _factorial(n) / _factorial(n - k), "floor": _floor, "ceil": lambda x: -_floor(-x),
    "Gamma": acb.gamma, "erf": acb.erf, "conj": acb.conjugate, "Re": lambda x: acb(x.real),
    "Im": lambda x: acb(x.imag), "sgn": acb.sgn,
}  # fmt: skip
