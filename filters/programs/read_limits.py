"""A row's limits of time and memory, in the units that public sets have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from filters.programs.errors import UnreadableTestsError

LONGEST_S: Final = 120.0
MOST_BYTES: Final = 16 << 30
"""What a row may ask for at most."""
_LONGEST_TEXT: Final = 100
_SECONDS: Final = re.compile(
    r"(?:[0-9.]{1,12} ?(?:-|to|/) ?)?([0-9]{1,12}(?:\.[0-9]{0,12})?) ?(ms|milliseconds?|s|sec|secs|seconds?|m|min|minutes?)?(?: per test)?", re.IGNORECASE
)  # fmt: skip
_BYTES: Final = re.compile(
    r"([0-9]{1,12}(?:\.[0-9]{0,12})?) ?(b|bytes?|kb|kib|kilobytes?|mb|mib|megabytes?|gb|gib|gigabytes?)?(?: per test)?", re.IGNORECASE
)  # fmt: skip
_SIZES: Final = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30}
_MOST_SECONDS, _MOST_MEGABYTES, _MOST_KILOBYTES = 100, 1 << 14, 1 << 24
"""Above these, a limit without a unit is in the next smaller one: nobody gives a test 2,000 seconds, or 262,144 megabytes."""


def read_seconds(value: Any) -> float | None:
    """A limit of time, at most LONGEST_S; a number is seconds, or milliseconds where it would be too many. Raises UnreadableTestsError."""
    if value is None or value == "":
        return None
    if isinstance(value, Mapping) and "seconds" in value:  # as in CodeContests
        parts = [value.get(key) or 0 for key in ("seconds", "nanos")]
        if not all(type(one) in (int, float) and 0 <= one <= 10**10 for one in parts):
            raise UnreadableTestsError(f"its time limit cannot be read: {str(parts)[:60]}")
        return min(parts[0] + parts[1] / 1e9, LONGEST_S) or None
    found = None if isinstance(value, bool) else _SECONDS.fullmatch(_shorten(value))
    if found is None:
        raise UnreadableTestsError(f"its time limit cannot be read: {str(value)[:60]}")
    number, unit = float(found[1]), (found[2] or "").lower()
    if unit == "m" or unit.startswith("min"):
        number *= 60
    elif unit.startswith("m") or (not unit and number > _MOST_SECONDS):
        number /= 1000
    return min(number, LONGEST_S) or None


def read_bytes(value: Any) -> int | None:
    """A limit of memory, at most MOST_BYTES; a number is megabytes, or kilobytes or bytes where those would be too many.

    Raises UnreadableTestsError.
    """
    if value is None or value == "":
        return None
    found = None if isinstance(value, bool) else _BYTES.fullmatch(_shorten(value))
    if found is None:
        raise UnreadableTestsError(f"its memory limit cannot be read: {str(value)[:60]}")
    number, unit = float(found[1]), (found[2] or "")[:1].lower()
    if not unit:
        unit = "m" if number <= _MOST_MEGABYTES else "k" if number <= _MOST_KILOBYTES else "b"
    return min(int(number * _SIZES[unit]), MOST_BYTES) or None


def _shorten(value: object) -> str:
    """A limit as text; nothing where it is longer than any limit."""
    text = str(value)
    return text.strip() if len(text) <= _LONGEST_TEXT else ""
