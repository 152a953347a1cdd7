"""Chains in fourteen languages, clean and mixed, written for this project: what the language check is measured on.

A chain is drawn from one language's sentences with fresh numbers; a mixed one has one
planted sentence, clause, word or tail of another language; a clean one may hold what only looks like a mix.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.benchmarks.langmix_bank import SENTENCES, TRAPS, WORDS

KINDS = ("sentence", "clause", "word", "tail", "alternating", "other_language")


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain with its language, whether it is mixed, how, and with which language."""

    text: str
    language: str
    kind: str
    other: str = ""

    @property
    def mixed(self) -> bool:
        """Whether a foreign segment was planted."""
        return self.kind != "clean"


def sentences(language: str, rng: random.Random) -> Iterator[str]:
    """Sentences of a language without end, with fresh numbers, shuffled anew each round."""
    bank = [line.strip() for line in SENTENCES[language].strip().splitlines()]
    while True:
        for line in rng.sample(bank, len(bank)):
            numbers = {name: str(rng.randint(2, 99)) for name in "abc"}
            for name, number in numbers.items():
                line = line.replace("{" + name + "}", number)
            yield line


def chain(
    language: str, size: int, rng: random.Random, kind: str = "clean", other: str = "", traps: float = 0.08
) -> Chain:
    """A chain of about `size` bytes; with a kind of mix, one with `other` planted in it.

    traps: how many sentences are followed by something that only looks like a mix.
    """
    source = sentences(other if kind == "other_language" else language, rng)
    lines: list[str] = []
    length = 0
    while length < size or len(lines) < 3:
        added = [next(source), *([rng.choice(TRAPS)] if rng.random() < traps else [])]
        lines += added
        length += sum(len(line.encode()) + 1 for line in added)
    if kind not in ("clean", "other_language"):
        lines = _plant(lines, kind, other, rng)
    joined = rng.choice(["\n", "\n\n", " "]).join(lines)
    return Chain(joined, language, kind, other)


def _plant(lines: list[str], kind: str, other: str, rng: random.Random) -> list[str]:
    foreign, at = sentences(other, rng), rng.randrange(len(lines))
    if kind == "tail":
        return lines + [next(foreign) for _ in range(3)]
    if kind == "alternating":
        return [next(foreign) if number % 2 else line for number, line in enumerate(lines)]
    if kind == "sentence":
        return [*lines[:at], next(foreign), *lines[at:]]
    prose = [number for number, line in enumerate(lines) if line not in TRAPS]
    at = rng.choice(prose)
    return [*lines[:at], _planted(lines[at], kind, other, next(foreign), rng), *lines[at + 1 :]]


def _planted(line: str, kind: str, other: str, foreign: str, rng: random.Random) -> str:
    if kind == "clause":
        return line.rstrip(".。।") + ", " + foreign
    word = rng.choice(WORDS[other])
    if rng.random() < 0.5:
        return f"{word[0].upper()}{word[1:]}, {line}"
    middle = line.find(" ", len(line) // 2)
    return f"{line[:middle]} {word} {line[middle + 1 :]}" if middle > 0 else f"{word}, {line}"


def test_set(each: int, seed: int) -> list[Chain]:
    """`each` clean and as many mixed chains of every kind a language, short and long, reproducibly."""
    rng = random.Random(seed)
    found = []
    for language in SENTENCES:
        others = [other for other in SENTENCES if other != language]
        for number in range(each * len(KINDS)):
            size = rng.choice([300, 1500, 6000])
            found.append(chain(language, size, rng))
            kind = KINDS[number % len(KINDS)]
            other = rng.choice(["en", "zh", *others])
            found.append(chain(language, size, rng, kind, other if other != language else rng.choice(others)))
    return found
