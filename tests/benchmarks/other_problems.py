"""Pairs of problems that read almost the same and differ in one thing, so that they are two problems."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Final

Change = Callable[[str, random.Random], str | None]
"""A problem -> one that differs from it in one thing; None where it has no such thing."""


def change_number(text: str, rng: random.Random) -> str | None:
    """One number another."""
    found = list(re.finditer(r"\d+", text))
    if not found:
        return None
    one = rng.choice(found)
    return text[: one.start()] + str(int(one[0]) + rng.choice((1, 2, 10))) + text[one.end() :]


def change_variable(text: str, rng: random.Random) -> str | None:
    """One letter of a formula, at one place, another."""
    formulas = re.finditer(r"\$([^$]+)\$", text)
    inside = [found.span(1) for found in formulas if not re.search(r"[a-z]{3} |'", found[1])]
    letters = [
        one
        for one in re.finditer(r"(?<![A-Za-z\\{])[a-zA-Z](?![A-Za-z}])", text)
        if any(begin <= one.start() < end for begin, end in inside)
    ]
    if not letters:
        return None
    one = rng.choice(letters)
    return text[: one.start()] + ("k" if one[0] != "k" else "m") + text[one.end() :]


def _change_one(listed: Sequence[tuple[str, str]]) -> Change:
    def change(text: str, rng: random.Random) -> str | None:
        there = [pair for pair in listed if pair[0] in text]
        if not there:
            return None
        sought, other = rng.choice(there)
        at = rng.choice([found.start() for found in re.finditer(re.escape(sought), text)])
        return text[:at] + other + text[at + len(sought) :]

    return change


def give_options(text: str, rng: random.Random) -> str:
    """The problem as a multiple choice."""
    numbers = rng.sample(range(2, 60), 4)
    return text + "\n" + "  ".join(f"({label}) {n}" for label, n in zip("ABCD", numbers, strict=True))


def change_option(text: str, rng: random.Random) -> str | None:
    """One option, or the order of two."""
    found = list(re.finditer(r"\(([A-D])\) (\d+)", text))
    if len(found) != 4:
        return None
    one, other = rng.sample(found, 2)
    if rng.random() < 0.5:
        return text[: one.start(2)] + str(int(one[2]) + 1) + text[one.end(2) :]
    first, last = sorted((one, other), key=lambda match: match.start())
    between = text[first.end(2) : last.start(2)]
    return text[: first.start(2)] + last[2] + between + first[2] + text[last.end(2) :]


_NUMBER_WORDS: Final = (
    (" two ", " three "), (" three ", " four "), (" four ", " five "), (" five ", " six "), (" ten ", " twelve "), (" half ", " third "),
    (" twice ", " thrice "), ("两", "三"), ("三", "四"), ("一半", "三分之一"),
)  # fmt: skip
_SIGNS: Final = (
    (" + ", " - "), (" - ", " + "), ("+", "-"), ("\\cdot", "+"), ("\\times", "\\div"), (" < ", " > "), (" > ", " < "), ("\\le ", "\\ge "),
    ("\\leq", "\\geq"), ("\\geq", "\\leq"), ("\\ge ", "\\le "), (" = ", " \\neq "), ("\\sin", "\\cos"), ("\\cos", "\\sin"),
    ("\\cup", "\\cap"), ("\\sqrt{", "{"), ("(-", "("), ("-", "+"), ("%", ""),
)  # fmt: skip
_NEGATIONS: Final = (
    (" is ", " is not "),
    (" are ", " are not "),
    (" can ", " cannot "),
    (" not ", " "),
    ("是", "不是"),
    ("能", "不能"),
)
_OPPOSITES: Final = (
    ("more than", "less than"), ("positive", "negative"), ("largest", "smallest"), ("smallest", "largest"), ("greatest", "least"),
    ("maximum", "minimum"), ("minimum", "maximum"), (" odd ", " even "), (" even ", " odd "), ("increasing", "decreasing"),
    (" area ", " perimeter "), (" sum ", " product "), ("多了", "少了"), ("增加", "减少"), ("之和", "之差"), ("便宜", "贵"),
)  # fmt: skip

OTHER_PROBLEMS: Final[dict[str, Change]] = {
    "a number": change_number,
    "a number in words": _change_one(_NUMBER_WORDS),
    "a sign, operator or relation": _change_one(_SIGNS),
    "a variable": change_variable,
    "a negation": _change_one(_NEGATIONS),
    "an option": change_option,
    "an opposite": _change_one(_OPPOSITES),
}
"""Each way in which a problem becomes another; the last is by words alone, which no rule on signs can see."""
