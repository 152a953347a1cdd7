"""The mini world's problems: arithmetic of several steps, asked in words in English and Chinese.

A problem starts from a number and changes it step by step. Five levels, from two small steps to four
steps with totals up to 199 and multiplication, spread the difficulty, so that a model's pass rates lie
between 0 and 1. Which problems are held out for evaluation is a property of their numbers alone: no
corpus, prompt set or phrasing can leak one.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from recipes.mini.words import ASKING_WORDS, COMMA, LANGUAGES, NAMES, THINGS, VERBS, Language

Operation = Literal["+", "-", "*"]
HELD_OUT_SHARE = 8
"""One problem in so many is kept for evaluation."""


@dataclass(frozen=True, slots=True)
class Level:
    """What makes a problem hard: its steps, the largest operand and total, and whether it multiplies."""

    steps: int
    operand: int
    total: int
    multiplies: bool = False


LEVELS: dict[int, Level] = {
    1: Level(steps=2, operand=9, total=99),
    2: Level(steps=2, operand=49, total=99),
    3: Level(steps=3, operand=49, total=99),
    4: Level(steps=3, operand=79, total=199, multiplies=True),
    5: Level(steps=4, operand=79, total=199, multiplies=True),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the number; `verb` picks among the phrases that say it."""

    operation: Operation
    operand: int
    verb: int

    def of(self, value: int) -> int:
        """The number after this step."""
        if self.operation == "*":
            return value * self.operand
        return value + self.operand if self.operation == "+" else value - self.operand


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem in one language; `frame` is how it is told, a story or plain orders."""

    start: int
    steps: tuple[Step, ...]
    level: int
    language: Language
    frame: Literal["story", "plain"]
    name: int
    thing: int

    @property
    def values(self) -> tuple[int, ...]:
        """The number at the start and after each step."""
        values = [self.start]
        for step in self.steps:
            values.append(step.of(values[-1]))
        return tuple(values)

    @property
    def answer(self) -> int:
        """The number after the last step."""
        return self.values[-1]

    @property
    def numbers(self) -> str:
        """The problem without its words, as `47+38-12`, worked from left to right."""
        return str(self.start) + "".join(f"{step.operation}{step.operand}" for step in self.steps)

    @property
    def held_out(self) -> bool:
        """Whether the problem is kept for evaluation."""
        return hashlib.blake2b(self.numbers.encode(), digest_size=4).digest()[0] % HELD_OUT_SHARE == 0

    def phrase(self, index: int, language: Language) -> str:
        """A step in words, in the problem's language or the other one."""
        step = self.steps[index]
        return VERBS[language, self.frame][step.operation][step.verb].format(n=step.operand)

    @property
    def question(self) -> str:
        """What the user asks."""
        told, asked = ASKING_WORDS[self.language, self.frame]
        phrases = [self.phrase(index, self.language) for index in range(len(self.steps))]
        return (told + asked).format(
            start=self.start,
            steps=COMMA[self.language].join(phrases),
            name=NAMES[self.language][self.name],
            thing=THINGS[self.language][self.thing],
        )


def make_generator(seed: int) -> random.Random:
    """The world's source of chance: equal seeds, equal worlds."""
    return random.Random(seed)  # noqa: S311  nothing here is secret


def draw_problem(rng: random.Random, held_out: bool) -> Problem:
    """A random problem of a random level and language, from the held-out ones or from the others."""
    while True:
        problem = _draw(rng, rng.choice(list(LEVELS)), rng.choice(LANGUAGES))
        if problem.held_out == held_out:
            return problem


def problems(seed: int, count: int, held_out: bool) -> Iterator[Problem]:
    """Problems with different numbers, levels and languages taking turns; equal seeds, equal problems."""
    rng, seen = make_generator(seed), set[str]()
    while len(seen) < count:
        turn = len(seen)
        level, language = turn % len(LEVELS) + 1, LANGUAGES[turn // len(LEVELS) % 2]
        problem = _draw(rng, level, language)
        if problem.held_out == held_out and problem.numbers not in seen:
            seen.add(problem.numbers)
            yield problem


def _draw(rng: random.Random, level: int, language: Language) -> Problem:
    limits = LEVELS[level]
    frame: Literal["story", "plain"] = rng.choice(("story", "plain"))
    start = value = rng.randint(5, limits.total // 2)
    steps: list[Step] = []
    while len(steps) < limits.steps:
        step = _draw_step(rng, value, limits, frame)
        value = step.of(value)
        steps.append(step)
    return Problem(start, tuple(steps), level, language, frame, rng.randrange(6), rng.randrange(6))


def _draw_step(rng: random.Random, value: int, limits: Level, frame: str) -> Step:
    operation = _draw_operation(rng, value, limits)
    if operation == "*":
        operand = rng.randint(2, min(5, limits.total // value))
    else:
        room = limits.total - value if operation == "+" else value - 1
        operand = rng.randint(min(2 if limits.operand < 10 else 6, room), min(limits.operand, room))
    return Step(operation, operand, rng.randrange(len(VERBS["en", frame][operation])))


def _draw_operation(rng: random.Random, value: int, limits: Level) -> Operation:
    if limits.multiplies and value * 2 <= limits.total and rng.random() < 0.35:
        return "*"
    if value < 8 or limits.total - value < 8:
        return "+" if value < 8 else "-"
    return rng.choice(("+", "-"))
