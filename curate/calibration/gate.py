"""When a judge may decide: its error rates as they were measured, held against its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from curate.calibration.calibration import FALSE_ACCEPT, FALSE_REJECT, Calibration, JudgeRate
from curate.calibration.cases import LABEL, LabelledCase
from curate.intervals import format_percent
from filters.answers.extract.final_answer import extract_answer
from filters.answers.verdicts import quote_answer
from filters.check import Check
from filters.judges.bounds import UNRELIABLE, ErrorBounds
from filters.types import Verdict

SHOWN: Final = 10
"""Errors kept as examples of each kind."""
BOUNDS: Final = {FALSE_ACCEPT: "max_false_accepts", FALSE_REJECT: "max_false_rejects"}
"""The option that bounds each rate."""
_MEANINGS: Final = {FALSE_ACCEPT: "wrong answer accepted", FALSE_REJECT: "right answer rejected"}
_CASES: Final = {FALSE_ACCEPT: ("wrong", "accepted"), FALSE_REJECT: ("right", "rejected")}
_LONGEST: Final = 600
"""Characters of a verdict's reason."""


def count_errors(cases: Sequence[LabelledCase], verdicts: Sequence[Verdict]) -> dict[str, JudgeRate]:
    """The rates by kind: false accepts, false rejects, and each kind of canary; what is undecided is no error."""
    by_kind: dict[str, list[tuple[LabelledCase, Verdict]]] = {FALSE_ACCEPT: [], FALSE_REJECT: []}
    for case, verdict in zip(cases, verdicts, strict=True):
        kind = case.kind if case.kind != LABEL else FALSE_REJECT if case.right else FALSE_ACCEPT
        by_kind.setdefault(kind, []).append((case, verdict))
    return {kind: _count_kind(kind, found) for kind, found in by_kind.items()}


def _count_kind(kind: str, found: Sequence[tuple[LabelledCase, Verdict]]) -> JudgeRate:
    decided = [(case, verdict) for case, verdict in found if verdict.ok is not None]
    wrong = [case for case, verdict in decided if verdict.ok is not case.right]
    meaning = _MEANINGS.get(kind, f"canary accepted: {kind.replace('_', ' ')}")
    examples = tuple(_describe_case(case) for case in wrong[:SHOWN])
    return JudgeRate(meaning, len(wrong), len(decided), len(found) - len(decided), examples)


def _describe_case(case: LabelledCase) -> str:
    answer = extract_answer(case.sample.parts).text if case.kind == LABEL else case.sample.parts.answer or ""
    return f"{quote_answer(answer)} for {quote_answer(case.sample.prompt.answer or '')}"


def read_bounds(check: Check) -> dict[str, float]:
    """The bounds of a check by their options' names; those of `ErrorBounds` where it has no such options."""
    usual = ErrorBounds()
    return {name: float(getattr(check, name, getattr(usual, name))) for name in BOUNDS.values()}


def find_faults(rates: Mapping[str, JudgeRate], bounds: Mapping[str, float]) -> tuple[str, ...]:
    """Why a judge with these rates may not decide, in words; nothing where it may.

    It may not where the upper end of a rate's 95% interval is above its bound, which it also is where too few cases
    were decided, and where it accepts a canary of any kind.
    """
    faults = [_hold_against(kind, rates[kind], bounds[option], option) for kind, option in BOUNDS.items()]
    accepted = [
        f"{kind.replace('_', ' ')} ({rate.errors} of {rate.decided})"
        for kind, rate in rates.items()
        if kind not in BOUNDS and rate.errors
    ]
    if accepted:
        faults.append(f"it accepts attacks: {', '.join(accepted)}")
    return tuple(filter(None, faults))


def _hold_against(kind: str, rate: JudgeRate, bound: float, option: str) -> str:
    high, (cases, erred) = rate.interval[1], _CASES[kind]
    if high <= bound:
        return ""
    total, limit = rate.cases, f"above {option} of {100 * bound:g}%"
    if not rate.decided:
        return f"it decided none of {total} {cases} answers, so that the share {erred} may be 100%, {limit}"
    return (
        f"it decided {rate.decided} of {total} {cases} answers and {erred} {rate.errors}, so that the share {erred} may be "
        f"{format_percent(high)}%, {limit}"
    )


def withhold_verdict(found: Calibration) -> Verdict:
    """What stands in the place of each verdict of a check that may not decide."""
    return Verdict(None, f"{UNRELIABLE}: {'; '.join(found.faults)}"[:_LONGEST])


def explain_closed(label: str, found: Calibration) -> str:
    """One sentence: that a check decided nothing, and why."""
    return (
        f"'{label}' decided nothing, since its error rate is not within its bounds: {'; '.join(found.faults)}. Its "
        f"verdicts are undecided ({UNRELIABLE}); another model, or other bounds, may decide."
    )
