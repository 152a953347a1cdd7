r"""The atoms of the grammar: numbers, names, brackets, fractions, roots, functions, matrices.

Each function takes the parser at its first token and leaves it after its last.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from filters.answers.parse.function_names import CONSTANTS, WORDS, is_readable
from filters.answers.parse.names import read_named, read_subscript, read_word
from filters.answers.parse.nodes import EMPTY, INFINITY, REALS, Node, make_call, make_number
from filters.answers.parse.opaque import READERS, read_derivative
from filters.answers.parse.parser_base import ParserBase
from filters.answers.parse.tokens import NotMathError, Token
from filters.answers.parse.unit_cursor import CLOSING_SIGNS, SEPARATORS

MAX_EXPONENT = 5_000
"""Largest decimal exponent of a number written like 6e23 that is expanded."""

_FRACTION = re.compile(r"\\frac(?:\{\d+\}\{\d+\}|\d\d(?!\d)|\d\{\d+\})")
_STARTS = frozenset({"(", "[", "\\{", "{", "|", "\\lfloor", "\\lceil"})
_BRACKETS = {"(": (")", "]"), "[": ("]", ")", "["), "]": ("[", "]")}
"""A bracket with what may close it; ]0, 1[ leaves out both ends, as (0, 1) does."""
_SETS = {f"\\mathbb{{{letter}}}": Node("numbers", value=letter) for letter in "ZNQC"}


def starts_factor(parser: ParserBase, token: Token) -> bool:
    """Whether a token can begin a factor of an implicit product."""
    if token.value in _STARTS:
        closes = token.value == "[" and not starts_part(parser.peek(1))
        return not (token.value == "|" and parser.bars) and not closes
    if token.kind == "cmd":
        return token.value[1:] in _COMMANDS or token.value[1:] in WORDS or token.value[1:] in CONSTANTS
    return token.kind == "num" or (token.kind == "word" and is_readable(token))


def starts_part(token: Token) -> bool:
    """Whether something may follow an opening bracket here: at the end, `[` closes the interval ]0, 1[."""
    return token.value not in ("", *CLOSING_SIGNS, *SEPARATORS, "\\cup", "\\cap")


def read_atom(parser: ParserBase) -> Node:
    """The atom at the current token."""
    token = parser.peek()
    parser.enter_level()
    try:
        if token.kind == "num":
            return _read_numeral(parser)
        if token.kind == "word":
            return read_word(parser)
        if token.kind == "cmd":
            return _read_command(parser)
        return _read_bracketed(parser)
    finally:
        parser.depth -= 1


def make_numeral(text: str) -> Node:
    """A decimal numeral, exact; a power of ten too large to expand stays a power."""
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent:
        return make_number(Fraction(mantissa))
    if abs(int(exponent)) <= MAX_EXPONENT:
        return make_number(Fraction(mantissa) * Fraction(10) ** int(exponent))
    return Node(
        "mul", (make_number(Fraction(mantissa)), Node("pow", (make_number(10), make_number(int(exponent)))))
    )


def _read_numeral(parser: ParserBase) -> Node:
    r"""A number; with a base below it, or with a fraction against it: 1011_2, 2\frac{1}{2}."""
    token = parser.peek()
    parser.at += 1
    if parser.peek().value == "_":
        return _read_based(parser, token.value)
    node = make_numeral(token.value)
    if not token.value.isdigit():
        return node
    if parser.peek().value == "\\frac" and _FRACTION.match("".join(parser.peek_values(8))):
        return Node("add", (node, parser.parse_atom()))
    following = parser.peek()
    if following.kind == "num" and following.spaced and parser.peek(1).value == "/":
        return _read_mixed_number(parser, node)
    return node


def _read_mixed_number(parser: ParserBase, whole: Node) -> Node:
    """2 1/2, written plainly."""
    top, bottom = parser.peek(), parser.peek(2)
    if not (top.value.isdigit() and bottom.value.isdigit() and int(bottom.value)):
        raise NotMathError("two numbers side by side")
    parser.at += 3
    return Node("add", (whole, make_number(Fraction(int(top.value), int(bottom.value)))))


def _read_based(parser: ParserBase, digits: str) -> Node:
    parser.require("_")
    base = read_subscript(parser)
    if not (digits.isalnum() and base.isdigit() and 2 <= int(base) <= 36):
        raise NotMathError("no base")
    return Node("based", value=f"{digits.lower()}_{int(base)}")


def _read_command(parser: ParserBase) -> Node:
    token = parser.peek()
    parser.at += 1
    name = token.value[1:]
    if token.value in _STARTS:
        parser.at -= 1
        return _read_bracketed(parser)
    if name in _COMMANDS:
        return _COMMANDS[name](parser)
    if token.value in _SETS:
        return _SETS[token.value]
    if name in CONSTANTS or name in WORDS:
        return read_named(parser, name)
    if token.value.startswith("\\begin{"):
        return _read_environment(parser, token.value[7:-1])
    raise NotMathError(f"the command {token.value}")


def _read_fraction(parser: ParserBase) -> Node:
    derivative = read_derivative(parser)
    if derivative is not None:
        return derivative
    return Node("div", (parser.parse_argument(), parser.parse_argument()))


def _read_root(parser: ParserBase) -> Node:
    degree = make_number(2)
    if parser.take("["):
        degree = parser.parse_sum()
        parser.require("]")
    argument = parser.parse_argument() if parser.peek().value != "(" else parser.parse_atom()
    return Node("root", (degree, argument))


def _read_binomial(parser: ParserBase) -> Node:
    return make_call("binom", parser.parse_argument(), parser.parse_argument())


_COMMANDS: dict[str, Callable[[ParserBase], Node]] = {
    "frac": _read_fraction,
    "sqrt": _read_root,
    "binom": _read_binomial,
    "infty": lambda _: INFINITY,
    "overline": lambda parser: make_call("conj", parser.parse_argument()),
    "emptyset": lambda _: EMPTY,
    "mathbb{R}": lambda _: REALS,
}


def _read_opaque(name: str) -> Callable[[ParserBase], Node]:
    return lambda parser: READERS[name](parser, name)


_COMMANDS |= {name: _read_opaque(name) for name in READERS}


def _read_bracketed(parser: ParserBase) -> Node:
    """A bracket: grouping round one part, a tuple or interval round several, a set, bars."""
    opening = parser.peek().value
    parser.at += 1
    if opening in _BRACKETS:
        return _read_tuple(parser, opening)
    if opening == "\\{":
        return _read_set(parser)
    if opening == "{":
        return _read_group(parser)
    if opening == "|":
        return _read_bars(parser)
    if opening in ("\\lfloor", "\\lceil"):
        node = parser.parse_sum()
        parser.require("\\r" + opening[2:])
        return make_call("floor" if opening == "\\lfloor" else "ceil", node)
    raise NotMathError(f"the sign {opening}" if opening else "the end, where more was expected")


def _read_group(parser: ParserBase) -> Node:
    r"""Braces group; `{n \choose k}` is a binomial."""
    node = parser.parse_items()
    if parser.take("\\choose"):
        node = make_call("binom", node, parser.parse_sum())
    parser.require("}")
    return node


def _read_tuple(parser: ParserBase, opening: str) -> Node:
    bars, parser.bars = parser.bars, 0
    inside = parser.parse_items()
    parser.bars = bars
    closing = parser.peek().value
    if closing not in _BRACKETS[opening]:
        raise NotMathError("an open bracket")
    parser.at += 1
    if inside.op == "list":
        ends = opening.replace("]", "(") + closing.replace("[", ")")
        return Node("tuple", inside.args, ends)
    if opening + closing not in ("()", "[]"):
        raise NotMathError("an interval of one end")
    return inside


def _read_set(parser: ParserBase) -> Node:
    r"""A set by its items, or by the condition after `x \mid` or `x \in \mathbb{R} :`."""
    if parser.take("\\}"):
        return EMPTY
    ahead = parser.peek_values(4)
    for skipped in (2, 4):
        if ahead[skipped - 1 : skipped] in (["|"], [":"]) and ahead[1:2] in (["|"], [":"], ["\\in"]):
            if skipped == 4 and ahead[2] != "\\mathbb{R}":
                raise NotMathError("a set of numbers that are not all real ones")
            parser.at += skipped
            condition = parser.parse_items()
            parser.require("\\}")
            return condition
    inside = parser.parse_items()
    parser.require("\\}")
    return Node("set", inside.args if inside.op == "list" else (inside,))


def _read_bars(parser: ParserBase) -> Node:
    parser.bars += 1
    inside = parser.parse_sum()
    parser.bars -= 1
    parser.require("|")
    return make_call("abs", inside)


def _read_environment(parser: ParserBase, name: str) -> Node:
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
            cells.append(parser.parse_relation())
    rows += [Node("row", tuple(cells))] if cells else []
    if name == "vmatrix":
        return make_call("det", Node("matrix", tuple(rows)))
    if name == "Vmatrix":
        raise NotMathError("a norm")
    if (
        name == "cases"
        and all(len(row.args) == 1 and row.args[0].op == "rel" for row in rows)
        and len(rows) > 1
    ):
        return Node("list", tuple(row.args[0] for row in rows), ",")
    return Node("cases" if name == "cases" else "matrix", tuple(rows))
