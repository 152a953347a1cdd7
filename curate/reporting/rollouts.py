"""A few responses of a training on rewards, to read: what the policy was paid for first and last.

A reward that rises says nothing of how it was earned. The file of rollouts holds one group of samples a
rollout; of its first and its last group the best and the worst sample are shown. Texts are hostile, and the
file may be large: it is read once, line by line, and no more than two groups are held.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from curate.reporting.examples import Piece, cut_pieces, cut_text
from curate.reporting.models import Model
from curate.store.layout import Run

REASON: Final = 200
"""Characters shown of a reason."""


class EarnedReward(NamedTuple):
    """What a sample earned by one reward; value is None where that was undecided."""

    label: str
    value: float | None
    reason: str


class Rollout(NamedTuple):
    """One sample of a group: `place` says which one, `reward` is the sum, None where it is undecided."""

    place: str
    reward: float | None
    pieces: Sequence[Piece]
    earned: Sequence[EarnedReward]


class Group(NamedTuple):
    """The samples of one prompt in one step, of which few are shown."""

    step: int
    size: int
    prompt: str
    reference: str | None
    shown: Sequence[Rollout]


def read_rollouts(run: Run, model: Model) -> list[Group]:
    """The first and the last group of a training on rewards; none where its file is gone."""
    file = run.rollouts(model.name)
    if model.kind != "grpo" or not file.exists():
        return []
    first = last = None
    for _, rows in groupby(_rows(file), key=lambda row: row["step"]):
        last = list(rows)
        first = first or last
    if first is None or last is None:
        return []
    return [_group(one) for one in ([first] if last is first else [first, last])]


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    """The whole lines of the file."""
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue  # a line that a kill tore
            if isinstance(row, dict) and isinstance(row.get("step"), int):
                yield row


def _group(rows: Sequence[Mapping[str, Any]]) -> Group:
    reference = rows[0]["answer"]
    return Group(
        rows[0]["step"],
        len(rows),
        cut_text(rows[0]["prompt"]),
        None if reference is None else cut_text(reference),
        [_rollout(place, row) for place, row in _extremes(rows)],
    )


def _extremes(rows: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """The best and the worst sample; one where all earned the same."""
    paid = sorted((row for row in rows if row["reward"] is not None), key=lambda row: float(row["reward"]))
    if not paid:
        return [("undecided, as all", rows[0])]
    worst, best = paid[0], paid[-1]
    if worst["reward"] == best["reward"]:
        return [("as all", best)]
    return [("best", best), ("worst", worst)]


def _rollout(place: str, row: Mapping[str, Any]) -> Rollout:
    earned = [
        EarnedReward(label, value, str(row["reasons"].get(label) or "")[:REASON])
        for label, value in row["rewards"].items()
    ]
    return Rollout(place, row["reward"], cut_pieces(row["response"], None), earned)
