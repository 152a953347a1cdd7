"""What a fine-tuned model saw of its set: warnings, rows by source, and a few rows with what of them carried loss."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from curate.store.layout import Run
from curate.store.whole_files import read_json


class Left(NamedTuple):
    """Rows of one kind that were left out, or are suspicious: how many (0: the student itself), what it means, and a few ids."""

    kind: str
    rows: int
    meaning: str
    ids: Sequence[str]


class Lessons(NamedTuple):
    """What `distill` found when it looked at each row as the student gets it.

    tallies: counts by source, named by the set where rows say none. shown: rows in pieces of `text`, `learned`, `special`,
    `left_out`.
    """

    facts: Mapping[str, str]
    tallies: Mapping[str, Mapping[str, int]]
    left_out: Sequence[Left]
    warnings: Sequence[Left]
    shown: Sequence[Mapping[str, Any]]


def read_lessons(run: Run, model: str) -> Lessons | None:
    """The lessons of a model of the run; None where nothing is known of them."""
    about = read_json(run.inspection(model))
    if about is None:
        return None
    tallies = {source or about["set"]: tally for source, tally in about["tallies"].items()}
    good = [row for row in about["shown"] if not row["fault"]]
    return Lessons(
        about["facts"], tallies, _list_left(about["row_faults"]), _list_left(about["warnings"]), good
    )


def _list_left(found: Mapping[str, Mapping[str, Any]]) -> list[Left]:
    return [Left(kind, one["rows"], one["meaning"], one["ids"]) for kind, one in found.items()]
