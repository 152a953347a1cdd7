"""Real problems with their solutions, in English: what the watchdog's good chains are made of."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

_CALCULATION = re.compile(r"<<[^>]*>>")


class Problem(NamedTuple):
    """A problem and one solution of it, which is empty where the set gives none."""

    question: str
    solution: str


def problems(folder: Path) -> list[Problem]:
    """All problems of GSM8K (with the set's solutions and right ones of four models), OlympiadBench and MATH-500."""
    return [*_gsm8k(folder), *_olympiad(folder), *_math500(folder)]


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _gsm8k(folder: Path) -> Iterator[Problem]:
    for row in _lines(folder / "gsm8k/test.jsonl"):
        yield Problem(row["question"], _CALCULATION.sub("", row["answer"]).replace("####", "Answer:"))
    for row in _lines(folder / "gsm8k/example_model_solutions.jsonl"):
        for made in row.values():
            if isinstance(made, dict) and made["is_correct"]:
                yield Problem(row["question"], _CALCULATION.sub("", made["solution"]))


def _olympiad(folder: Path) -> Iterator[Problem]:
    for row in _lines(folder / "math/olympiadbench.jsonl"):
        for solution in row["solution"]:
            yield Problem(row["question"], solution)


def _math500(folder: Path) -> Iterator[Problem]:
    for row in json.loads((folder / "math/math500.json").read_text("utf-8")):
        yield Problem(row["prompt"][0]["value"], "")
