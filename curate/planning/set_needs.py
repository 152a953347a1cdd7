"""The rows of a set that can be there, and whether they are as many as its mix asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from curate.planning.amounts import Amount, add_amounts, exactly, from_estimate, up_to
from curate.planning.pilot import Pilot
from curate.planning.pilot_verdicts import select_judged
from curate.planning.sampling_needs import StageNeeds
from curate.sampling.cost_estimate import estimate_total
from curate.selection.funnel import decide_fates
from curate.selection.sources import Source
from curate.store.joined import EITHER
from curate.store.layout import Run
from curate.store.parquet import refuse_damaged
from curate.store.prompt_list import read_keys
from curate.store.rules_and_judges import require_rules_first
from curate.store.verdicts import choose_deciding
from filters.chosen_names import suggest_name
from filters.errors import UserError


@dataclass(frozen=True, slots=True)
class Made:
    """Samples that a recipe makes under one name, by one stage or several.

    prompts: at most; None where that is not known. most: samples of a prompt. needs: what each stage comes to. pilots: of
    those stages that have one.
    """

    prompts: int | None
    most: int
    needs: Sequence[StageNeeds]
    pilots: Sequence[Pilot]

    @property
    def is_piloted(self) -> bool:
        """Whether all of its stages have a pilot."""
        return len(self.pilots) == len(self.needs)


def estimate_set(
    sources: Sequence[Source], made: Mapping[str, Made], records: Mapping[str, Mapping[str, Any]], run: Run
) -> StageNeeds:
    """Rows and bytes of a set, and what it reads; sources that are files are left out, and counted.

    records: of the checks that are asked for by then, by the samples' name. run: where the recipe is to run.
    """
    amounts: dict[str, list[Amount]] = {"rows": [], "stored": [], "written": [], "read": []}
    notes, faults, files = [], [], 0
    for source in sources:
        one = made.get(source.source)
        if one is None:
            files += 1
            continue
        rows, note = _estimate_rows(source, one, records[source.source], run)
        faults += _list_faults(source, one)
        notes += [note] if note else []
        if source.rows is not None and rows.high is not None and rows.high < source.rows and not faults:
            notes.append(
                f"it asks for {source.rows:,} rows of '{source.source}', and by the pilot there will be at most {rows.high:,.0f}"
            )
        amounts["rows"].append(rows)
        if one.is_piloted:
            size = rows.times(one.pilots[0].plain / one.pilots[0].samples)
            amounts["stored"].append(size)
            amounts["written"].append(size)
            amounts["read"] += [needs.amounts["stored"] for needs in one.needs]
    if files:
        notes.append(
            f"{files} of its sources {'is' if files == 1 else 'are'} not sampled here, and not counted"
        )
    found = {of: add_amounts(several) for of, several in amounts.items() if several}
    return StageNeeds(found, tuple(notes), tuple(faults))


def list_unknown_checks(source: Source, known: Sequence[str]) -> list[str]:
    """Why a mix would refuse the checks that a source names: nobody runs them on its samples. known: those that are run."""
    singles = [single for label in source.checks or () for single in label.split(EITHER)]
    return [
        f"it names the check '{one}', and no stage before runs it on '{source.source}'; {suggest_name(one, known)}"
        for one in dict.fromkeys(singles)
        if one not in known
    ]


def list_overruled(source: Source, record: Mapping[str, Any]) -> list[str]:
    """Why a mix would refuse the order of a source's checks: a judge would decide what a rule has proved, or nobody says after which rule."""
    try:
        labels = choose_deciding(record) if source.checks is None else list(source.checks)
        require_rules_first(record["checks"], source.source, labels)
    except UserError as error:
        return [str(error)]
    return []


def bound_rows(source: Source, made: Made) -> int | None:
    """How many rows of a source there can be, were every sample accepted; None where that is not known."""
    if made.prompts is None:
        return None
    return made.prompts * min(made.most, source.per_prompt or made.most) * source.repeat


def _list_faults(source: Source, made: Made) -> list[str]:
    most = bound_rows(source, made)
    if source.rows is None or most is None or most >= source.rows or made.prompts is None:
        return []
    each = min(made.most, source.per_prompt or made.most)
    return [
        f"it asks for {source.rows:,} rows of '{source.source}', and were every sample accepted there would be "
        f"{most:,} ({made.prompts:,} prompts, {each:,} each): give it more prompts or samples, or ask for fewer rows."
    ]


def _estimate_rows(
    source: Source, made: Made, record: Mapping[str, Any], run: Run
) -> tuple[Amount, str | None]:
    """Rows that the mix will take of a source, and what that does not know."""
    if not made.is_piloted:
        note = f"a stage that samples '{source.source}' has no pilot: its rows are a bound alone"
        return up_to(bound_rows(source, made)).at_most(source.rows), note if made.pilots else None
    pilot = made.pilots[0].run
    wanted = choose_deciding(record) if source.checks is None else list(source.checks)
    with refuse_damaged(f"the samples '{source.source}' in '{pilot.path}' or their verdicts"):
        labels = select_judged(pilot, source.source, record, wanted)
        good = _count_accepted(pilot, source.source, labels)
        found = (
            add_amounts(_estimate_parts(source, made, good, run)).times(source.repeat).at_most(source.rows)
        )
    left_out = [label for label in wanted if label not in labels]
    if not left_out:
        return found, None
    note = (
        f"the pilot of '{source.source}' was not judged by {', '.join(left_out)} as the recipe has it: fewer rows will be "
        "accepted, and they are a bound alone"
    )
    return up_to(found.high), note


def _estimate_parts(source: Source, made: Made, good: Mapping[str, int], run: Run) -> Iterator[Amount]:
    """The rows of each stage's prompts that no other stage has, and those of prompts that the run has beside them."""
    is_own = made.pilots[0].run.path == run.path
    there = (spent["samples"] for pilot in made.pilots for spent in pilot.spent if is_own)
    most = max(made.most, *there, 1)
    cap = min(most, source.per_prompt or most)
    for number, finished in _divide(made.pilots):
        rows = [min(good.get(one, 0), cap) for one in finished]
        if rows:
            yield from_estimate(estimate_total(rows, number, cap))
        elif number:
            yield up_to(number * cap)
    others = _list_others(source.source, made.pilots, run)
    if others and is_own:
        yield exactly(sum(min(good.get(one, 0), source.per_prompt or good.get(one, 0)) for one in others))
    elif others:
        yield up_to(None)


def _divide(pilots: Sequence[Pilot]) -> Iterator[tuple[int, Sequence[str]]]:
    """How many prompts each stage has that none before it has, and which of them are finished in the pilot.

    Those of several stages count in the one that asks for the most samples of them.
    """
    if len(pilots) == 1:
        yield pilots[0].matched.number, pilots[0].finished
        return
    taken: set[bytes] = set()
    for pilot in sorted(pilots, key=lambda one: -one.stage.most):
        own = _read_prompt_keys(pilot) - taken
        yield len(own), [one for one in pilot.finished if bytes.fromhex(one) in own]
        taken |= own


def _list_others(name: str, pilots: Sequence[Pilot], run: Run) -> list[str]:
    """The prompts that the recipe's run has under the name and no stage asks for: a mix takes their samples, too."""
    if not run.has_samples(name) or (
        len(pilots) == 1 and pilots[0].run == run and not pilots[0].matched.strange
    ):
        return []
    asked = set[bytes]().union(*map(_read_prompt_keys, pilots))
    return [key.hex() for key in set(read_keys(run.prompts(name))) - asked]


def _read_prompt_keys(pilot: Pilot) -> set[bytes]:
    return {bytes.fromhex(prompt.id) for prompt in pilot.stage.options.read_prompts()}


def _count_accepted(run: Run, name: str, labels: Sequence[str]) -> dict[str, int]:
    """Distinct accepted responses by prompt."""
    fates = decide_fates(run, name, labels).filter(pl.col("fate") == "accepted")
    return dict(fates.group_by("prompt_id").agg(pl.col("key").n_unique()).iter_rows())
