"""What audits found: how often a verifier errs, and how often a filter is right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from curate.calibration.calibration import CALIBRATION
from curate.checking.reference_kinds import MEANINGS
from curate.store.layout import Run
from curate.store.verdicts import read_checks
from curate.store.whole_files import read_json


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
            measured = {kind: rate for kind, rate in rates.items() if isinstance(rate, Mapping)}
            references = measured.pop("references", {})
            measured.pop(CALIBRATION, None)
            yield from (_error(label, kind, rate) for kind, rate in measured.items())
            yield from _count_references(label, references)
    for row in (read_json(run.filter_audit(name)) or {}).get("reasons", []):
        low, high = row["interval"]
        share = None if row["precision"] is None else Interval(row["precision"], low, high)
        said = "rightly kept" if row["rule"] == "kept" else f"rightly rejected: {row['rule']}"
        yield Audit(row["check"] or "all", said, row["judged"], row["right"], share)


def _count_references(label: str, counts: Mapping[str, Any]) -> Iterator[Audit]:
    """The kinds of references that there are. All were counted, so that the share's interval is a point."""
    for kind, meaning in MEANINGS.items():
        if counts.get(kind):
            share = counts[kind] / counts["tried"]
            yield Audit(
                label, f"reference {meaning}", counts["tried"], counts[kind], Interval(share, share, share)
            )


def _error(label: str, kind: str, rate: Mapping[str, Any]) -> Audit:
    share = None if rate["rate"] is None else Interval(rate["rate"], rate["low"], rate["high"])
    # Audits of earlier versions do not say what their rates mean.
    return Audit(label, rate.get("meaning") or kind.replace("_", " "), rate["tried"], rate["errors"], share)
