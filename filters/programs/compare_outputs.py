"""Whether what a program printed is what it should have printed.

Line ends, blanks at a line's end and empty lines at the text's end do not count. Then the texts must be equal, but for
numbers that were computed: where one side of a pair has a fraction or an exponent they may differ by 1e-6, or by that share of
the expected one where that has a fraction itself. Whole numbers are equal or not, however large, and digits that begin with a
nought are no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from typing import Final

TOLERANCE: Final = Fraction(1, 10**6)
_NUMBER: Final = re.compile(
    r"[+-]?(?:(?:0|[1-9][0-9]{0,399})(?:\.[0-9]{0,400})?|\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,3})?"
)
_WHOLE: Final = re.compile(r"[+-]?[0-9]+")
"""What is written as a number: 007 and 0011 are names and digits in a row."""
_BLANKS: Final = re.compile(r"(\s+)")


def equals_any(accepted: Iterable[str], printed: str, exact: bool = False) -> bool:
    """Whether an output is one of those that are accepted. exact: whether numbers must be printed as they are expected."""
    return any(equals_output(expected, printed, exact) for expected in accepted)


def equals_output(expected: str, printed: str, exact: bool = False) -> bool:
    """Whether two outputs are the same; see above."""
    wanted, given = split_lines(expected), split_lines(printed)
    if wanted == given:
        return True
    if exact or len(wanted) != len(given):
        return False
    return all(one == other or _equal_line(one, other) for one, other in zip(wanted, given, strict=True))


def split_lines(text: str) -> list[str]:
    """A text's lines without blanks at their ends, and without empty lines at the text's."""
    lines = [line.rstrip() for line in re.split(r"\r\n|\n|\r", text)]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def find_difference(expected: str, printed: str, exact: bool = False) -> tuple[int, str, str] | None:
    """The number of the first line that differs, from 1, with both sides of it; None where nothing does."""
    wanted, given = split_lines(expected), split_lines(printed)
    for number in range(max(len(wanted), len(given))):
        one = wanted[number] if number < len(wanted) else ""
        other = given[number] if number < len(given) else ""
        there = number < min(len(wanted), len(given))
        if not there or (one != other and (exact or not _equal_line(one, other))):
            return number + 1, one, other
    return None


def _equal_line(expected: str, printed: str) -> bool:
    """Whether two lines have the same words and blanks, but for numbers that are near."""
    wanted, given = _BLANKS.split(expected), _BLANKS.split(printed)
    return len(wanted) == len(given) and all(
        one == other or _equal_numbers(one, other) for one, other in zip(wanted, given, strict=True)
    )


def _equal_numbers(expected: str, printed: str) -> bool:
    if not (_NUMBER.fullmatch(expected) and _NUMBER.fullmatch(printed)):
        return False
    if _WHOLE.fullmatch(expected) and _WHOLE.fullmatch(printed):
        return int(expected) == int(printed)
    whole, cut = (_WHOLE.fullmatch(one) is not None for one in (expected, printed))
    return is_near(Fraction(expected), Fraction(printed), whole, cut)


def is_near(expected: Fraction, given: Fraction, is_whole: bool, is_cut: bool) -> bool:
    """Whether a number that was computed is the expected one: within 1e-6, or within that share of one with a fraction.

    is_whole: whether the expected one is written without a fraction; is_cut: the one that is given. Then, and where both are
    whole, the share does not count: a whole number that approximates another by its share is another one. Floats beyond 2**53
    are whole without meaning it.
    """
    both = expected.denominator == given.denominator == 1
    whole = is_whole or ((is_cut or both) and abs(expected) < 2**53)
    return abs(expected - given) <= (TOLERANCE if whole else max(TOLERANCE, TOLERANCE * abs(expected)))
