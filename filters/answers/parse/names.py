r"""Names in the grammar: words, variables with subscripts, constants, functions with their arguments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from filters.answers.parse.nodes import Node, call, num, sym
from filters.answers.parse.tokens import NotMathError, Token
from filters.answers.wordlists import listed

if TYPE_CHECKING:
    from filters.answers.parse.grammar import Parser

MAX_SUBSCRIPT = 12
"""Tokens of a subscript."""

FUNCTIONS = listed(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh ln log exp lg gcd lcm max min det arg asin acos "
    "atan arccot arcsec arccsc Re Im deg erf Gamma sgn"
)
_ALIASES = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "arcsinh": "asinh"}
CONSTANTS = {"pi": "pi", "infty": "inf", "infinity": "inf", "inf": "inf", "e": "e", "i": "i"}
_GREEK = listed(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau upsilon phi chi psi "
    "omega Delta Theta Lambda Xi Sigma Phi Psi Omega ell hbar"
)
WORDS = FUNCTIONS | _GREEK | frozenset({"pi", "infinity", "inf", "sqrt", "binom"})
_VARIABLES = re.compile(r"[a-df-hj-np-tv-zA-Zx]{1,4}")
_NOT_VARIABLES = listed("by my as at am an all can has had may any was mph ft lb km cm mm kg oz hr sq yd")
_WITH_VOWELS = frozenset("eixyabknt")
_CALLED = frozenset("fghF")


def is_function(name: str) -> bool:
    """Whether a word is the name of a function or constant rather than a variable or unit."""
    return name in WORDS


def subscript(parser: Parser) -> str:
    """The name that a subscript adds, its braces dropped."""
    if not parser.take("{"):
        parser.at += 1
        return parser.peek(-1).value
    parts: list[str] = []
    while parser.at < len(parser.tokens) and not parser.take("}"):
        if parser.peek().value in ("{", "\\frac") or len(parts) > MAX_SUBSCRIPT:
            raise NotMathError("a subscript that is no name")
        parts.append(parser.peek().value)
        parser.at += 1
    return "".join(parts)


def is_readable(token: Token) -> bool:
    """Whether a word is a known name, or letters that stand for variables side by side."""
    word = token.value
    if word in WORDS or len(word) == 1:
        return True
    if token.text or word in _NOT_VARIABLES:
        return False
    return _VARIABLES.fullmatch(word) is not None or (len(word) < 4 and set(word) <= _WITH_VOWELS)


def word(parser: Parser) -> Node:
    """A function, a constant, or a variable: of letters side by side, the first."""
    token = parser.peek()
    if not is_readable(token):
        raise NotMathError(f"the word {token.value}")
    if token.value not in WORDS and len(token.value) > 1:
        parser.split()
    name = parser.peek().value
    parser.at += 1
    if name in WORDS:
        return named(parser, name)
    if name in ("C", "P") and parser.peek().value == "(":
        return _chosen(parser, name)
    return _variable(parser, name)


def _chosen(parser: Parser, name: str) -> Node:
    """C(10, 3) and P(10, 3), combinations and permutations; else a variable times its bracket."""
    inside = parser.atom()
    if inside.op == "tuple" and len(inside.args) == 2:
        return call("binom" if name == "C" else "perm", *inside.args)
    return Node("mul", (_symbol(parser, name), inside))


def _symbol(parser: Parser, name: str) -> Node:
    if name in CONSTANTS:
        return Node("const", value=CONSTANTS[name])
    parser.variables_seen = True
    return sym(name)


def _variable(parser: Parser, name: str) -> Node:
    """A variable with its subscript and primes; f, g and h before a bracket are functions."""
    if parser.take("_"):
        parser.variables_seen = True
        return sym(f"{name}_{subscript(parser)}")
    while parser.take("'"):
        name += "'"
    if name[0] in _CALLED and parser.peek().value == "(":
        return Node("call", (parser.atom(),), name)
    return _symbol(parser, name)


def named(parser: Parser, name: str) -> Node:
    """The constant, Greek letter or function of this name, just stepped over."""
    if name in CONSTANTS:
        return Node("const", value=CONSTANTS[name])
    if name in _GREEK:
        return _variable(parser, name)
    return _function(parser, name)


def _function(parser: Parser, name: str) -> Node:
    """A function's argument: a bracket, or the factors up to the next function, sign or bracket."""
    name = _ALIASES.get(name, name)
    base = exponent = None
    for _ in range(2):
        if name == "log" and parser.take("_"):
            base = parser.argument()
        elif parser.take("^"):
            exponent = parser.argument() if parser.peek().value == "{" else parser.signed()
    argument = _argument_of(parser)
    arguments = argument.args if argument.op == "tuple" else (argument,)
    if base is not None:
        node = call("logb", base, *arguments)
    elif exponent is not None and exponent == Node("neg", (num(1),)) and name in ("sin", "cos", "tan"):
        return call(f"arc{name}", *arguments)
    else:
        node = call("ln" if name == "ln" else name, *arguments)
    return node if exponent is None else Node("pow", (node, exponent))


def _argument_of(parser: Parser) -> Node:
    parser.functions += 1
    node = _bare_argument(parser)
    parser.functions -= 1
    return node


def _bare_argument(parser: Parser) -> Node:
    if parser.peek().value in ("(", "[") or parser.peek().value == "{":
        return parser.postfixed(parser.atom())
    node = parser.signed() if parser.peek().value == "-" else parser.power()
    while _continues(parser):
        if parser.take("/"):
            node = Node("div", (node, parser.power()))
        else:
            parser.take("*")
            node = Node("mul", (node, parser.power()))
    return node


def _continues(parser: Parser) -> bool:
    r"""Whether the next factor still belongs to a function written without brackets: `\sin 2x`."""
    token = parser.peek()
    if parser.at >= len(parser.tokens) or (token.spaced and token.text):
        return False
    if token.kind == "word":
        return is_readable(token) and token.value not in FUNCTIONS
    if token.kind == "cmd":
        return token.value[1:] in _GREEK | {"pi", "frac", "sqrt"}
    return token.value == "/" and parser.peek(1).kind == "num"
