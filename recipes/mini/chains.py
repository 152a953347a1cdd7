"""Responses of the mini world: many valid forms of a chain, and the flaws that the paper filters out.

A base model learns from these, and later samples them: wrong steps, lines in the other language, code
blocks, rambling, and no think block at all. How often each happens is a `Manner`; the errors fall on the
harder steps more often, as they would.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from filters.think import CLOSE, OPEN
from recipes.mini.words import (
    AGAIN,
    ANSWERS,
    CLOSINGS,
    NOW,
    OPENINGS,
    ORDINALS,
    OTHER,
    RAMBLING_WORDS,
    Language,
)
from recipes.mini.world import Operation, Problem


@dataclass(frozen=True, slots=True)
class Manner:
    """How a corpus is written: shares of responses with each flaw, and chances of a wrong step.

    direct: an answer without any reasoning; direct_right: how many of these are right.
    no_think: a chain that stands outside the think block.
    endless: rambling that never comes to an end.
    slip: the chance of a wrong result in a step, by its hardness (easy, carrying, large).
    mends: the chance that a slip is noticed and put right in the next line.
    """

    direct: float = 0.0
    direct_right: float = 0.0
    no_think: float = 0.0
    mixed: float = 0.0
    code: float = 0.0
    rambling: float = 0.0
    endless: float = 0.0
    slip: tuple[float, float, float] = (0.0, 0.0, 0.0)
    mends: float = 0.0


CLEAN = Manner()
"""No flaw and no error: what a checker must accept."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response and whether it comes to an end; an endless one is cut at the corpus' length."""

    text: str
    ends: bool = True


def write_working(value: int, operation: Operation, operand: int) -> str:
    """The working of one step, tens and ones apart: `47+38=70+15`, `85-27=65-7`; small steps as they are."""
    head = f"{value}{operation}{operand}"
    tens, ones = value // 10 * 10, value % 10
    more_tens, more_ones = operand // 10 * 10, operand % 10
    if operation == "*" and tens and ones:
        return f"{head}={tens * operand}+{ones * operand}"
    if operation == "+" and more_tens and ones and more_ones:
        return f"{head}={tens + more_tens}+{ones + more_ones}"
    if operation == "-" and more_tens and more_ones:
        return f"{head}={value - more_tens}-{more_ones}"
    return head


def hardness(value: int, operation: Operation, operand: int) -> int:
    """0 for an easy step, 1 where a digit is carried or borrowed, 2 where the numbers are large."""
    if operation == "*" or value > 99:
        return 2
    ones = value % 10 + operand % 10 if operation == "+" else value % 10 - operand % 10
    return 0 if 0 <= ones < 10 else 1


def respond(rng: random.Random, problem: Problem, manner: Manner) -> Response:
    """One response to a problem, flawed as often as the manner says."""
    if rng.random() < manner.direct:
        return Response(_answer(rng, problem, _guess(rng, problem, manner.direct_right)))
    lines, value, ends = _Chain(rng, problem, manner).written()
    if not ends:
        return Response(f"{OPEN}\n" + "\n".join(lines), ends=False)
    answer = _answer(rng, problem, value)
    chain = "\n".join(lines)
    if rng.random() < manner.no_think:
        return Response(f"{chain}\n\n{answer}")
    return Response(f"{OPEN}\n{chain}\n{CLOSE}\n\n{answer}")


def _answer(rng: random.Random, problem: Problem, value: int) -> str:
    return rng.choice(ANSWERS[problem.language]).format(v=value)


def _guess(rng: random.Random, problem: Problem, right: float) -> int:
    return problem.answer if rng.random() < right else _slip(rng, problem.answer)


def _slip(rng: random.Random, value: int) -> int:
    wrong = value + rng.choice((-10, 10, -1, 1, 2, -2))
    return wrong if wrong >= 0 else value + 10


class _Chain:
    """One chain while it is being written: its form is drawn once, its flaws line by line."""

    def __init__(self, rng: random.Random, problem: Problem, manner: Manner) -> None:
        self.rng, self.problem, self.manner = rng, problem, manner
        self.form = rng.choice(("phrase", "ordinal", "now"))
        self.mixed = 0.5 if rng.random() < manner.mixed else 0.0
        self.lines: list[str] = []

    def language(self) -> Language:
        """The language of the next line."""
        own = self.problem.language
        return OTHER[own] if self.rng.random() < self.mixed else own

    def written(self) -> tuple[list[str], int, bool]:
        """The lines, the final value, and whether the chain ends."""
        rng, manner = self.rng, self.manner
        if rng.random() < 0.6:
            self.lines.append(rng.choice(OPENINGS[self.language()]).format(start=self.problem.start))
        if rng.random() < manner.code:
            self.lines.append(_code(self.problem))
        value = self.problem.start
        for index in range(len(self.problem.steps)):
            value = self.step(index, value)
        if rng.random() < manner.endless:
            self.lines += [rng.choice(RAMBLING_WORDS[self.language()])] * 40
            return self.lines, value, False
        if rng.random() < manner.rambling:
            self.ramble()
        if rng.random() < 0.6:
            self.lines.append(rng.choice(CLOSINGS[self.language()]).format(v=value))
        return self.lines, value, True

    def step(self, index: int, value: int) -> int:
        """Write one step, perhaps wrong, perhaps mended at once; the value it arrives at."""
        step = self.problem.steps[index]
        right = step.of(value)
        slips = self.rng.random() < self.manner.slip[hardness(value, step.operation, step.operand)]
        result = _slip(self.rng, right) if slips else right
        self.lines.append(self.line(index, value, result))
        if slips and self.rng.random() < self.manner.mends:
            self.lines.append(self.rng.choice(AGAIN[self.language()]))
            self.lines.append(self.line(index, value, right))
            return right
        return result

    def line(self, index: int, value: int, result: int) -> str:
        """One step as a line of the chain's form."""
        rng, problem, language = self.rng, self.problem, self.language()
        step = problem.steps[index]
        equation = f"{write_working(value, step.operation, step.operand)}={result}"
        if self.form == "phrase":
            return f"{problem.phrase(index, language)}: {equation}"
        if self.form == "now":
            return rng.choice(NOW[language]).format(eq=equation, v=result)
        place = 0 if index == 0 else 2 if index == len(problem.steps) - 1 else 1
        return rng.choice(ORDINALS[language][place]) + equation

    def ramble(self) -> None:
        """Say one line again and again: a step, or a doubt."""
        line = self.lines[-1] if self.rng.random() < 0.5 else self.rng.choice(RAMBLING_WORDS[self.language()])
        self.lines += [line] * self.rng.randint(4, 6)


def _code(problem: Problem) -> str:
    body = "\n".join(f"x {step.operation}= {step.operand}" for step in problem.steps)
    return f"```python\nx = {problem.start}\n{body}\n```"
