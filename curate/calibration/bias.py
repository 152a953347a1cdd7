"""How a check that prefers responses errs, by what it said of cases of which the better one is known; and why it may not decide.

Its place in a pair is no bias that remains: a check that compares asks in both orders, and only what both say counts, so that
one that favours a place decides too little, which is a fault of its own. That length or flattery pleases it, or that it obeys
texts, cannot be corrected from outside: it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from curate.calibration.calibration import FALSE_ACCEPT, FALSE_REJECT, JudgeRate, ScoreChange
from curate.calibration.cases import LABEL, LabelledCase
from curate.calibration.twins import CANARIES, ORDERS, TWINS
from curate.intervals import bound_mean, format_percent
from filters.check import Check
from filters.checks.preference import DISAGREE
from filters.judges.bounds import PreferenceBounds
from filters.types import Verdict

WRONG_ORDER: Final = "misordered"
POSITION: Final = "position"
MEANINGS: Final[Mapping[str, str]] = {
    FALSE_ACCEPT: "worse response accepted",
    FALSE_REJECT: "better response rejected",
    WRONG_ORDER: "worse response preferred",
    POSITION: "preference that changes with the order",
    "padded": "response preferred once it is padded",
    "repeated": "response preferred once it is repeated",
    "flattered": "response preferred once it flatters",
    "empty": "response that says nothing accepted",
    "another_prompt": "response to another prompt accepted",
    ORDERS: "response accepted for an order to the grader",
}
"""Each rate, in words."""
BOUNDS: Final[Mapping[str, str]] = {
    FALSE_ACCEPT: "max_false_accepts",
    FALSE_REJECT: "max_false_rejects",
    WRONG_ORDER: "max_misordered",
    **dict.fromkeys(TWINS, "max_misordered"),
    **dict.fromkeys(CANARIES, "max_false_accepts"),
}
"""The option that bounds each rate; the position's is told alone."""
EXAMPLES: Final = 10
"""Errors kept as examples of each kind, by the case's id: texts may be hidden ones."""


class _Asked(NamedTuple):
    """A pair's cases with what was said of them."""

    better: Verdict
    worse: Verdict
    case: LabelledCase
    kind: str


def read_preference_bounds(check: Check) -> dict[str, float]:
    """The bounds of a check by their options' names; the usual ones where it has no such options."""
    usual = PreferenceBounds()
    names = dict.fromkeys(BOUNDS.values())
    return {name: float(getattr(check, name, getattr(usual, name))) for name in names}


def count_preference_errors(
    check: Check, cases: Sequence[LabelledCase], verdicts: Sequence[Verdict]
) -> dict[str, JudgeRate]:
    """The rates of `MEANINGS`, of the kinds that there are cases of; the position's of a check that compares. cases: as `make_preference_cases` gives them.

    A score that is not above another is no preference: ties are no errors.
    """
    said = {case.sample.id: verdict for case, verdict in zip(cases, verdicts, strict=True)}
    pairs = _pair_up(cases, said)
    labelled = [pair for pair in pairs if pair.kind == LABEL]
    rates = {
        FALSE_ACCEPT: _count(FALSE_ACCEPT, labelled, lambda pair: pair.worse.ok),
        FALSE_REJECT: _count_rejects(cases, said),
        WRONG_ORDER: _count(WRONG_ORDER, labelled, _prefers_worse),
    }
    if check.scope == "prompt":
        rates[POSITION] = _count(POSITION, pairs, _changes_with_order)
    for kind in TWINS:
        rates[kind] = _count(kind, [pair for pair in pairs if pair.kind == kind], _prefers_worse)
    for kind in CANARIES:
        of_kind = [pair for pair in pairs if pair.kind == kind]
        if of_kind:
            rates[kind] = _count(kind, of_kind, lambda pair: _obeys(pair, said))
    return rates


def _pair_up(cases: Sequence[LabelledCase], said: Mapping[str, Verdict]) -> list[_Asked]:
    """The pairs, each once; every worse case follows its better one."""
    pairs: dict[tuple[str, str, str], _Asked] = {}
    for better, worse in zip(cases[::2], cases[1::2], strict=True):
        assert better.right and not worse.right and better.kind == worse.kind, "cases come in pairs"
        key = better.sample.id, worse.sample.id, worse.kind
        pairs[key] = _Asked(said[key[0]], said[key[1]], worse, worse.kind)
    return list(pairs.values())


def _prefers_worse(pair: _Asked) -> bool | None:
    better, worse = pair.better, pair.worse
    if better.ok is None or worse.ok is None or better.score is None or worse.score is None:
        return None
    return worse.score > better.score


def _changes_with_order(pair: _Asked) -> bool | None:
    """None where it was not asked in both orders, or not understood."""
    return pair.worse.rule == DISAGREE if pair.worse.rule in (DISAGREE, "preferred", "poor") else None


def _obeys(pair: _Asked, said: Mapping[str, Verdict]) -> bool | None:
    """Whether a canary is accepted; one with an order only where it is not without."""
    if pair.kind == ORDERS and pair.worse.ok is not None and said[pair.case.twin].ok is True:
        return False
    return pair.worse.ok


def _count(kind: str, pairs: Sequence[_Asked], errs: Callable[[_Asked], bool | None]) -> JudgeRate:
    found = {pair.case.sample.id: errs(pair) for pair in pairs}
    return _make_rate(kind, found)


def _count_rejects(cases: Sequence[LabelledCase], said: Mapping[str, Verdict]) -> JudgeRate:
    right = {case.sample.id: said[case.sample.id].ok for case in cases if case.right and case.kind == LABEL}
    return _make_rate(FALSE_REJECT, {key: None if ok is None else not ok for key, ok in right.items()})


def _make_rate(kind: str, erred: Mapping[str, bool | None]) -> JudgeRate:
    """Errors by the worse case's id; None where nothing was decided."""
    wrong = [key for key, error in erred.items() if error]
    decided = sum(error is not None for error in erred.values())
    return JudgeRate(MEANINGS[kind], len(wrong), decided, len(erred) - decided, tuple(wrong[:EXAMPLES]))


def measure_changes(cases: Sequence[LabelledCase], verdicts: Sequence[Verdict]) -> dict[str, ScoreChange]:
    """By how much the twins of each kind score above their originals; of scores between 0 and 1."""
    said = {case.sample.id: verdict for case, verdict in zip(cases, verdicts, strict=True)}
    pairs = _pair_up(cases, said)
    changes = {}
    for kind in TWINS:
        rises = [rise for pair in pairs if pair.kind == kind and (rise := _find_rise(pair)) is not None]
        if rises:
            low, high = bound_mean(rises, -1.0, 1.0)
            mean = sum(rises) / len(rises)
            changes[kind] = ScoreChange(
                f"score of the {kind} response above its own", mean, low, high, len(rises)
            )
    return changes


def _find_rise(pair: _Asked) -> float | None:
    if _prefers_worse(pair) is None:
        return None
    assert pair.better.score is not None and pair.worse.score is not None
    return pair.worse.score - pair.better.score


def find_preference_faults(
    rates: Mapping[str, JudgeRate], changes: Mapping[str, ScoreChange], bounds: Mapping[str, float]
) -> tuple[str, ...]:
    """Why a check with these rates may not decide, in words; nothing where it may.

    It may not where the upper end of a rate's 95% interval is above its bound, which it also is where too few cases were
    decided; nor where its scores rise with padding, repetition or flattery, and chance is no explanation.
    """
    if not rates[FALSE_ACCEPT].cases:
        return ("no labelled pairs are known of what it judges by: name some with pairs=FILE",)
    faults = [
        _hold_against(rate, bounds[BOUNDS[kind]], BOUNDS[kind])
        for kind, rate in rates.items()
        if kind in BOUNDS
    ]
    for kind, change in changes.items():
        # Where few twins gain, as the bound of their share allows, large gains still teach what pays.
        if change.low > 0 and bounds[BOUNDS[kind]] < 1:
            faults.append(
                f"its score rises by {change.mean:.3f} on average ({change.low:.3f} to {change.high:.3f}) once a response is {kind}"
            )
    return tuple(filter(None, faults))


def _hold_against(rate: JudgeRate, bound: float, option: str) -> str:
    high = rate.interval[1]
    if high <= bound:
        return ""
    limit = f"{option} is {format_percent(bound, 2)}%"
    if not rate.decided:
        return f"{rate.meaning}: of {rate.undecided} cases none was decided, so that nothing is known, and {limit}"
    return (
        f"{rate.meaning}: {rate.errors} of {rate.decided} decided cases ({rate.undecided} undecided), so that the rate may be as "
        f"high as {format_percent(high, 2)}% (95%), and {limit}"
    )
