"""Answers that still hold something to work out which no rule here can: they may equal what they do not look like.

A derivative, a determinant, a sum of vectors or a set by its condition is read as a tree, but as one whose
value is not known; a difference from it proves nothing.
"""

from __future__ import annotations

import re

from filters.answers.compare.reading import Reading
from filters.answers.parse.nodes import Node, walk
from filters.answers.wordlists import listed

_OPERATORS = re.compile(
    r"[vV]matrix|\\det\b|\\\||\\\{[^{}|:]{1,40}(?:\||:|\\mid)"
    r"|\\d?frac\s*\{\s*(?:d|\\mathrm\{d\})[^{}]{0,20}\}\s*\{\s*(?:d|\\mathrm\{d\})\s*[A-Za-z]"
    r"|\bd[A-Za-z]?/d[A-Za-z]\b|[A-Za-z]'|[CP]_\{?\d{1,6}\}?\^|\d[CP]_?\{?\d"
)
_ARITHMETIC = listed("add mul neg div pow root call")
_STRUCTURES = listed("matrix tuple set list")


def unevaluated(reading: Reading) -> bool:
    """Whether an answer is a known structure with an operation on it, or an operation no rule carries out."""
    assert reading.node is not None
    return _OPERATORS.search(reading.text) is not None or any(map(_operates, walk(reading.node)))


def _operates(node: Node) -> bool:
    """Whether a node computes with a matrix, a tuple or a set; `P(1, 2)` only names a point."""
    if node.op not in _ARITHMETIC or not any(arg.op in _STRUCTURES for arg in node.args):
        return False
    if node.op == "call":
        return node.name in ("abs", "min", "max", "det", "gcd", "lcm")
    return not (node.op == "mul" and node.args[0].op == "sym")
