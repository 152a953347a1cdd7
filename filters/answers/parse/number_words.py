"""Numbers written in English words: twenty-six, one and a half, three quarters, 3 million."""

from __future__ import annotations

import re
from fractions import Fraction

from filters.answers.wordlists import make_word_numbers

MAX_WORDS = 8
"""Words of a number before its unit."""

_UNITS = make_word_numbers(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS = {
    word: 10 * n
    for word, n in make_word_numbers("twenty thirty forty fifty sixty seventy eighty ninety", 2).items()
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {
    "half": 2, "halves": 2, "third": 3, "quarter": 4, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7,
    "eighth": 8, "ninth": 9, "tenth": 10, "twelfth": 12, "hundredth": 100,
}  # fmt: skip
_SCALED = re.compile(
    r"(?<![\d.])(\d++(?:\.\d++)?) ?(?:\\text\{ ?|\\ ?)?(thousand|million|billion|trillion|dozen|hundred)\b\}?"
    r"|(?<=\$)(\d++(?:\.\d++)?) ?([kKM])\b"
)
_SIZES = _SCALES | {"dozen": 12, "hundred": 100, "k": 1000, "K": 1000, "M": 10**6}


def expand_scaled_numbers(text: str) -> str:
    """The text with `3 million` and `$5k` written out in digits; a bare 5k may be five times k."""
    return _SCALED.sub(_expand_match, text, count=8)


def _expand_match(match: re.Match[str]) -> str:
    value = Fraction(match[1] or match[3]) * _SIZES[match[2] or match[4]]
    return str(value) + " " if value.denominator == 1 else match[0]


def expand_leading_number(text: str) -> str:
    """The text with the number in words that it begins with in digits: "three days" is 3 days."""
    words = text.split(" ", MAX_WORDS + 1)
    if len(words) < 2 or (not words[0].isalpha() and "-" not in words[0]):
        return text
    for count in range(min(len(words) - 1, MAX_WORDS), 0, -1):
        value = read_number(" ".join(words[:count]).casefold())
        if value is not None and value.denominator == 1:
            return " ".join([str(value), *words[count:]])
    return text


def read_number(text: str) -> Fraction | None:
    """The value of a number in words, or None."""
    words = text.replace("-", " ").split()
    if not 0 < len(words) <= 16:
        return None
    negative = words[0] in ("minus", "negative")
    value = _read_fraction(words[negative:])
    return -value if negative and value is not None else value


def _read_fraction(words: list[str]) -> Fraction | None:
    """A whole number, a fraction, or both joined by "and"."""
    if not words:
        return None
    part = _PARTS.get(words[-1]) or _PARTS.get(words[-1].removesuffix("s"))
    if part is None:
        return _read_whole(words)
    *rest, _ = words
    if "and" in rest:
        cut = len(rest) - 1 - rest[::-1].index("and")
        whole, top = _read_whole(rest[:cut]), _read_numerator(rest[cut + 1 :])
        return None if whole is None or top is None else whole + top / part
    top = _read_numerator(rest)
    return None if top is None else top / part


def _read_numerator(words: list[str]) -> Fraction | None:
    return Fraction(1) if words in ([], ["a"], ["an"]) else _read_whole(words)


def _read_whole(words: list[str]) -> Fraction | None:
    total = current = 0
    seen = False
    for word in words:
        if word in _UNITS or word in _TENS:
            step = _UNITS.get(word, _TENS.get(word, 0))
            if seen and (current % 10 or (step >= 10 and current % 100)):
                return None
            current += step
        elif word == "hundred":
            current = (current or 1) * 100
        elif word in ("dozen",):
            current = (current or 1) * 12
        elif word in _SCALES:
            total, current = total + (current or 1) * _SCALES[word], 0
        elif word in ("and", "a") and (seen or word == "a"):
            continue
        else:
            return None
        seen = True
    return Fraction(total + current) if seen else None
