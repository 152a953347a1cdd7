"""Chains that repeat themselves, and chains that only seem to: what the repetition check is measured on.

The clean chains are drawn from a large bank of sentences made from a grammar, so that a sentence seldom comes
back, with tables and searches through cases among them; then one repetition of a kind is planted.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

KINDS = (
    *("exact_tail", "exact_middle", "block_tail", "long_block", "chinese", "near", "swapped", "dropped"),
    *("numbers", "line", "paragraphs", "short_line"),
)

_OPENINGS = [
    "So",
    "Now",
    "Then",
    "Hence",
    "Well",
    "Next",
    "Here",
    "Again",
    "Clearly",
    "Also",
    "Still",
    "Since that holds,",
    "If so,",
    "Hmm,",
    "Okay,",
]
_SUBJECTS = [
    "the farmer",
    "the first train",
    "every guest",
    "the remaining sum",
    "this equation",
    "the left side",
    "the smaller root",
    "our bound",
    "the tank",
    "each shelf",
    "the second term",
    "the whole product",
    "that fraction",
    "the shaded region",
    "the inner circle",
    "the number of ways",
    "her brother",
    "the last digit",
]
_VERBS = [
    "needs",
    "gives",
    "loses",
    "contains",
    "cannot exceed",
    "must equal",
    "is close to",
    "divides",
    "leaves",
    "reaches",
    "covers",
    "adds up to",
    "comes before",
    "goes beyond",
    "depends on",
    "stays below",
    "turns into",
    "rules out",
]
_OBJECTS = [
    "{a} litres",
    "the value {a}",
    "a multiple of {a}",
    "{a} of the books",
    "half of {a}",
    "the next square",
    "an odd number",
    "the same angle",
    "exactly {a} cases",
    "the opposite side",
    "$x^2-{a}x+{b}$",
    "about {a} minutes",
    "one more than {a}",
    "the original length",
    "at most {a} steps",
]
_ENDINGS = [
    "",
    ", as the statement says",
    ", which I can check",
    ", unless {b} is even",
    ", so nothing changes",
    ", and that is fine",
    ", because {b} is larger",
    " after {b} days",
    " for every choice of $n$",
    " by symmetry",
    ", although it looks odd",
    ", when we start from {b}",
    ", and then I divide by {b}",
]

_FILLERS = ["maybe", "perhaps", "again", "actually", "really", "now", "just", "then", "also", "still"]
_CHINESE = [
    "我们再检查一遍这个结果是否正确。",
    "等一下，前面的条件好像用错了。",
    "所以甲比乙多走了一段路。",
    "那么两边同时除以这个数就可以了。",
    "不过题目要求的是剩下的部分。",
    "也许应该换一种方法来算。",
]

PROBLEM = (
    "A farmer sells sheep at the market, and trains meet on the way. How many litres are left in the tank?"
)


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain and the kind of repetition planted in it; `clean` for none."""

    text: str
    kind: str


def sentence(rng: random.Random) -> str:
    """A sentence that hardly ever comes twice."""
    parts = [rng.choice(_OPENINGS), rng.choice(_SUBJECTS), rng.choice(_VERBS), rng.choice(_OBJECTS)]
    line = " ".join(parts) + rng.choice(_ENDINGS) + "."
    return line.replace("{a}", str(rng.randint(2, 99))).replace("{b}", str(rng.randint(2, 99)))


def paragraph(rng: random.Random) -> str:
    """Three to six sentences; now and then a table of steps or a search through cases."""
    draw = rng.random()
    if draw < 0.01:
        start = rng.randint(1, 9)
        return "\n".join(
            f"Step {n}: {n} + {n * n} = {n + n * n}" for n in range(start, start + rng.randint(4, 9))
        )
    if draw < 0.02:
        start = rng.randint(1, 40)
        return "\n".join(
            f"If n = {n}, then n mod 7 is {n % 7}, so it fails." for n in range(start, start + 8)
        )
    if draw < 0.025:
        return "| n | value |\n|---|---|\n" + "\n".join(f"| {n} | {n * n} |" for n in range(1, 6))
    return " ".join(sentence(rng) for _ in range(rng.randint(3, 6)))


def clean(size: int, rng: random.Random) -> list[str]:
    """Paragraphs of about `size` characters together."""
    found, length = [], 0
    while length < size:
        found.append(paragraph(rng))
        length += len(found[-1]) + 2
    return found


def chain(size: int, rng: random.Random, kind: str = "clean") -> Chain:
    """A chain of about `size` characters with one repetition of a kind."""
    if kind == "short_line":
        return _short(rng)
    paragraphs = clean(size, rng)
    if kind != "clean":
        paragraphs = _plant(paragraphs, kind, rng)
    return Chain("\n\n".join(paragraphs), kind)


def _plant(paragraphs: list[str], kind: str, rng: random.Random) -> list[str]:
    at = rng.randrange(len(paragraphs) // 2, len(paragraphs))
    if kind == "paragraphs":
        again = " ".join(sentence(rng) for _ in range(5))
        for _ in range(rng.randint(3, 6)):
            place = rng.randrange(len(paragraphs))
            paragraphs = [*paragraphs[:place], again, *paragraphs[place:]]
        return paragraphs
    loop = _loop(kind, rng)
    if kind in ("exact_tail", "block_tail", "long_block"):
        return [*paragraphs[:at], loop[: rng.randint(len(loop) * 7 // 8, len(loop))]]
    return [*paragraphs[:at], loop, *paragraphs[at:]]


def _loop(kind: str, rng: random.Random) -> str:
    line = sentence(rng)
    if kind in ("exact_tail", "exact_middle"):
        return (line + " ") * rng.randint(5, 40)
    if kind == "block_tail":
        return ("\n".join(sentence(rng) for _ in range(rng.randint(2, 8))) + "\n\n") * rng.randint(4, 12)
    if kind == "long_block":
        return ("\n\n".join(clean(rng.randint(800, 2500), rng)) + "\n\n") * rng.randint(4, 6)
    if kind == "chinese":
        return "".join(rng.sample(_CHINESE, rng.randint(1, 4))) * rng.randint(5, 20)
    if kind == "line":
        return (line + "\n") * rng.randint(3, 12)
    if kind == "numbers":
        stem = f"Wait, let me check once more whether {rng.choice(_SUBJECTS)} really {rng.choice(_VERBS)} the value"
        return " ".join(f"{stem} {rng.randint(2, 99)}." for _ in range(rng.randint(6, 20)))
    stem = f"Hmm, let me think about {rng.choice(_SUBJECTS)} once more before I give the answer here."
    return " ".join(_changed(stem.split(), kind, rng) for _ in range(rng.randint(6, 20)))


def _changed(words: list[str], kind: str, rng: random.Random) -> str:
    """A copy of a sentence with a word added (`near`), replaced (`swapped`) or left out (`dropped`)."""
    place = rng.randrange(2, len(words) - 1)
    kept = words[place:] if kind == "near" else words[place + 1 :]
    return " ".join([*words[:place], *([] if kind == "dropped" else [rng.choice(_FILLERS)]), *kept])


def _short(rng: random.Random) -> Chain:
    """A tiny model's chain with one of its lines three times or more in a row."""
    value, lines = rng.randint(10, 99), []
    for _ in range(rng.randint(2, 4)):
        step = rng.randint(1, 9)
        lines.append(f"{value} + {step} = {value + step}")
        value += step
    at = rng.randrange(len(lines))
    return Chain("\n".join(lines[:at] + [lines[at]] * rng.randint(3, 5) + lines[at + 1 :]), "short_line")
