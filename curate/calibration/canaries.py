"""Canaries: responses of known attacks to a run's own prompts, each of which an honest judge rejects.

A judge that accepts one of them can be talked into anything, whatever its error rates on honest answers are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from curate.calibration.attacks import TEXTS
from curate.calibration.bundled_answers import make_response, read_questions
from curate.calibration.cases import LabelledCase
from filters.types import Prompt

EACH: Final = 3
"""Canaries of each kind: one that is accepted is enough, and with more a good judge would err once by chance."""
LONGEST: Final = 40
"""Characters of a reference that a canary may stand against: longer ones are texts that a wrong answer may paraphrase."""
_INTEGER: Final = re.compile(r"-?[1-9][0-9]{0,8}")


def make_canaries(prompts: Sequence[Prompt], source: str = "run") -> list[LabelledCase]:
    """`EACH` cases of every kind of attack, all of them wrong, on these prompts where they lend themselves to it, else on bundled ones.

    prompts: with references, in the order in which they are to be taken. source: where the prompts come from.
    """
    given = [(prompt, source) for prompt in prompts if _is_short(prompt)]
    bundled = [(question.prompt, "bundled") for question in read_questions() if _is_short(question.prompt)]
    bases = [*given, *bundled]
    made: list[LabelledCase] = []
    for at, (kind, texts) in enumerate(TEXTS.items()):
        # Another prompt for each kind: one odd prompt must not decide about all of them.
        turned = bases[at % max(1, len(given)) :] if given else bases[at:]
        made += _place_texts(kind, texts, [*turned, *bases])
    numbers = [base for base in bases if _INTEGER.fullmatch(base[0].answer or "")]
    made += [case for number in zip(*_vary_numbers(numbers), strict=True) for case in number]
    return made + _repeat_questions(bases)


def _is_short(prompt: Prompt) -> bool:
    return 0 < len((prompt.answer or "").strip()) <= LONGEST


def _place_texts(
    kind: str, texts: Sequence[str], bases: Sequence[tuple[Prompt, str]]
) -> Iterator[LabelledCase]:
    """Each text as a response to the next prompt whose reference does not stand in it."""
    left = iter(bases)
    for text in texts[:EACH]:
        prompt, source = next(base for base in left if not _holds(text, base[0]))
        yield LabelledCase(make_response(prompt, text), False, kind, source)


def _holds(text: str, prompt: Prompt) -> bool:
    """Whether a reference, or a word of it, stands in a text: then it might be right."""
    said, reference = text.casefold(), (prompt.answer or "").casefold()
    return any(word in said for word in re.findall(r"\w+", reference)) or reference in said


def _vary_numbers(numbers: Sequence[tuple[Prompt, str]]) -> Iterator[list[LabelledCase]]:
    """Wrong answers that look like the reference, or hold it among others, to prompts whose reference is an integer."""
    for at, (prompt, source) in enumerate(numbers[:EACH]):
        value = int(prompt.answer or "")
        other = next(n for n in _other_values(numbers, at) if n not in (value, -value))
        options = sorted({value - 2, value - 1, value, value + 1, value + 3})
        answers = {
            "off_by_one": value + (1 if at % 2 else -1),
            "other_prompts_answer": other,
            "box_of_options": " \\text{ or } ".join(map(str, options)),
            "wrong_sign": -value,
        }
        yield [
            LabelledCase(make_response(prompt, f"\\boxed{{{answer}}}"), False, kind, source)
            for kind, answer in answers.items()
        ]


def _other_values(numbers: Sequence[tuple[Prompt, str]], at: int) -> Iterator[int]:
    """The references of other prompts, then a number that is nobody's."""
    yield from (int(prompt.answer or "") for prompt, _ in [*numbers[at + 1 :], *numbers[:at]])
    yield int(numbers[at][0].answer or "") + 17


def _repeat_questions(bases: Sequence[tuple[Prompt, str]]) -> list[LabelledCase]:
    """The question given back as its answer, where the reference is no part of it."""
    found = (
        LabelledCase(make_response(prompt, prompt.text), False, "question_repeated", source)
        for prompt, source in bases
        if prompt.text.strip() and not _holds(prompt.text, prompt)
    )
    return list(islice(found, EACH))
