"""What the calibrations before a stage's first verdicts take: they come on top of the verdicts, and are paid for like them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from curate.calibration.ask_cases import key_case
from curate.calibration.bundled_answers import list_bundled_cases
from curate.calibration.calibrate import key_calibration, list_cases, needs_calibration
from curate.calibration.calibration import read_calibration
from curate.calibration.canaries import make_canaries
from curate.calibration.rule_answers import DRAW_SIZE, ENOUGH
from curate.store.layout import Run
from filters.check import Check, EngineCheck
from filters.errors import UserError
from filters.spec import CheckSpec


def tell_calibrations(run: Run, names: Sequence[str], specs: Sequence[CheckSpec]) -> Iterator[str]:
    """Of each check that will be calibrated before it judges `samples(name)`, about how much it is asked for that.

    names: of the samples; one calibration for each. Raises UserError where a check's pairs cannot be read, as the run would.
    """
    for spec in specs:
        check = spec.build()
        if not needs_calibration(check):
            continue
        missing = [name for name in names if not _is_calibrated(run, name, spec)]
        if missing:
            each = f", for each of {', '.join(missing)}" if len(missing) > 1 else ""
            yield f"'{spec.label}' is calibrated before its first verdict{each}: {_tell_size(check)}"


def _is_calibrated(run: Run, name: str, spec: CheckSpec) -> bool:
    """Whether a calibration is there that the run would take; nothing is written, whatever its bounds are now."""
    found = read_calibration(run, name, spec.label)
    if found is None:
        return False
    try:
        return found.digest == key_calibration(spec.build())
    except UserError:  # a model that is not here yet, which the stage is told for itself
        return False


def _tell_size(check: Check) -> str:
    if check.calibrated == "answers":
        votes = getattr(check, "votes", 1)
        attacks, bundled = len(make_canaries([])), len(list_bundled_cases())
        least, most = attacks + 2 * ENOUGH, attacks + DRAW_SIZE + ENOUGH - 1 + bundled
        return (
            f"{votes * least:,} to {votes * most:,} requests, the fewer the more answers the rule has decided"
        )
    cases = list_cases(check)
    if not cases:
        return "it cannot be, as no labelled pairs are known of what it judges by, and will decide nothing: name some with pairs=FILE"
    distinct = {key_case(case): case for case in cases}
    if not isinstance(check, EngineCheck):
        return f"by about {len(distinct):,} responses, by its own model, with no request"
    number = len(distinct) * getattr(check, "votes", 1)
    if check.scope == "prompt":
        # Each pair stands alone, as a prompt of its own, and is asked about in both orders.
        number = 2 * len({case.sample.prompt.id for case in cases})
    return f"about {number:,} requests"
