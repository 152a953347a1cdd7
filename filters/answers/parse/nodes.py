"""The small tree an answer is read into.

One class serves all: `op` says what a node is, `args` are its parts, `value` its number or name. The ops
are listed here because every later step dispatches on them.

Numbers     num(value: Fraction), const(value: pi, e, i, inf), sym(value: a variable's name)
Arithmetic  add, mul, neg, div(a, b), pow(a, b), root(degree, x), pm(x), mp(x)
Functions   call(args, value: its name), among them ln, log, logb(base, x), abs, binom, fact, fact2
Literal     based(value: "digits_base"), quantity(x, unit: in `unit`)
Structure   list (bare, unordered; value "or" or ","), tuple (value: its two brackets), set,
            matrix (rows of args, each a `row`), cases, rel(args, value: operators joined by spaces),
            mod(left, right, modulus), ratio, union, without, reals, empty
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from filters.answers.units import Unit


@dataclass(frozen=True, slots=True)
class Node:
    """One node; equal trees are equal and hash alike."""

    op: str
    args: tuple[Node, ...] = ()
    value: Fraction | str | None = None
    unit: Unit | None = None

    @property
    def name(self) -> str:
        """The value of a node whose value is a name."""
        return self.value if isinstance(self.value, str) else ""


def make_number(value: int | str | Fraction) -> Node:
    """A rational number."""
    return Node("num", value=Fraction(value))


def make_variable(name: str) -> Node:
    """A variable."""
    return Node("sym", value=name)


def make_call(name: str, *args: Node) -> Node:
    """A function of its arguments."""
    return Node("call", args, name)


def walk_tree(node: Node) -> Iterator[Node]:
    """The node and everything in it."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(node.args)


def measure_depth(node: Node) -> int:
    """The most nodes on a way down the tree."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [arg for part in level for arg in part.args]
    return deepest


def find_variables(*nodes: Node) -> frozenset[str]:
    """The names of all variables in some trees."""
    found: set[str] = set()
    stack = list(nodes)
    while stack:
        node = stack.pop()
        if node.op == "sym":
            found.add(node.name)
        stack.extend(node.args)
    return frozenset(found)


EMPTY = Node("empty")
REALS = Node("reals")
INFINITY = Node("const", value="inf")
MINUS_INFINITY = Node("neg", (INFINITY,))


def get_infinity_sign(node: Node) -> int:
    """1 and -1 for plus and minus infinity, else 0."""
    if node == INFINITY:
        return 1
    return -1 if node == MINUS_INFINITY else 0
