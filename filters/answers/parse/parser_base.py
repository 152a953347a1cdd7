"""What the readers of atoms and names need of a parser: its state, and the rules of the grammar they call back.

The grammar is recursive (an atom may contain a sum); this base class lets its lower parts call the upper ones.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from filters.answers.parse.nodes import Node
from filters.answers.parse.tokens import Token
from filters.answers.parse.unit_cursor import UnitCursor


class ParserBase(UnitCursor, ABC):
    """A parser of one answer's tokens, without its rules.

    slashed: whether `a/bc` occurred, which writers mean either way. bars: how many absolute values are open.
    functions: how many arguments of functions are being read.
    """

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        super().__init__(tokens)
        self.slashed = False
        self.bars = 0
        self.functions = 0

    @abstractmethod
    def parse_items(self) -> Node:
        """Parts between commas, "and" or "or": one part alone, or a list."""

    @abstractmethod
    def parse_relation(self) -> Node:
        r"""Sums joined by =, <, \in and so on; one sum alone is itself."""

    @abstractmethod
    def parse_sum(self) -> Node:
        """Terms joined by + and -; plus-minus keeps both signs."""

    @abstractmethod
    def parse_term(self) -> Node:
        """Factors joined by *, / or nothing."""

    @abstractmethod
    def parse_factor(self) -> Node:
        """A factor with the signs before it."""

    @abstractmethod
    def parse_power(self) -> Node:
        """An atom with factorials, signs and an exponent after it."""

    @abstractmethod
    def parse_postfix(self, node: Node) -> Node:
        """A node with the factorials, percent or degree signs after it."""

    @abstractmethod
    def parse_atom(self) -> Node:
        """The atom at the current token."""

    @abstractmethod
    def parse_argument(self) -> Node:
        """What a command takes: a braced expression, or one token."""
