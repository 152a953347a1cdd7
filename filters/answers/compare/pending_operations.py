"""Operations in an answer that no rule here evaluates: such an answer may equal one that looks different.

A derivative, a determinant, a sum of vectors or a set by its condition is read as a tree, but as one whose
value is not known; a difference from it proves nothing.
"""

from __future__ import annotations

import re

from filters.answers.compare.reading import AnswerReading
from filters.answers.parse.nodes import Node, walk_tree
from filters.answers.wordlists import make_word_set

_OPERATORS = re.compile(
    r"[vV]matrix|\\det\b|\\\||\\\{[^{}|:]{1,40}(?:\||:|\\mid)"
    r"|\\d?frac\s*\{\s*(?:d|\\mathrm\{d\})[^{}]{0,20}\}\s*\{\s*(?:d|\\mathrm\{d\})\s*[A-Za-z]"
    r"|\bd[A-Za-z]?/d[A-Za-z]\b|[A-Za-z]'|[CP]_\{?\d{1,6}\}?\^|\d[CP]_?\{?\d"
)
_ARITHMETIC = make_word_set("add mul neg div pow root call")
_STRUCTURES = make_word_set("matrix tuple set list")


def has_pending_operation(reading: AnswerReading) -> bool:
    """Whether an answer is a known structure with an operation on it, or an operation that no rule carries out."""
    assert reading.node is not None
    return _OPERATORS.search(reading.text) is not None or any(map(_operates, walk_tree(reading.node)))


def _operates(node: Node) -> bool:
    """Whether a node computes with a matrix, a tuple or a set; `P(1, 2)` only names a point."""
    if node.op not in _ARITHMETIC or not any(arg.op in _STRUCTURES for arg in node.args):
        return False
    if node.op == "call":
        return node.name in ("abs", "min", "max", "det", "gcd", "lcm")
    return not (node.op == "mul" and node.args[0].op == "sym")
