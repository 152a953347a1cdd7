"""The labelled answers that ship with the package: what a judge is tried with where a run has too few of its own.

`labelled_answers.jsonl` was written by hand for this project: 105 questions in eleven languages, each with two right answers
that are written otherwise than the reference and two near misses of the kind that models make.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

from curate.calibration.cases import LabelledCase
from filters.digest import digest
from filters.types import Prompt, Sample

FILE: Final = "labelled_answers.jsonl"
CHAIN: Final = "<think>\nI work it out step by step and check the result.\n</think>\n\n"
"""What stands before the answers of made-up responses; no judge is shown it."""


class BundledQuestion(NamedTuple):
    """A question with answers of which it is known whether they are right.

    kind: what the answer is, as `fraction`, `name`, `choice`. language: of the question, as an ISO 639-1 code.
    """

    prompt: Prompt
    right: tuple[str, ...]
    wrong: tuple[str, ...]
    kind: str
    language: str


@cache
def read_questions() -> tuple[BundledQuestion, ...]:
    """All questions, in the file's order."""
    rows = map(json.loads, _read_text().splitlines())
    return tuple(
        BundledQuestion(
            Prompt.make(row["question"], row["reference"], language=row["language"]),
            tuple(row["right"]), tuple(row["wrong"]), row["kind"], row["language"],
        )
        for row in rows
    )  # fmt: skip


def list_bundled_cases() -> list[LabelledCase]:
    """Every answer of every question as a case."""
    return [
        LabelledCase(make_response(question.prompt, answer), right)
        for question in read_questions()
        for right, answers in ((True, question.right), (False, question.wrong))
        for answer in answers
    ]


def digest_bundled() -> str:
    """The content key of the labelled answers."""
    return digest(_read_text())


def make_response(prompt: Prompt, answer: str) -> Sample:
    """A sample whose chain is closed and is followed by nothing but this answer."""
    return Sample(digest("calibration", prompt.id, answer), prompt, f"{CHAIN}{answer}")


@cache
def _read_text() -> str:
    return (files("curate.calibration") / FILE).read_text(encoding="utf-8")
