"""The labelled answers in data/: every kind with right answers in many forms and near misses.

A row lists answers, which are put in a box; a row of `responses` lists whole responses. Labels follow one policy: equal value is right whatever the form; a
unit missing on one side is forgiven, another unit is not; order counts in tuples and not in sets; ends of
intervals count; nothing is forgiven for rounding; hedging is wrong.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from filters.checks.math_answer import MathAnswer
from filters.types import Prompt, Sample

DATA = Path(__file__).parent / "data"
LABELS = {"correct": True, "incorrect": False, "undecided": None}


def _cases(name: str) -> Iterator[tuple[Sample, bool | None]]:
    for line in (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        prompt = Prompt.make(row.get("prompt", "question"), row["gold"])
        for label, expected in LABELS.items():
            for answer in row.get(label, ()):
                response = answer if row.get("responses") else f"Steps.\n\n$$\\boxed{{{answer}}}$$"
                yield Sample("", prompt, response), expected


@pytest.mark.parametrize(
    "name", ["numbers", "quantities", "algebra", "equations", "words", "mixed", "responses"]
)
def test_labels(name: str) -> None:
    cases = list(_cases(name))
    verdicts = MathAnswer().check([sample for sample, _ in cases])
    wrong = [
        (sample.prompt.answer, sample.response, expected, verdict.reason)
        for (sample, expected), verdict in zip(cases, verdicts, strict=True)
        if verdict.ok is not expected
    ]
    assert wrong == []


def test_the_sets_are_large_enough() -> None:
    assert sum(len(list(_cases(path.stem))) for path in DATA.glob("*.jsonl")) >= 1_000
