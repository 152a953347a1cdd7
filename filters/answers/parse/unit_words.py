"""Units spelled by the tokens after a number: `m/s^2`, `square feet`, `dollars per day`, or a counted thing."""

from __future__ import annotations

from collections.abc import Sequence

from filters.answers.parse.tokens import Token
from filters.answers.units import Unit, find_unit, multiply_units
from filters.answers.wordlists import make_word_set

MAX_WORDS = 6
"""Words a counted thing may have: "red balls left in the box"."""

_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3}
_AFTER = {"squared": 2, "cubed": 3}
_NOT_THINGS = make_word_set(
    "not or and if but about approximately around is are was were be no nor than least most more less at "
    "because since so when where which otherwise either sin cos tan log ln mod solution solutions hence "
    "for all any with x y z pi infinity only when"
)
_FILLER = make_word_set("a an the of each per")


def read_unit(tokens: Sequence[Token]) -> Unit | None:
    """The unit that all of these tokens spell, or None."""
    if not tokens or len(tokens) > 24:
        return None
    return _read_measure(tokens) or _read_counted_thing(tokens)


def _read_measure(tokens: Sequence[Token]) -> Unit | None:
    factors: list[tuple[Unit, int]] = []
    sign = power = 1
    i = 0
    while i < len(tokens):
        word = tokens[i].value
        if word in ("/", "per", "a", "an", "each") and factors:
            sign = -1
        elif word in _POWERS:
            power = _POWERS[word]
        elif word not in ("*", "(", ")", "{", "}", "-", "."):
            unit, i = _read_name(tokens, i)
            if unit is None:
                return None
            exponent, i = _read_exponent(tokens, i + 1)
            factors.append((unit, sign * power * exponent))
            power, i = 1, i - 1
        i += 1
    return multiply_units(factors, _join_values(tokens)) if factors and power == 1 else None


def _read_name(tokens: Sequence[Token], i: int) -> tuple[Unit | None, int]:
    """The unit at i; `° C` and `degrees Celsius` take two tokens."""
    word = tokens[i].value
    after = tokens[i + 1].value if i + 1 < len(tokens) else ""
    if word in ("°", "degree", "degrees") and after.casefold() in ("c", "celsius", "f", "fahrenheit"):
        return find_unit("°" + after[0].upper()), i + 1
    return find_unit(word), i


def _read_exponent(tokens: Sequence[Token], i: int) -> tuple[int, int]:
    """The exponent written at i, and where the tokens go on."""
    rest = [token.value for token in tokens[i : i + 5]]
    if rest and rest[0] in _AFTER:
        return _AFTER[rest[0]], i + 1
    if not rest or rest[0] != "^":
        return 1, i
    digits = [value for value in rest[1:] if value not in "{}"]
    braced = rest[1:2] == ["{"]
    minus = digits[:1] == ["-"]
    number = digits[1] if minus and len(digits) > 1 else digits[0] if digits else ""
    if not number.isdigit() or len(number) > 1:
        return 1, i
    used = 2 + minus + (2 if braced else 0)
    return (-int(number) if minus else int(number)), i + used


def _read_counted_thing(tokens: Sequence[Token]) -> Unit | None:
    first = tokens[0]
    if not (first.spaced or first.text or not first.value.isascii()):
        return None
    words = [token.value.casefold() for token in tokens if token.value not in ("-", "'", '"', "{", "}")]
    things = [word for word in words if word not in _FILLER]
    if not things or len(things) > MAX_WORDS or _NOT_THINGS & set(things):
        return None
    if not all(word.isalpha() and (len(word) > 2 or not word.isascii()) for word in things):
        return None
    return Unit(" ".join(word.removesuffix("s") for word in things), None)


def _join_values(tokens: Sequence[Token]) -> str:
    return " ".join(token.value for token in tokens)
