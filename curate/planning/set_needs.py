"""The rows of a set that can be there, and whether they are as many as its mix asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from curate.planning.amounts import Amount, add_amounts, from_estimate, up_to
from curate.planning.pilot import Pilot
from curate.planning.sampling_needs import StageNeeds
from curate.sampling.cost_estimate import estimate_total
from curate.selection.funnel import decide_fates
from curate.selection.sources import Source
from curate.store.joined import EITHER
from curate.store.verdicts import list_deciding_labels, list_labels


@dataclass(frozen=True, slots=True)
class Made:
    """Samples that a recipe makes under one name.

    prompts: at most; None where that is not known. most: samples of a prompt. labels: of all checks that are run on them.
    needs: what the stages that make them come to.
    """

    prompts: int | None
    most: int
    labels: tuple[str, ...]
    needs: Sequence[StageNeeds]
    pilot: Pilot | None


def estimate_set(sources: Sequence[Source], made: Mapping[str, Made]) -> StageNeeds:
    """Rows and bytes of a set, and what it reads; sources that are files are left out, and counted."""
    amounts: dict[str, list[Amount]] = {"rows": [], "stored": [], "written": [], "read": []}
    notes, faults, files = [], [], 0
    for source in sources:
        one = made.get(source.source)
        if one is None:
            files += 1
            continue
        rows, note = _estimate_rows(source, one)
        faults += _list_faults(source, one)
        notes += [note] if note else []
        if source.rows is not None and rows.high is not None and rows.high < source.rows and not faults:
            notes.append(
                f"it asks for {source.rows:,} rows of '{source.source}', and by the pilot there will be at most {rows.high:,.0f}"
            )
        amounts["rows"].append(rows)
        if one.pilot is not None:
            size = rows.times(one.pilot.plain / one.pilot.samples)
            amounts["stored"].append(size)
            amounts["written"].append(size)
            amounts["read"] += [needs.amounts["stored"] for needs in one.needs]
    if files:
        notes.append(
            f"{files} of its sources {'is' if files == 1 else 'are'} not sampled here, and not counted"
        )
    found = {of: add_amounts(several) for of, several in amounts.items() if several}
    return StageNeeds(found, tuple(notes), tuple(faults))


def bound_rows(source: Source, made: Made) -> int | None:
    """How many rows of a source there can be, were every sample accepted; None where that is not known."""
    return None if made.prompts is None else made.prompts * min(made.most, source.per_prompt or made.most)


def _list_faults(source: Source, made: Made) -> list[str]:
    most = bound_rows(source, made)
    if source.rows is None or most is None or most >= source.rows or made.prompts is None:
        return []
    each = min(made.most, source.per_prompt or made.most)
    return [
        f"it asks for {source.rows:,} rows of '{source.source}', and were every sample accepted there would be "
        f"{most:,} ({made.prompts:,} prompts, {each:,} each): give it more prompts or samples, or ask for fewer rows."
    ]


def _estimate_rows(source: Source, made: Made) -> tuple[Amount, str | None]:
    """Rows that the mix will take of a source, and what that does not know."""
    pilot = made.pilot
    if pilot is None:
        return up_to(bound_rows(source, made)).at_most(source.rows), None
    known = set(list_labels(pilot.run, pilot.stage.name))
    wanted = made.labels if source.checks is None else source.checks
    decide = list_deciding_labels(pilot.run, pilot.stage.name) if source.checks is None else source.checks
    labels = [label for label in decide if known.issuperset(label.split(EITHER))]
    cap = min(made.most, source.per_prompt or made.most)
    good = _count_accepted(pilot, labels)
    rows = [min(good.get(one, 0), cap) for one in pilot.finished]
    found = from_estimate(estimate_total(rows, pilot.matched.number, cap)).at_most(source.rows)
    left_out = [label for label in wanted if not known.issuperset(label.split(EITHER))]
    note = (
        f"the pilot of '{source.source}' was not judged by {', '.join(left_out)}: fewer rows will be accepted"
    )
    return found, note if left_out else None


def _count_accepted(pilot: Pilot, labels: Sequence[str]) -> dict[str, int]:
    """Distinct accepted responses by prompt."""
    fates = decide_fates(pilot.run, pilot.stage.name, labels).filter(pl.col("fate") == "accepted")
    return dict(fates.group_by("prompt_id").agg(pl.col("key").n_unique()).iter_rows())
