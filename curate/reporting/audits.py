"""What audits found: how often a verifier errs, and how often a filter is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from curate.store.layout import Run
from curate.store.verdicts import read_checks
from curate.store.whole_files import read_json

ERRORS: Final = {
    "false_reject": "own reference rejected",
    "false_accept": "near miss of the reference accepted",
    "second_rule_refuses": "accepted, and {rule} refuses",
    "second_rule_accepts": "rejected, and {rule} accepts",
}
"""What the rates of audit.json are called."""


class Interval(NamedTuple):
    """A measured share or difference with its 95% interval."""

    value: float
    low: float
    high: float


class Audit(NamedTuple):
    """How often a check errs or a filter is right: `share` of `tried`, with its 95% interval; None where none was tried."""

    label: str
    of: str
    tried: int
    found: int
    share: Interval | None


def read_audits(run: Run, name: str) -> Iterator[Audit]:
    """What `verify --audit` and `filter --audit` found of these verdicts; of a check that has since changed nothing."""
    current = {entry["label"]: entry for entry in read_checks(run, name)}
    for label, rates in (read_json(run.verifier_audit(name)) or {}).items():
        if rates["digest"] == current.get(label, {}).get("digest", rates["digest"]):
            yield from (_error(label, kind, rates) for kind in ERRORS if kind in rates)
    for row in (read_json(run.filter_audit(name)) or {}).get("reasons", []):
        low, high = row["interval"]
        share = None if row["precision"] is None else Interval(row["precision"], low, high)
        said = "rightly kept" if row["rule"] == "kept" else f"rightly rejected: {row['rule']}"
        yield Audit(row["check"] or "all", said, row["judged"], row["right"], share)


def _error(label: str, kind: str, rates: Mapping[str, Any]) -> Audit:
    rate = rates[kind]
    share = None if rate["rate"] is None else Interval(rate["rate"], rate["low"], rate["high"])
    said = ERRORS[kind].format(rule=(rates["second_rule"] or "").replace("_", " "))
    return Audit(label, said, rate["tried"], rate["errors"], share)
