"""The gate before a check that holds its model itself: it is calibrated in this process before it judges a part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from curate.calibration.calibrate import calibrate_resident_on_run, find_calibration, needs_calibration
from curate.checking.judge_gate import withhold_verdicts
from curate.store.layout import Run
from filters.check import EngineCheck
from filters.spec import CheckSpec


def withhold_unreliable(
    run: Run,
    name: str,
    todo: Mapping[Path, Sequence[CheckSpec]],
    advance: Callable[[list[str], int], None],
) -> dict[Path, list[CheckSpec]]:
    """What is left to judge: without the checks that hold their model and may not decide, whose verdicts say so."""
    closed: set[str] = set()
    for spec in {spec.label: spec for wanted in todo.values() for spec in wanted}.values():
        check = spec.build()
        if not needs_calibration(check) or isinstance(check, EngineCheck):
            continue
        found = find_calibration(run, name, spec) or calibrate_resident_on_run(run, name, spec)
        if not found.reliable:
            closed.add(spec.label)
            parts = [part for part, wanted in todo.items() if spec in wanted]
            withhold_verdicts(run, name, spec, parts, found, partial(advance, [spec.label]))
    left = {part: [spec for spec in wanted if spec.label not in closed] for part, wanted in todo.items()}
    return {part: wanted for part, wanted in left.items() if wanted}
