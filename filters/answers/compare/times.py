"""Compare clock times, which look like ratios: 12:00 is not 1:00, though 12:0 is to 1:0 what it likes.

Two texts like 6:30 are compared as times where the prompt asks for one; otherwise as times and as ratios, and
only what both say is proved.
"""

from __future__ import annotations

import re

from filters.answers.compare.views import split_quantity
from filters.answers.finding import ComparisonResult
from filters.answers.parse.nodes import Node
from filters.answers.prove.exact import InexactError, compute_rational

_HALF = re.compile(r"[ap]\.? ?m\b|[上下]午|午[前後后]|早上|晚上|凌晨|오전|오후", re.IGNORECASE)
_PAIR = re.compile(r"(\d{1,4}) ?(?:[-:*x×]|\\times|to|by) ?(\d{1,4})")
_PLAIN = re.compile(r"(\d{1,2}) ?: ?([0-5]\d)(?: ?: ?([0-5]\d))?")

Told = tuple[str, Node]


def compare_times(one: Told, two: Told, *, asked: bool) -> ComparisonResult | None:
    """Compare two answers, each a text with its tree, as times; None where one of them is no time.

    asked: whether the prompt asks for a time of day.
    """
    first, second = _read_time(*one), _read_time(*two)
    if first is None or second is None:
        return None
    equal = _is_same_time(first, second)
    sure = asked or "clock" in (one[1].op, two[1].op)
    if sure or one[1] == two[1]:
        return ComparisonResult(equal, "times")
    crossed = first[0] * 60 * second[1] == second[0] * 60 * first[1]
    ratio = crossed and all(part != 0 for time in (first, second) for part in time[:2])
    return ComparisonResult(False if equal is False and not ratio else None, "times or ratios")


def compare_pairs(one: str, two: str, *, sized: bool) -> ComparisonResult | None:
    """Compare scores and sizes, 2:1 or 2 x 3, number by number: they are no ratios, differences or products.

    sized: whether they are dimensions, which may be told in another order, and of which a ratio may be meant.
    """
    first, second = _PAIR.fullmatch(one.strip()), _PAIR.fullmatch(two.strip())
    if first is None and second is None:
        return None
    if first is None or second is None:
        return ComparisonResult(None, "two numbers in one")
    if first.groups() == second.groups():
        return ComparisonResult(True, "two numbers in one")
    (a, b), (c, d) = ([int(part) for part in match.groups()[-2:]] for match in (first, second))
    related = sized and ((a, b) == (d, c) or a * d == b * c)
    return ComparisonResult(None if related else False, "two numbers in one")


def compare_durations(one: Told, two: Told) -> ComparisonResult | None:
    """1:30:00 against 1.5 hours: as a duration of hours, minutes and seconds; 1:30 may be of hours or of minutes."""
    for (text, _), (_, node) in ((one, two), (two, one)):
        match = _PLAIN.fullmatch(text.strip())
        value, unit = split_quantity(node)
        if (
            match is None
            or unit is None
            or (("time", 1),) not in {part.dimension for part in unit.list_readings()}
        ):
            continue
        try:
            seconds = compute_rational(value) * unit.factor
        except InexactError:
            return None
        first, second = int(match[1]), int(match[2])
        if match[3]:
            return ComparisonResult(first * 3600 + second * 60 + int(match[3]) == seconds, "duration")
        if seconds in (first * 3600 + second * 60, first * 60 + second):
            return ComparisonResult(None, "duration or ratio")
    return None


def _read_time(text: str, node: Node) -> tuple[int, int, int, str] | None:
    """Hour, minute, second, and how the half of the day is told: by a.m. or p.m., by the 24 hours, or not."""
    if node.op == "clock":
        hour, minute = (int(part) for part in node.name.rstrip("?").split(":"))
        half = "24" if not node.name.endswith("?") else _tell_half(hour)
        return hour, minute, 0, "said" if _HALF.search(text) else half
    match = _PLAIN.fullmatch(text.strip())
    if match is None or int(match[1]) > 24:
        return None
    hour = int(match[1])
    return hour, int(match[2]), int(match[3] or 0), _tell_half(hour)


def _tell_half(hour: int) -> str:
    return "24" if hour == 0 or hour > 12 else ""


def _is_same_time(a: tuple[int, int, int, str], b: tuple[int, int, int, str]) -> bool | None:
    """Whether two times are one; a.m. and p.m. may be missing on one side, as a unit may.

    None where one side may mean either half of the day and the other counts the hours to 24.
    """
    if a[1:3] != b[1:3] or a[0] % 12 != b[0] % 12:
        return False
    if a[3] and b[3]:
        return a[0] % 24 == b[0] % 24
    return True if a[3] == b[3] or "said" in (a[3], b[3]) else None
