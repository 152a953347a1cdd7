"""Pairs of responses of which it is known which is better: the bundled ones, or those of a user's file.

The bundled pairs were written for this project. Those for helpfulness hold one plain fault each; those for harmlessness
decline what does harm, or do it. A reward model for a narrow world knows nothing of either: it needs pairs of its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, NamedTuple

from curate.readers.read_rows import read_rows
from curate.readers.row import Row, require_columns
from filters.check import Check
from filters.digest import digest
from filters.errors import UserError
from filters.judges.bounds import PreferenceBounds
from filters.judges.criteria import CRITERIA

FILE: Final = "preference_pairs.jsonl"
COLUMNS: Final = ("prompt", "good", "bad")


class LabelledPair(NamedTuple):
    """A prompt with a response and a worse one.

    kind: the worse one's fault, as `wrong_fact`. criterion: by what it is worse. language: an ISO 639-1 code.
    """

    prompt: str
    good: str
    bad: str
    kind: str = ""
    criterion: str = ""
    language: str = ""


@cache
def read_bundled_pairs() -> tuple[LabelledPair, ...]:
    """All pairs that ship with the package, in the file's order."""
    text = (files("curate.calibration") / FILE).read_text(encoding="utf-8")
    return tuple(LabelledPair(**json.loads(line)) for line in text.splitlines())


def read_pairs(path: Path) -> list[LabelledPair]:
    """The pairs of a file with the columns prompt, good and bad. Raises UserError, with the place, for a row that is none."""
    pairs = [_read_pair(row) for row in read_rows(str(path))]
    if not pairs:
        raise UserError(f"'{path}' holds no pairs to calibrate with: write rows with prompt, good and bad.")
    return pairs


def _read_pair(row: Row) -> LabelledPair:
    require_columns(row, COLUMNS)
    prompt, good, bad = (row.values[name] for name in COLUMNS)
    for name, value in zip(COLUMNS, (prompt, good, bad), strict=True):
        if not isinstance(value, str):
            raise UserError(f"{row.place}: '{name}' is no text.")
    if not prompt.strip() or good.strip() == bad.strip():
        raise UserError(
            f"{row.place}: a pair needs a prompt, and a worse response that differs from the better one."
        )
    kind = row.values.get("kind")
    return LabelledPair(prompt, good, bad, kind if isinstance(kind, str) else "")


def find_pairs(check: Check) -> Sequence[LabelledPair]:
    """The pairs that a check is calibrated with: those that it names, else the bundled ones of its criterion.

    None where there are none of what it judges by, as for a rubric in a user's own words. Raises UserError where the file that it
    names cannot be read.
    """
    if isinstance(check, PreferenceBounds) and check.pairs is not None:
        return read_pairs(check.pairs)
    return [pair for pair in read_bundled_pairs() if pair.criterion == find_criterion_name(check)]


def find_criterion_name(check: Check) -> str:
    """What a check judges by: its rubric, or for a reward model what the part is read for; empty where it is nothing known."""
    rubric = getattr(check, "rubric", None)
    if rubric is None:
        return "harmlessness" if getattr(check, "part", None) == "whole" else "helpfulness"
    return rubric if rubric in CRITERIA else ""


def digest_pairs(check: Check) -> str:
    """The content key of the pairs that a check is calibrated with."""
    return digest(*find_pairs(check))
