r"""Names in the grammar: words, variables with subscripts, constants, functions with their arguments."""

from __future__ import annotations

import re

from filters.answers.parse.function_names import ALIASES, CONSTANTS, FUNCTIONS, GREEK, WORDS, is_readable
from filters.answers.parse.nodes import Node, make_call, make_number, make_variable
from filters.answers.parse.parser_base import ParserBase
from filters.answers.parse.tokens import NotMathError, Token

MAX_SUBSCRIPT = 12
"""Tokens of a subscript."""

_LISTING = frozenset(("min", "max", "gcd", "lcm"))
_INVERTED = frozenset(("sin", "cos", "tan", "sec", "csc", "cot", "sinh", "cosh", "tanh"))
_DIFFERENTIAL = re.compile(r"d[xyztuvrsqmlVASWQTP]")
"""dx and dV are one thing each."""
_INVERSE = ["^", "{", "-", "1", "}", "("]
_CALLED = frozenset("fghFO")


def read_subscript(parser: ParserBase) -> str:
    """The name that a subscript adds, its braces dropped."""
    if not parser.take("{"):
        parser.at += 1
        return parser.peek(-1).value
    parts: list[str] = []
    while parser.at < len(parser.tokens) and not parser.take("}"):
        if parser.peek().value in ("{", "\\frac") or len(parts) > MAX_SUBSCRIPT:
            raise NotMathError("a subscript that is not a name")
        parts.append(parser.peek().value)
        parser.at += 1
    return "".join(parts)


def read_word(parser: ParserBase) -> Node:
    """A function, a constant, or a variable: of letters side by side, the first."""
    token = parser.peek()
    if not is_readable(token):
        raise NotMathError(f"the word {token.value}")
    if _DIFFERENTIAL.fullmatch(token.value) and not token.text:
        parser.at += 1
        parser.variables_seen = True
        return make_variable(token.value)
    if token.value not in WORDS and len(token.value) > 1:
        parser.split_token()
    name = parser.peek().value
    parser.at += 1
    if name in WORDS:
        return read_named(parser, name)
    if name in ("C", "P") and parser.peek().value == "(" and not _is_defined_here(parser):
        return _read_combination(parser, name)
    return _read_variable(parser, name)


def _read_combination(parser: ParserBase, name: str) -> Node:
    """C(10, 3) and P(10, 3), combinations and permutations; else a variable times its bracket."""
    inside = parser.parse_atom()
    if inside.op == "tuple" and len(inside.args) == 2:
        return make_call("binom" if name == "C" else "perm", *inside.args)
    return Node("mul", (_make_symbol(parser, name), inside))


def _make_symbol(parser: ParserBase, name: str) -> Node:
    if name in CONSTANTS:
        return Node("const", value=CONSTANTS[name])
    parser.variables_seen = True
    return make_variable(name)


def _read_variable(parser: ParserBase, name: str) -> Node:
    """A variable with its subscript and primes; f, g and h before a bracket are functions."""
    if name in ("Delta", "delta") and (part := _read_difference(parser)) is not None:
        return part
    if name in _CALLED and parser.peek_values(6) == _INVERSE:
        parser.at += 5
        return Node("call", (parser.parse_atom(),), f"{name}^-1")
    if parser.take("_"):
        parser.variables_seen = True
        name = f"{name}_{read_subscript(parser)}"
        called = _is_defined_here(parser) or _is_value_here(parser)
        return Node("call", (parser.parse_atom(),), name) if called else make_variable(name)
    while parser.take("'"):
        name += "'"
    called = name[0] in _CALLED and parser.peek().value == "("
    if called or _is_defined_here(parser) or _is_value_here(parser):
        return Node("call", (parser.parse_atom(),), name)
    return _make_symbol(parser, name)


def _is_defined_here(parser: ParserBase) -> bool:
    """Whether a bracket of names and an equals sign follow: H(x, y) = ... is no product."""
    if parser.peek().value != "(":
        return False
    place = 1
    while parser.peek(place).value == "," or _is_name(parser.peek(place)):
        place += 1
    closed = place > 1 and parser.peek(place).value == ")"
    return closed and parser.peek(place + 1).value in ("=", "\\approx")


def _is_value_here(parser: ParserBase) -> bool:
    """Whether a bracket with nothing but a number or a name is set against the name: y(0) is not y times 0."""
    bracket = parser.peek_values(3)
    inside = parser.peek(1)
    lone = inside.kind == "num" or _is_name(inside)
    return bracket[:1] == ["("] and bracket[2:] == [")"] and lone and not parser.peek().spaced


def _read_difference(parser: ParserBase) -> Node | None:
    r"""A difference or variation, as one name: \Delta x is not \Delta times x."""
    token = parser.peek()
    if not (_is_name(token) or (token.kind == "word" and token.value.isupper())):
        return None
    parser.at += 1
    parser.variables_seen = True
    label = f"Delta:{token.value}"
    return make_variable(f"{label}_{read_subscript(parser)}" if parser.take("_") else label)


def _is_name(token: Token) -> bool:
    return (token.kind == "word" and len(token.value) == 1) or token.value[1:] in GREEK


def read_named(parser: ParserBase, name: str) -> Node:
    """The constant, Greek letter or function of this name, just stepped over."""
    if name in CONSTANTS:
        return Node("const", value=CONSTANTS[name])
    if name in GREEK:
        return _read_variable(parser, name)
    return _read_function(parser, name)


def _read_function(parser: ParserBase, name: str) -> Node:
    """A function's argument: a bracket, or the factors up to the next function, sign or bracket."""
    if name in _LISTING and parser.peek().value not in ("(", "{", "\\{", "_"):
        raise NotMathError(f"{name} without a list")
    name = ALIASES.get(name, name)
    base = exponent = None
    for _ in range(2):
        if name == "log" and parser.take("_"):
            base = parser.parse_argument()
        elif parser.take("^"):
            exponent = parser.parse_argument() if parser.peek().value == "{" else parser.parse_factor()
    argument = _read_argument(parser)
    arguments = argument.args if argument.op == "tuple" else (argument,)
    if base is not None:
        node = make_call("logb", base, *arguments)
    elif exponent is not None and exponent == Node("neg", (make_number(1),)) and name in _INVERTED:
        return make_call(f"arc{name}", *arguments)
    else:
        node = make_call(name, *arguments)
    return node if exponent is None else Node("pow", (node, exponent))


def _read_argument(parser: ParserBase) -> Node:
    parser.functions += 1
    node = _read_bare_argument(parser)
    parser.functions -= 1
    return node


def _read_bare_argument(parser: ParserBase) -> Node:
    if parser.peek().value in ("(", "[") or parser.peek().value == "{":
        return parser.parse_postfix(parser.parse_atom())
    node = parser.parse_factor() if parser.peek().value == "-" else parser.parse_power()
    while _continues(parser):
        if parser.take("/"):
            node = Node("div", (node, parser.parse_power()))
        else:
            parser.take("*")
            node = Node("mul", (node, parser.parse_power()))
    return node


def _continues(parser: ParserBase) -> bool:
    r"""Whether the next factor still belongs to a function written without brackets: `\sin 2x`."""
    token = parser.peek()
    if parser.at >= len(parser.tokens) or (token.spaced and token.text):
        return False
    if token.kind == "word":
        return is_readable(token) and token.value not in FUNCTIONS
    if token.kind == "cmd":
        return token.value[1:] in GREEK | {"pi", "frac", "sqrt"}
    return token.value == "/" and parser.peek(1).kind == "num"
