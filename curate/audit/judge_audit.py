"""How often judges err, measured anew on what a run's rules have decided by now: the part of `verify --audit` about judges."""

from __future__ import annotations

from collections.abc import Sequence

from curate.calibration.calibrate import find_calibration
from curate.calibration.calibration import Calibration
from curate.checking.judge_gate import recalibrate
from curate.checking.run_checks import run_checks
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
