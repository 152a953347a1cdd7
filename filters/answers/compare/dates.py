"""Compare dates: in words, or in digits that tell the day from the month or do not.

A date without its year is not proved to be one with it. `12/25/2020` is a date only beside another one; where both of
its first numbers may be the month, it proves nothing.
"""

from __future__ import annotations

import re

from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node

Told = tuple[str, Node]
Date = tuple[str, int, int]
"""Year in digits, or nothing; month; day."""

_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})(?:/(\d{2}|\d{4}))?")
_RULE = "dates"


def compare_dates(one: Told, two: Told) -> ComparisonResult | None:
    """Compare two answers, each a text with its tree, as dates; None where they are not both dates."""
    if one[1] == two[1]:
        return None
    known = [_read_known(node) for _, node in (one, two)]
    written = [_read_slashed(text) for text, _ in (one, two)]
    if known[0] is not None and known[1] is not None:
        return ComparisonResult(_is_same_date(known[0], known[1]), _RULE)
    if written[0] and written[1]:
        return _compare_written(written[0], written[1])
    date, choices = known[0] or known[1], written[0] or written[1]
    if date is None or not choices:
        return None
    found = [_is_same_date(date, choice) for choice in choices]
    if set(found) == {False}:
        return ComparisonResult(False, _RULE)
    sure = found == [True] and bool(choices[0][0])  # 12/25 may be a fraction
    return ComparisonResult(True if sure else None, _RULE)


def _compare_written(one: list[Date], two: list[Date]) -> ComparisonResult | None:
    """Two dates in digits: of one order, or both clear; else they may be quotients, and are not judged here."""
    if not (len(one[0][0]) == len(two[0][0]) == 4) or not set(one) & set(two):
        return None
    return ComparisonResult(True if one == two or len(one) == len(two) == 1 else None, _RULE)


def _read_known(node: Node) -> Date | None:
    if node.op != "date":
        return None
    year, month, day = node.name.split("-")
    return year, int(month), int(day)


def _read_slashed(text: str) -> list[Date]:
    """What a date in digits may be: the month first, then the day first; one where they are the same."""
    match = _SLASHED.fullmatch(text.strip())
    if match is None:
        return []
    first, second, year = int(match[1]), int(match[2]), match[3] or ""
    orders = dict.fromkeys(((year, first, second), (year, second, first)))
    return [date for date in orders if 1 <= date[1] <= 12 and 1 <= date[2] <= 31]


def _is_same_date(one: Date, two: Date) -> bool | None:
    """Whether two dates are one; None where a year is missing on one side, or its century."""
    if one[1:] != two[1:]:
        return False
    if one[0] == two[0]:
        return True if len(one[0]) != 2 else None
    if one[0] and two[0] and len(one[0]) != 2 and len(two[0]) != 2:
        return False
    return None if one[0][-2:] == two[0][-2:] or not (one[0] and two[0]) else False
