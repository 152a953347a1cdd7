"""What a comparison found: equal, different or undecided, and the rule that says so."""

from __future__ import annotations

from typing import NamedTuple


class ComparisonResult(NamedTuple):
    """equal: true, false, or None where nothing was proved. rule: one word for the kind of comparison."""

    equal: bool | None
    rule: str


def combine_findings(findings: list[ComparisonResult], rule: str) -> ComparisonResult:
    """Several parts are equal when all are, different when one is, else undecided."""
    equals = [finding.equal for finding in findings]
    return ComparisonResult(False if False in equals else None if None in equals else True, rule)
