"""The checks of some samples that ask a model: how often each errs, and what its model was asked, since judges cost, too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from curate.calibration.calibration import Calibration, read_calibration
from curate.store.answer_journal import Usage, read_usage
from curate.store.layout import Run
from curate.store.verdicts import read_checks


class ModelUse(NamedTuple):
    """What one check's model was asked. purpose: for verdicts, or to calibrate the check."""

    label: str
    purpose: str
    usage: Usage


@dataclass(frozen=True, slots=True)
class Judges:
    """Calibrations by the checks' labels, and what models were asked in all calls together."""

    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    asked: Sequence[ModelUse] = ()


def read_judges(run: Run, name: str) -> Judges:
    """The judges among the checks of `samples(name)`; a check that asks no model, or holds its own, asks nothing.

    A calibration of another check, which had the label before, says nothing of this one.
    """
    checks = {entry["label"]: entry["check"] for entry in read_checks(run, name)}
    labels = list(checks)
    found = {label: read_calibration(run, name, label) for label in labels}
    calibrations = {
        label: one for label, one in found.items() if one is not None and one.check == checks[label]
    }
    asked = [use for label in labels for use in _list_use(run, name, label, calibrations.get(label))]
    return Judges(calibrations, asked)


def _list_use(run: Run, name: str, label: str, found: Calibration | None) -> Iterator[ModelUse]:
    if found is not None and found.model_usage is not None:
        yield ModelUse(label, "calibration", found.model_usage)
    verdicts = read_usage(run, name, label)
    if verdicts is not None:
        yield ModelUse(label, "verdicts", verdicts)
