"""What one cell says, in any usual form: a flag, a count, a share, a name or a language."""

from __future__ import annotations

import re
from typing import Any, Final

from curate.readers.shapes.cells import is_empty, is_number
from curate.readers.shapes.language_names import find_language

_DIGIT: Final = re.compile(r"[01](?:\.0*)?")
_DIGITS: Final = re.compile(r"\s*(?:[0-9]{1,10}|[0-9]{1,3}(?:,[0-9]{3}){1,3})(?:\.0)?\s*")
_TRUE: Final = frozenset(
    ["true", "t", "yes", "y", "right", "correct", "pass", "passed", "accepted", "accept"]
)
_FALSE: Final = frozenset(
    ["false", "f", "no", "n", "wrong", "incorrect", "fail", "failed", "rejected", "reject"]
)


def read_language(value: Any) -> str:
    """The code of the language that a cell names; empty where it names none."""
    return find_language(value) or "" if isinstance(value, str) else ""


def read_count(value: Any) -> int | None:
    """A count of tokens, as a number or its digits."""
    if type(value) is int and 0 <= value < 2**31:
        return value
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = float(value.replace(",", ""))
    if not is_number(value) or is_empty(value) or not 0 <= value < 2**31:
        return None
    return int(value) if value == int(value) else None


def read_flag(value: Any, numbers: bool = False) -> bool | None:
    """Whether a cell says right or wrong, as a flag or a word, or with `numbers` as 1 and 0; None where it says neither."""
    if isinstance(value, bool):
        return value
    if numbers and is_number(value) and value in (0, 1):
        return bool(value)
    if numbers and isinstance(value, str) and _DIGIT.fullmatch(value.strip()):
        return value.strip()[0] == "1"
    word = value.strip().lower().rstrip(".") if isinstance(value, str) else ""
    return True if word in _TRUE else False if word in _FALSE else None


def read_rate(value: Any) -> float | None:
    """A share from 0 to 1, as a number or a text that is one; None where it is none ("n/a")."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return float(value) if is_number(value) and 0 <= value <= 1 else None


def read_word(value: Any) -> str:
    """A cell that names something, as a text; empty where it is no word or number."""
    if type(value) is str:
        return value
    if is_empty(value) or isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    return str(value)
