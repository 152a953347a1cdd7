r"""The atoms of the grammar: numbers, names, brackets, fractions, roots, functions, matrices.

Each function takes the parser at its first token and leaves it after its last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from filters.answers.parse.names import CONSTANTS, WORDS, is_readable, named, subscript, word
from filters.answers.parse.nodes import EMPTY, INFINITY, REALS, Node, call, num
from filters.answers.parse.tokens import NotMathError, Token

if TYPE_CHECKING:
    from filters.answers.parse.grammar import Parser

MAX_EXPONENT = 5_000
"""Largest decimal exponent of a number written like 6e23 that is expanded."""

_FRACTION = re.compile(r"\\frac(?:\{\d+\}\{\d+\}|\d\d(?!\d)|\d\{\d+\})")
_STARTS = frozenset({"(", "[", "\\{", "{", "|", "\\lfloor", "\\lceil"})
_BRACKETS = {"(": (")", "]"), "[": ("]", ")")}
_SETS = {"\\mathbb{R}": REALS, "\\emptyset": EMPTY} | {
    f"\\mathbb{{{letter}}}": Node("numbers", value=letter) for letter in "ZNQC"
}


def starts_factor(parser: Parser, token: Token) -> bool:
    """Whether a token can begin a factor of an implicit product."""
    if token.value in _STARTS:
        return not (token.value == "|" and parser.bars)
    if token.kind == "cmd":
        return token.value[1:] in _COMMANDS or token.value[1:] in WORDS or token.value[1:] in CONSTANTS
    return token.kind == "num" or (token.kind == "word" and is_readable(token))


def atom(parser: Parser) -> Node:
    """The atom at the current token."""
    token = parser.peek()
    parser.deepen()
    try:
        if token.kind == "num":
            return _numeral(parser)
        if token.kind == "word":
            return word(parser)
        if token.kind == "cmd":
            return _command(parser)
        return _bracketed(parser)
    finally:
        parser.depth -= 1


def number(text: str) -> Node:
    """A decimal numeral, exact; a power of ten too large to expand stays a power."""
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return num(Fraction(mantissa))
    if abs(int(exponent)) <= MAX_EXPONENT:
        return num(Fraction(mantissa) * Fraction(10) ** int(exponent))
    return Node("mul", (num(Fraction(mantissa)), Node("pow", (num(10), num(int(exponent))))))


def _numeral(parser: Parser) -> Node:
    r"""A number; with a base below it, or with a fraction against it: 1011_2, 2\frac{1}{2}."""
    token = parser.peek()
    parser.at += 1
    if parser.peek().value == "_":
        return _based(parser, token.value)
    node = number(token.value)
    if not token.value.isdigit():
        return node
    if parser.peek().value == "\\frac" and _FRACTION.match("".join(parser.values(8))):
        return Node("add", (node, parser.atom()))
    following = parser.peek()
    if following.kind == "num" and following.spaced and parser.peek(1).value == "/":
        return _plain_mixed(parser, node)
    return node


def _plain_mixed(parser: Parser, whole: Node) -> Node:
    """2 1/2, written plainly."""
    top, bottom = parser.peek(), parser.peek(2)
    if not (top.value.isdigit() and bottom.value.isdigit() and int(bottom.value)):
        raise NotMathError("two numbers side by side")
    parser.at += 3
    return Node("add", (whole, num(Fraction(int(top.value), int(bottom.value)))))


def _based(parser: Parser, digits: str) -> Node:
    parser.need("_")
    base = subscript(parser)
    if not (digits.isalnum() and base.isdigit() and 2 <= int(base) <= 36):
        raise NotMathError("no base")
    return Node("based", value=f"{digits.lower()}_{int(base)}")


def _command(parser: Parser) -> Node:
    token = parser.peek()
    parser.at += 1
    name = token.value[1:]
    if token.value in _STARTS:
        parser.at -= 1
        return _bracketed(parser)
    if name in _COMMANDS:
        return _COMMANDS[name](parser)
    if token.value in _SETS:
        return _SETS[token.value]
    if name in CONSTANTS or name in WORDS:
        return named(parser, name)
    if token.value.startswith("\\begin{"):
        return _environment(parser, token.value[7:-1])
    raise NotMathError(f"the command {token.value}")


def _fraction(parser: Parser) -> Node:
    return Node("div", (parser.argument(), parser.argument()))


def _root(parser: Parser) -> Node:
    degree = num(2)
    if parser.take("["):
        degree = parser.sum()
        parser.need("]")
    argument = parser.argument() if parser.peek().value != "(" else parser.atom()
    return Node("root", (degree, argument))


def _binomial(parser: Parser) -> Node:
    return call("binom", parser.argument(), parser.argument())


_COMMANDS: dict[str, Callable[[Parser], Node]] = {
    "frac": _fraction,
    "sqrt": _root,
    "binom": _binomial,
    "infty": lambda _: INFINITY,
    "overline": lambda parser: call("conj", parser.argument()),
    "emptyset": lambda _: EMPTY,
    "mathbb{R}": lambda _: REALS,
}


def _bracketed(parser: Parser) -> Node:
    """A bracket: grouping round one part, a tuple or interval round several, a set, bars."""
    opening = parser.peek().value
    parser.at += 1
    if opening in _BRACKETS:
        return _tuple(parser, opening)
    if opening == "\\{":
        return _set(parser)
    if opening == "{":
        return _group(parser)
    if opening == "|":
        return _bars(parser)
    if opening in ("\\lfloor", "\\lceil"):
        node = parser.sum()
        parser.need("\\r" + opening[2:])
        return call("floor" if opening == "\\lfloor" else "ceil", node)
    raise NotMathError(f"the sign {opening}")


def _group(parser: Parser) -> Node:
    r"""Braces group; `{n \choose k}` is a binomial."""
    node = parser.items()
    if parser.take("\\choose"):
        node = call("binom", node, parser.sum())
    parser.need("}")
    return node


def _tuple(parser: Parser, opening: str) -> Node:
    bars, parser.bars = parser.bars, 0
    inside = parser.items()
    parser.bars = bars
    closing = parser.peek().value
    if closing not in _BRACKETS[opening]:
        raise NotMathError("an open bracket")
    parser.at += 1
    if inside.op == "list":
        return Node("tuple", inside.args, opening + closing)
    if opening + closing not in ("()", "[]"):
        raise NotMathError("an interval of one end")
    return inside


def _set(parser: Parser) -> Node:
    r"""A set by its items, or by the condition after `x \mid` or `x \in \mathbb{R} :`."""
    if parser.take("\\}"):
        return EMPTY
    ahead = parser.values(4)
    for skipped in (2, 4):
        if ahead[skipped - 1 : skipped] in (["|"], [":"]) and ahead[1:2] in (["|"], [":"], ["\\in"]):
            parser.at += skipped
            condition = parser.items()
            parser.need("\\}")
            return condition
    inside = parser.items()
    parser.need("\\}")
    return Node("set", inside.args if inside.op == "list" else (inside,))


def _bars(parser: Parser) -> Node:
    parser.bars += 1
    inside = parser.sum()
    parser.bars -= 1
    parser.need("|")
    return call("abs", inside)


def _environment(parser: Parser, name: str) -> Node:
    """A matrix or cases."""
    rows: list[Node] = []
    cells: list[Node] = []
    while not parser.take(f"\\end{{{name}}}"):
        if parser.at >= len(parser.tokens) or len(rows) > 60:
            raise NotMathError("an open environment")
        if parser.take("\\\\"):
            rows.append(Node("row", tuple(cells)))
            cells = []
        elif not parser.take("&", ","):
            cells.append(parser.relation())
    rows += [Node("row", tuple(cells))] if cells else []
    return Node("cases" if name == "cases" else "matrix", tuple(rows))
