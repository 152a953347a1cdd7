"""What a comparison found: equal, different or undecided, and the rule that says so."""

from __future__ import annotations

from typing import NamedTuple


class ComparisonResult(NamedTuple):
    """equal: true, false, or None where nothing was proved. rule: a word or two for what was compared.

    unread: what of either side could not be read, where that is why nothing was proved.
    """

    equal: bool | None
    rule: str
    unread: str = ""


def combine_findings(findings: list[ComparisonResult], rule: str) -> ComparisonResult:
    """Several parts are equal when all are, different when one is, else undecided."""
    equals = [finding.equal for finding in findings]
    return ComparisonResult(False if False in equals else None if None in equals else True, rule)
