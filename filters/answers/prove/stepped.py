"""Proofs for expressions with steps and bends: floors, absolute values, greatest common divisors, minima.

Such a function is not settled by a few samples: `floor(sqrt(n - 1))` agrees with `floor(sqrt(n))` nearly
everywhere. Equal is proved in two ways only: the stepped parts are pairwise the same function, and what is
round them is the same; or the bends of absolute values lie at known places, and the sides agree on each piece
between them and at the bends. Different is proved by one place where the sides differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from filters.answers.parse.function_names import COMPUTING_CALLS
from filters.answers.parse.nodes import Node, find_variables, make_variable, walk_tree
from filters.answers.prove.exact import InexactError, compute_rational

Compare = Callable[[Node, Node], bool | None]
CompareAt = Callable[[Node, Node, dict[str, Fraction]], bool | None]

_BENT = frozenset({"abs", "sgn", "max", "min"})
_STEPPED = _BENT | {"floor", "ceil", "gcd", "lcm", "fact2", "Re", "Im", "conj", "arg", "mod"}
_ANY_ORDER = frozenset({"max", "min", "gcd", "lcm"})
MAX_PARTS = 12
"""Stepped parts of both sides that are compared with each other."""
MAX_WHOLE = 40
"""Whole numbers at which two functions of one variable are compared: steps are at whole numbers or squares."""


def has_steps(*nodes: Node) -> bool:
    """Whether a variable stands inside a function that is not analytic."""
    return any(_is_stepped(part) for node in nodes for part in walk_tree(node))


def _is_stepped(node: Node) -> bool:
    """Whether a node is a call of a stepped function, or of one that nothing is known of, with a variable in it."""
    unknown = node.op == "call" and (node.name in _STEPPED or node.name not in COMPUTING_CALLS)
    return unknown and bool(find_variables(node))


def compare_stepped(a: Node, b: Node, compare: Compare, compare_at: CompareAt) -> bool | None:
    """Whether two expressions with steps are equal wherever both are defined.

    compare: the proof for analytic expressions. compare_at: the exact comparison at one point.
    """
    names = sorted(find_variables(a, b))
    found = [compare_at(a, b, point) for point in _list_points(names)]
    if False in found:
        return False
    if _unify(a, b, compare) or (len(names) == 1 and _agree_on_pieces(a, b, names[0], compare_at)):
        return True
    return None


def _list_points(names: list[str]) -> Iterable[dict[str, Fraction]]:
    """Points of positive whole numbers: all small ones for one variable, staggered ones for several."""
    for number in range(1, MAX_WHOLE + 1):
        yield {name: Fraction(1 + (number * (2 * i + 1) + i) % MAX_WHOLE) for i, name in enumerate(names)}


@dataclass
class _Parts:
    """The stepped parts met so far: the same function has the same stand-in."""

    compare: Compare
    met: list[Node] = field(default_factory=list)

    def replace_in(self, node: Node) -> Node:
        """The tree with each outermost stepped part as a variable of its own."""
        if _is_stepped(node):
            return make_variable(f"\0{self._find_number(node)}")
        return replace(node, args=tuple(self.replace_in(arg) for arg in node.args))

    def _find_number(self, part: Node) -> int:
        for number, other in enumerate(self.met):
            if _is_same_part(part, other, self.compare):
                return number
        self.met.append(part)
        return len(self.met) - 1


def _unify(a: Node, b: Node, compare: Compare) -> bool:
    """Whether the sides are the same function of the same stepped parts."""
    parts = _Parts(compare)
    one, two = parts.replace_in(a), parts.replace_in(b)
    return len(parts.met) <= MAX_PARTS and compare(one, two) is True


def _is_same_part(a: Node, b: Node, compare: Compare) -> bool:
    """Whether two stepped parts are the same function: the same name of equal arguments."""
    if a.name != b.name or len(a.args) != len(b.args):
        return False
    if a.name == "abs" and compare(a.args[0], Node("neg", b.args)) is True:
        return True
    if all(compare(x, y) is True for x, y in zip(a.args, b.args, strict=True)):
        return True
    turned = a.name in _ANY_ORDER and len(a.args) == 2
    return turned and all(compare(x, y) is True for x, y in zip(a.args, b.args[::-1], strict=True))


def _agree_on_pieces(a: Node, b: Node, name: str, compare_at: CompareAt) -> bool:
    """Whether two functions of one variable agree at their bends and on each piece between them.

    Only bends count that lie where a linear argument is zero; anything else is no proof.
    """
    found = [_list_bends(node, name) for node in (a, b)]
    if found[0] is None or found[1] is None:
        return False
    bends = sorted({*found[0], *found[1]})
    edges = [bends[0] - 7, *bends, bends[-1] + 7]
    points = list(bends)
    for low, high in pairwise(edges):
        points += [low + (high - low) * Fraction(part, 101) for part in (13, 50, 89)]
    return all(compare_at(a, b, {name: point}) for point in points)


def _list_bends(node: Node, name: str) -> list[Fraction] | None:
    """Where the absolute values, signs, maxima and minima of a function bend; None where that is not known."""
    found: list[Fraction] = []
    for part in walk_tree(node):
        if (
            part.op in ("root", "pow")
            and any(find_variables(arg) for arg in part.args)
            and not _is_power(part)
        ):
            return None
        if part.op != "call" or not find_variables(part):
            continue
        if part.name not in _BENT or has_steps(*part.args) or len(part.args) > 2:
            return None
        inner = part.args[0]
        if len(part.args) == 2:
            inner = Node("add", (inner, Node("neg", (part.args[1],))))
        bend = _find_zero(inner, name)
        if bend is None:
            return None
        found.append(bend)
    return found


def _is_power(node: Node) -> bool:
    """Whether a node is a power with a whole exponent, which has no branches."""
    exponent = node.args[1].value if node.op == "pow" and node.args[1].op == "num" else None
    return isinstance(exponent, Fraction) and exponent.denominator == 1


def _find_zero(node: Node, name: str) -> Fraction | None:
    """The zero of a linear function with rational coefficients."""
    try:
        at = [compute_rational(node, {name: Fraction(x)}) for x in (0, 1, 2, 5)]
    except InexactError:
        return None
    slope = at[1] - at[0]
    if slope == 0 or at[2] != at[0] + 2 * slope or at[3] != at[0] + 5 * slope:
        return None
    return -at[0] / slope
