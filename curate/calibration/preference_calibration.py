"""The calibration of a check that prefers responses, from what it says of its cases; of one that holds its model itself, at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from curate.calibration.bias import (
    count_preference_errors,
    find_preference_faults,
    measure_changes,
    read_preference_bounds,
)
from curate.calibration.calibration import Calibration
from curate.calibration.cases import LABEL, LabelledCase
from curate.calibration.preference_cases import FORMAT, make_preference_cases
from curate.calibration.preference_pairs import digest_pairs
from curate.calibration.twins import list_texts
from curate.engines.identity import find_model
from filters.check import Check
from filters.digest import digest
from filters.engine import EngineOptions
from filters.take_verdicts import take_verdicts
from filters.types import Sample, Verdict


def calibrate_resident(check: Check, samples: Sequence[Sample] = ()) -> Calibration:
    """Try a check on its labelled pairs and on versions of these samples. Raises UserError where its model or its pairs cannot be read."""
    cases = make_preference_cases(check, samples)
    verdicts = take_verdicts(check.check([case.sample for case in cases]), len(cases))
    return conclude_preferences(check, cases, verdicts)


def conclude_preferences(
    check: Check, cases: Sequence[LabelledCase], verdicts: Sequence[Verdict]
) -> Calibration:
    """The calibration of a check by what it said of cases, as `make_preference_cases` gives them."""
    rates = count_preference_errors(check, cases, verdicts)
    changes, bounds = measure_changes(cases, verdicts), read_preference_bounds(check)
    labelled = {case.sample.id: case.source for case in cases if case.kind == LABEL}
    faults = find_preference_faults(rates, changes, bounds)
    return Calibration(
        check.name,
        key_preferences(check),
        dict(Counter(labelled.values())),
        rates,
        bounds,
        faults,
        changes=changes,
    )


def key_preferences(check: Check) -> str:
    """The content key of a check's calibration: of the check without its bounds, its own model's weights, and how cases are made."""
    model = {"model": getattr(check, "model", ""), "revision": getattr(check, "revision", None)}
    weights = find_model(EngineOptions(**model)).key if check.resident and model["model"] else ""
    return digest(FORMAT, check.digest, weights, digest_pairs(check), list_texts())
