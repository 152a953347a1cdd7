r"""Parts of a formula that are read as they stand, without being worked out: \vec{a}, \angle ABC, sums, derivatives.

Each becomes a name or a call of its own, so that two formulas in which it is the same can be compared, and
nothing is proved from what it stands for.
"""

from __future__ import annotations

from collections.abc import Callable

from filters.answers.parse.names import read_subscript
from filters.answers.parse.nodes import Node, make_variable
from filters.answers.parse.parser_base import ParserBase
from filters.answers.parse.tokens import NotMathError
from filters.answers.wordlists import make_word_set

ACCENTS = make_word_set(
    "vec hat tilde dot ddot overrightarrow overleftarrow overleftrightarrow widehat widetilde check breve mathring acute grave"
)
FIGURES = make_word_set("angle measuredangle triangle odot")
BIG_OPERATORS = make_word_set("sum prod int iint iiint oint lim bigcup bigcap")
MAX_INSIDE = 24
"""Tokens under an accent, in a bound, or in a derivative."""


def read_accent(parser: ParserBase, name: str) -> Node:
    r"""A variable with its accent: \vec{AB} is one name."""
    parser.variables_seen = True
    label = f"{name}:{_read_raw(parser)}"
    return make_variable(f"{label}_{read_subscript(parser)}" if parser.take("_") else label)


def read_figure(parser: ParserBase, name: str) -> Node:
    r"""An angle or a triangle by its points: \angle ABC."""
    parser.variables_seen = True
    token = parser.peek()
    if token.kind != "word":
        raise NotMathError(f"the command \\{name}")
    parser.at += 1
    return make_variable(f"{name}:{token.value}")


def read_big_operator(parser: ParserBase, name: str) -> Node:
    r"""A sum, product, integral or limit with its bounds, of the factors after it."""
    bounds = ["", ""]
    for _ in range(2):
        if parser.take("_"):
            bounds[0] = _read_raw(parser)
        elif parser.take("^"):
            bounds[1] = _read_raw(parser)
    return Node("call", (parser.parse_term(),), f"{name}:{bounds[0]}:{bounds[1]}")


def read_derivative(parser: ParserBase) -> Node | None:
    r"""The derivative at a \frac{dy}{dx} that was just stepped over, as one name; None for any other fraction."""
    start = parser.at
    first = parser.peek(1 if parser.peek().value == "{" else 0).value
    if first[:1] not in ("d", "∂") and first not in _DERIVING:
        return None
    try:
        top, bottom = _read_raw(parser), _read_raw(parser)
    except NotMathError:
        parser.at = start
        return None
    if not (top[:1] in ("d", "∂") and bottom[:1] == top[:1] and len(bottom) > 1 and bottom[1:2].isalpha()):
        parser.at = start
        return None
    parser.variables_seen = True
    return make_variable(f"D:{top}:{bottom}")


def _read_raw(parser: ParserBase) -> str:
    """The tokens of a braced argument, or the next token, joined."""
    if not parser.take("{"):
        parser.at += 1
        if parser.at > len(parser.tokens):
            raise NotMathError("an argument is missing")
        return parser.peek(-1).value
    depth = 1
    parts: list[str] = []
    while parser.at < len(parser.tokens) and len(parts) <= MAX_INSIDE:
        value = parser.peek().value
        parser.at += 1
        depth += (value == "{") - (value == "}")
        if depth == 0:
            return "".join(parts)
        parts.append(_DERIVING.get(value, value))
    raise NotMathError("an open brace")


_DERIVING = {"\\partial": "∂"}
Reader = Callable[[ParserBase, str], Node]
READERS: dict[str, Reader] = {
    **dict.fromkeys(ACCENTS, read_accent),
    **dict.fromkeys(FIGURES, read_figure),
    **dict.fromkeys(BIG_OPERATORS, read_big_operator),
}
