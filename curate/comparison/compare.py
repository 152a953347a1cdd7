"""What two places have in common: two sets, or all samples and sets of two runs, or those that are named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from curate.comparison.differences import Comparison
from curate.comparison.sample_rows import compare_sample_rows
from curate.comparison.set_rows import compare_set_rows
from curate.comparison.sides import SetSide, find_run, open_set, open_set_of
from curate.store.layout import Run
from filters.errors import UserError


def compare_places(one: str, two: str, dataset: str | None, name: str | None) -> list[Comparison]:
    """Compare what lies at two places. dataset, name: of runs, only this set, or the samples of this name.

    Raises UserError where the two cannot be compared.
    """
    before, after = find_run(one), find_run(two)
    for place, run in ((one, before), (two, after)):
        if run is None and not Path(place).exists():
            raise UserError(f"There is no run, set or file '{place}'.")
    if name is not None:
        if before is None or after is None:
            raise UserError(
                f"--name is of the samples of two runs, and '{one if before is None else two}' is none."
            )
        _require_samples(before, after, name)
        return [compare_sample_rows(before, after, name)]
    if before is not None and after is not None and dataset is None:
        return list(_compare_runs(before, after))
    sides = [_open_side(place, run, dataset) for place, run in ((one, before), (two, after))]
    title = (
        f"set {sides[0].title}"
        if sides[0].title == sides[1].title
        else f"set {sides[0].title} -> {sides[1].title}"
    )
    return [compare_set_rows(title, *sides)]


def _open_side(place: str, run: Run | None, dataset: str | None) -> SetSide:
    if run is None:
        return open_set(place)
    if dataset is None:
        there = ", ".join(run.set_names()) or "none"
        raise UserError(
            f"'{place}' is a run and the other is a set: say which set of the run, as --dataset NAME; there are: {there}."
        )
    return open_set_of(run, dataset)


def _require_samples(before: Run, after: Run, name: str) -> None:
    if not (before.has_samples(name) or after.has_samples(name)):
        there = ", ".join(sorted({*before.sample_names(), *after.sample_names()})) or "none"
        raise UserError(f"Neither of the runs has samples '{name}'; there are: {there}.")


def _compare_runs(before: Run, after: Run) -> Iterator[Comparison]:
    """All samples of two runs, by name, then all sets; what one of them lacks has no rows there."""
    for name in sorted({*before.sample_names(), *after.sample_names()}):
        yield compare_sample_rows(before, after, name)
    for name in sorted({*before.set_names(), *after.set_names()}):
        sides = [
            open_set_of(run, name) if name in run.set_names() else SetSide(name, (), {}, run)
            for run in (before, after)
        ]
        yield compare_set_rows(f"set {name}", *sides)
