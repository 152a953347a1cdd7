"""Where units stand among the tokens: a letter after a number is a unit or a variable by what is around it."""

from __future__ import annotations

from collections.abc import Sequence

from filters.answers.parse.cursor import Cursor
from filters.answers.parse.function_names import is_function
from filters.answers.parse.tokens import Token
from filters.answers.parse.unit_words import read_unit
from filters.answers.units import Unit, find_unit

MAX_UNIT = 24
"""Tokens of a unit."""

RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\le": "<=", "\\ge": ">=", "\\ne": "!=", "\\approx": "~", "\\in": "in",
    "\\implies": "=>", "\\to": "=>", "\\equiv": "==",
}  # fmt: skip
SEPARATORS = frozenset({",", ";", "or", "and", "\\\\", "&"})
CLOSING_SIGNS = frozenset({")", "]", "\\}", "}", "|", "\\rfloor", "\\rceil"})


class UnitCursor(Cursor):
    """A cursor that knows the end of the current part and the unit it ends in.

    inside: how many braced arguments are open; no unit stands in them. variables_seen: whether the part has a
    variable, so that further letters are variables too. letter_units: whether a bare letter was taken for a
    unit, as in `5 m`.
    """

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        super().__init__(tokens)
        self.inside = 0
        self.variables_seen = False
        self.letter_units = False

    def take_unit(self) -> Unit | None:
        """The unit at the current token, and a step over it."""
        found = self._find_unit_end()
        if found is None:
            return None
        unit, self.at = found
        return unit

    def _find_unit_end(self) -> tuple[Unit, int] | None:
        """The unit that the rest of the part spells, or the rest up to the next number; and its end."""
        end = self.find_part_end()
        numbers = (i for i in range(self.at, end) if self.tokens[i].kind == "num" and self.tokens[i].spaced)
        for stop in (end, next(numbers, end)):
            unit = read_unit(self.tokens[self.at : stop])
            if unit is not None:
                return unit, stop
        return None

    def find_part_end(self) -> int:
        """Where the current part ends: at a separator, a relation or a closing bracket."""
        end = self.at
        while end < len(self.tokens) and end - self.at <= MAX_UNIT and not self._is_stop(end):
            end += 1
        return end

    def _is_stop(self, place: int) -> bool:
        """Whether the token ends a part; the `}` of an exponent inside a unit, as in s^{-2}, does not."""
        value = self.tokens[place].value
        if value == "}":
            window = [token.value for token in self.tokens[max(self.at, place - 4) : place]]
            return window.count("{") <= window.count("}")
        return value in SEPARATORS or value in RELATIONS or value in CLOSING_SIGNS

    def is_unit_after(self, ahead: int) -> bool:
        """Whether a separator or a unit in text stands `ahead`: the sign before it belongs to a unit."""
        token = self.peek(ahead)
        past = self.at + ahead >= len(self.tokens)
        return past or token.value in SEPARATORS or (token.text and read_unit((token,)) is not None)

    def is_unit_ahead(self, token: Token) -> bool:
        """Whether a word is a unit: in text or long enough, or a spaced letter after pure numbers."""
        if is_function(token.value) and find_unit(token.value) is None:
            return False
        lone = len(token.value) == 1 and not token.text
        if self.inside or (lone and (self.variables_seen or not token.spaced)):
            return False
        if len(token.value) < 3 and not token.text and find_unit(token.value) is None:
            return False
        found = self._find_unit_end() is not None
        self.letter_units |= found and lone
        return found

    def peek_rest(self) -> Sequence[Token]:
        """The tokens up to the end of the current part."""
        return self.tokens[self.at : self.find_part_end()]
