"""Where units stand among the tokens: a letter after a number is a unit or a variable by what is around it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from filters.answers.parse.cursor import Cursor
from filters.answers.parse.function_names import is_function
from filters.answers.parse.tokens import Token
from filters.answers.parse.unit_pieces import is_cjk
from filters.answers.parse.unit_words import MAX_UNIT, ORDINAL_MARKS, read_unit
from filters.answers.units import Unit, find_unit

RELATIONS = {
    "=": "=", "<": "<", ">": ">", "\\le": "<=", "\\ge": ">=", "\\ne": "!=", "\\approx": "~", "\\in": "in",
    "\\implies": "=>", "\\iff": "<=>", "\\to": "=>", "\\equiv": "==",
}  # fmt: skip
SEPARATORS = frozenset({",", ";", "or", "and", "\\\\", "&"})
_PART_STARTS = frozenset((*SEPARATORS, *RELATIONS, "(", "[", "\\{"))
_OPERATORS = frozenset("+-*/^")
_LETTER_UNITS = frozenset("mgshLlNJWAVCFTKtdpbGHS")
"""Symbols that stand against a number in ordinary writing: `12m`."""
_NUMBER = re.compile(
    r"(?:[-+] )?(?:[\d.]+|\\frac \{ \d+ \} \{ \d+ \}|\\frac \d+ \d+)(?: \* 10 \^ (?:\d|\{ (?:- )?\d+ \}))?"
)
CLOSING_SIGNS = frozenset({")", "]", "\\}", "}", "|", "\\rfloor", "\\rceil"})


class UnitCursor(Cursor):
    """A cursor that knows the end of the current part and the unit it ends in.

    inside: how many braced arguments are open; no unit stands in them. variables_seen: whether the part has a
    variable, so that further letters are variables too. letter_units: whether a bare letter was taken for a
    unit, as in `5 m`. assigned: whether the part is the right side of `name =`.
    """

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        super().__init__(tokens)
        self.inside = 0
        self.variables_seen = False
        self.letter_units = False
        self.assigned = False

    def take_unit(self, before: Unit | None = None) -> Unit | None:
        """The unit at the current token, and a step over it. before: a currency before the number."""
        found = self._find_unit_end(before)
        if found is None:
            return None
        unit, self.at = found
        return replace(unit, doubtful=True) if self.assigned and len(unit.letters) == 1 else unit

    def _find_unit_end(self, before: Unit | None = None) -> tuple[Unit, int] | None:
        """The unit that the rest of the part spells, or the rest up to the next number; and its end."""
        end = self.find_part_end()
        numbers = (i for i in range(self.at, end) if self.tokens[i].kind == "num" and self._is_apart(i))
        for stop in (end, next(numbers, end)):
            if stop < end and self.tokens[stop - 1].value in _OPERATORS:
                continue  # 3 h^2 - 5, of which the number is no rest of a quantity
            unit = read_unit(self.tokens[self.at : stop], before)
            if unit is not None:
                return unit, stop
        return None

    def _is_apart(self, place: int) -> bool:
        """Whether a number is no exponent, as in `m2`: after a space or CJK (3小时30分), or before a unit (3h20m)."""
        last, after = self.tokens[place - 1].value[-1], self.tokens[place + 1 : place + 2]
        if self.tokens[place].spaced or (last.isalpha() and is_cjk(last)):
            return True
        return bool(after) and last.isalpha() and after[0].kind == "word" and not after[0].spaced

    def find_part_end(self) -> int:
        """Where the current part ends: at a separator, a relation or a closing bracket."""
        end = self.at
        while end < len(self.tokens) and end - self.at <= MAX_UNIT and not self._is_stop(end):
            end += 1
        return end

    def _is_stop(self, place: int) -> bool:
        """Whether the token ends a part; the `}` of an exponent inside a unit, as in s^{-2}, does not."""
        value = self.tokens[place].value
        if value == ")" and "(" in [token.value for token in self.tokens[self.at : place]]:
            return False
        if value == "}":
            window = [token.value for token in self.tokens[max(self.at, place - 4) : place]]
            return window.count("{") <= window.count("}")
        return value in SEPARATORS or value in RELATIONS or value in CLOSING_SIGNS

    def is_unit_after(self, ahead: int) -> bool:
        """Whether a separator or a unit in text stands `ahead`: the sign before it belongs to a unit."""
        token = self.peek(ahead)
        past = self.at + ahead >= len(self.tokens)
        named = token.text or len(token.value) > 2 or not token.value.isascii()
        return past or token.value in SEPARATORS or (named and read_unit((token,)) is not None)

    def is_unit_ahead(self, token: Token) -> bool:
        """Whether a word is a unit: in text or long enough, or a bare symbol after nothing but a number."""
        if is_function(token.value) and find_unit(token.value) is None:
            return False
        if self.inside or (token.value in ORDINAL_MARKS and not token.spaced and not token.text):
            return not self.inside and self._follows_number(whole=True)
        symbol = len(token.value) < 3 and token.value.isascii() and not token.text
        lone = symbol and len(token.value) == 1
        if lone and token.value == "k" and self.find_part_end() == self.at + 1:
            return False  # 7 k is 7k: seven times k, or seven thousand
        if lone and (self.variables_seen or not (token.spaced or self._is_letter_unit(token))):
            return False
        if (symbol and find_unit(token.value) is None) or (lone and self._has_other_letters()):
            return False
        found = self._find_unit_end() is not None
        self.letter_units |= found and lone and token.spaced
        return found

    def _is_letter_unit(self, token: Token) -> bool:
        """Whether a letter against a number may be a unit: nothing but the number stands before it in the part."""
        return token.value in _LETTER_UNITS and self._follows_number()

    def _has_other_letters(self) -> bool:
        """Whether a bare letter elsewhere, not against a number, shows that letters are variables here."""
        end = self.find_part_end()
        return any(
            token.kind == "word" and len(token.value) == 1 and token.value.isascii() and not token.text
            for i, token in enumerate(self.tokens)
            if not (self.at <= i < end or (i and self.tokens[i - 1].kind == "num"))
            and not (i + 1 < len(self.tokens) and self.tokens[i + 1].value == "=")
        )

    def _follows_number(self, *, whole: bool = False) -> bool:
        r"""Whether the part up to here is one number: `-12.5`, `3 * 10^{8}`, `\frac{1}{2}`. whole: digits alone."""
        start = self.at
        while start > 0 and self.tokens[start - 1].value not in _PART_STARTS:
            start -= 1
        values = [token.value for token in self.tokens[start : self.at]]
        if whole:
            return len(values) == 1 and values[0].isdigit()
        return _NUMBER.fullmatch(" ".join(values)) is not None

    def peek_rest(self) -> Sequence[Token]:
        """The tokens up to the end of the current part."""
        return self.tokens[self.at : self.find_part_end()]
