"""How often judges err, measured anew on what a run's rules have decided by now: the part of `verify --audit` about judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table

from curate.calibration.calibrate import find_calibration
from curate.calibration.calibration import FALSE_ACCEPT, FALSE_REJECT, Calibration, JudgeRate, sum_attacks
from curate.checking.judge_gate import recalibrate
from curate.checking.run_checks import run_checks
from curate.intervals import format_percent
from curate.store.layout import Run
from filters.spec import CheckSpec


def audit_judges(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None = None
) -> dict[str, Calibration]:
    """Calibrate the judges among these checks on what `samples(name)` are now; where one may decide otherwise than before, its verdicts follow.

    In a run that is gone with the command it was all measured a moment ago, and is not again. Raises UserError, and WorkUndone where an engine fails.
    """
    before = {spec.label: find_calibration(run, name, spec) for spec in specs}
    if run.temporary:
        return {label: found for label, found in before.items() if found is not None}
    now = recalibrate(run, name, specs)
    if any(_faults(before[label]) != found.faults for label, found in now.items()):
        run_checks(run, name, specs, workers)
    return now


def _faults(found: Calibration | None) -> tuple[str, ...] | None:
    return None if found is None else found.faults


def judge_table(name: str, found: Mapping[str, Calibration]) -> Table:
    """The error rates as a table for the terminal, kinds of attacks in one row but for those that were accepted."""
    table = Table("check", "error", "tried", "errors", "undecided", "rate, 95%", title=f"{name}: judges")
    for label, one in found.items():
        table.add_section()
        for kind in (FALSE_ACCEPT, FALSE_REJECT):
            _add_row(table, label, one.rates[kind])
        _add_row(table, label, sum_attacks(one))
        for kind, rate in one.rates.items():
            if kind not in (FALSE_ACCEPT, FALSE_REJECT) and rate.errors:
                _add_row(table, label, rate)
        table.add_row(label, "may decide", "", "", "", "; ".join(one.faults) or "yes")
    return table


def _add_row(table: Table, label: str, rate: JudgeRate) -> None:
    low, high = rate.interval
    share = "none decided"
    if rate.value is not None:
        share = "{}% ({}% to {}%)".format(*(format_percent(number, 2) for number in (rate.value, low, high)))
    table.add_row(label, rate.meaning, f"{rate.cases:,}", f"{rate.errors:,}", f"{rate.undecided:,}", share)
