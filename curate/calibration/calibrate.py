"""A check that asks a model is tried on labelled cases before it decides anything, and the outcome is kept.

A calibration belongs to a check as it is asked (its model, form and options; not its bounds) and to the format of the cases.
It is made once, before the first verdict, and anew only where one of these has changed or `verify --audit` asks: new samples
do not change it. Other bounds are held against the rates that are there.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from curate.calibration.ask_cases import CaseAnswers, ask_cases
from curate.calibration.attacks import TEXTS
from curate.calibration.bias import find_preference_faults, read_preference_bounds
from curate.calibration.bundled_answers import digest_bundled, list_bundled_cases
from curate.calibration.calibration import Calibration, read_calibration, write_calibration
from curate.calibration.canaries import make_canaries
from curate.calibration.cases import LABEL, LabelledCase
from curate.calibration.gate import count_errors, find_faults, read_bounds
from curate.calibration.preference_calibration import (
    calibrate_resident,
    conclude_preferences,
    key_preferences,
)
from curate.calibration.preference_cases import make_preference_cases
from curate.calibration.rule_answers import ENOUGH, draw_prompts, draw_rule_cases
from curate.calibration.run_samples import draw_samples
from curate.store.layout import Run
from filters.check import Check, EngineCheck
from filters.digest import digest
from filters.engine import Engine
from filters.spec import CheckSpec

logger = logging.getLogger(__name__)

FORMAT: Final = 1
"""Raised when cases are drawn or made in another way: calibrations are then made anew."""
ANSWERS: Final = "calibration_answers.jsonl"
"""Beside a calibration: what the check answered, case by case."""


def needs_calibration(check: Check) -> bool:
    """Whether a check decides only once it was tried on labelled cases."""
    return bool(check.calibrated)


def list_cases(
    check: Check, run: Run | None = None, name: str = "", after: str | None = None
) -> list[LabelledCase]:
    """What a check is tried on: rule-decided answers of `samples(name)`, bundled ones where these are few, and canaries.

    run: none where there are no samples, as before a training: then all cases are bundled.
    """
    if check.calibrated == "preferences":
        return make_preference_cases(check, [] if run is None else draw_samples(run, name))
    ruled = [] if run is None else draw_rule_cases(run, name, check, after)
    prompts = [] if run is None else draw_prompts(run, name)
    right = sum(case.right for case in ruled)
    bundled = list_bundled_cases() if min(right, len(ruled) - right) < ENOUGH else []
    return [*ruled, *bundled, *make_canaries(prompts)]


def key_calibration(check: Check) -> str:
    """The content key of a check's calibration: of the check without its bounds, and of how cases are made."""
    if check.calibrated == "preferences":
        return key_preferences(check)
    return digest(FORMAT, check.digest, digest_bundled(), TEXTS)


def find_calibration(run: Run, name: str, spec: CheckSpec) -> Calibration | None:
    """The calibration of a check as it is now, held against its bounds of now; None where there is none.

    Where the bounds have changed, it is kept with these.
    """
    check = spec.build()
    found = read_calibration(run, name, spec.label)
    if found is None or not needs_calibration(check) or found.digest != key_calibration(check):
        return None
    now = hold_against_bounds(check, found)
    if now != found:
        write_calibration(run, name, spec.label, now)
    return now


def hold_against_bounds(check: Check, found: Calibration) -> Calibration:
    """A calibration with the check's bounds of now, and the faults that there are by them."""
    if check.calibrated == "preferences":
        bounds = read_preference_bounds(check)
        return replace(
            found, bounds=bounds, faults=find_preference_faults(found.rates, found.changes, bounds)
        )
    bounds = read_bounds(check)
    return replace(found, bounds=bounds, faults=find_faults(found.rates, bounds))


def calibrate_resident_on_run(run: Run, name: str, spec: CheckSpec) -> Calibration:
    """As `calibrate_on_run`, of a check that holds its model itself."""
    found = calibrate_resident(spec.build(), draw_samples(run, name))
    write_calibration(run, name, spec.label, found)
    return found


async def calibrate_on_run(
    run: Run, name: str, spec: CheckSpec, engine: Engine, advance: Callable[[int], None] = lambda number: None
) -> Calibration:
    """Try a check on cases of `samples(name)` and keep the outcome beside its verdicts. Raises WorkUndone where its engine fails."""
    check = spec.build()
    assert isinstance(check, EngineCheck)
    cases = list_cases(check, run, name, spec.after)
    logger.info(f"'{spec.label}' is tried on {len(cases):,} cases of which it is known what is right.")
    found = await measure(check, engine, cases, run.calibration(name, spec.label).with_name(ANSWERS), advance)
    write_calibration(run, name, spec.label, found)
    return found


async def measure(
    check: EngineCheck,
    engine: Engine,
    cases: Sequence[LabelledCase],
    journal: Path,
    advance: Callable[[int], None] = lambda number: None,
) -> Calibration:
    """Ask a check about cases, as far as the journal does not know its answers, and hold its error rates against its bounds."""
    answers = CaseAnswers(journal, digest(check.digest, engine.identity))
    try:
        verdicts = await ask_cases(check, engine, cases, answers, advance)
    finally:
        answers.close()
    if check.calibrated == "preferences":
        found = conclude_preferences(check, cases, verdicts)
        return replace(found, usage=dict(answers.usage), engine=engine.identity)
    rates, bounds = count_errors(cases, verdicts), read_bounds(check)
    sources = Counter(case.source for case in cases if case.kind == LABEL)
    faults = find_faults(rates, bounds)
    return Calibration(
        check.name,
        key_calibration(check),
        dict(sources),
        rates,
        bounds,
        faults,
        dict(answers.usage),
        engine=engine.identity,
    )
