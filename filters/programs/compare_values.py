"""Whether what a function gave back is what it should have given: plain values of JSON, compared by their very types.

true is not 1, and "1" is not 1. Whole numbers are equal or not; where one side is a number with a fraction they may differ as
printed numbers may (see `compare_outputs`). No object's own idea of equality is ever asked.
"""

from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any, Final

from filters.programs.compare_outputs import is_near

DEEPEST: Final = 200
"""How many lists or objects may stand inside each other: what JSON readers bear."""


def read_value(said: bytes) -> tuple[Any] | None:
    """What a program said that its function gave back, as the only one of a tuple; None where it is no JSON."""
    try:
        return (json.loads(said),)
    except (ValueError, RecursionError):
        return None


def equals_value(expected: Any, given: Any, exact: bool = False, depth: int = 0) -> bool:
    """Whether two values of JSON are the same. exact: whether numbers must be equal."""
    if depth > DEEPEST or isinstance(expected, bool) or isinstance(given, bool):
        return depth <= DEEPEST and expected is given
    if isinstance(expected, (int, float)) and isinstance(given, (int, float)):
        return _equal_numbers(expected, given, exact)
    if type(expected) is not type(given):
        return False
    if isinstance(expected, list):
        pairs = zip(expected, given, strict=False)
        return len(expected) == len(given) and all(
            equals_value(one, other, exact, depth + 1) for one, other in pairs
        )
    if isinstance(expected, dict):
        return expected.keys() == given.keys() and all(
            equals_value(one, given[key], exact, depth + 1) for key, one in expected.items()
        )
    return bool(expected == given)


def _equal_numbers(expected: float, given: float, exact: bool) -> bool:
    if expected == given or (isinstance(expected, int) and isinstance(given, int)):
        return expected == given
    odd = [one for one in (expected, given) if isinstance(one, float) and not math.isfinite(one)]
    if odd:
        return len(odd) == 2 and all(map(math.isnan, odd))
    return not exact and is_near(
        Fraction(expected), Fraction(given), isinstance(expected, int), isinstance(given, int)
    )
