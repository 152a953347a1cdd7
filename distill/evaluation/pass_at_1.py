"""What an evaluation can claim: pass@1 and cons@k with 95% intervals, and the paired gain.

Samples of one prompt resemble each other, so the prompt is the unit: 64 samples of each of 30 questions are 30
observations. Undecided samples are left out, counted, and bounded by what they could have been.
Sources: Miller 2024, "Adding Error Bars to Evals" (arXiv 2411.00640), sections 2.2 and 4.2, for standard
errors clustered by prompt and for paired differences; Hanley and Lippman-Hand 1983 for the rule of three.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import isclose, sqrt
from statistics import fmean, stdev

from curate.intervals import Z_95

Grades = Sequence[bool | None]
"""One prompt's samples: correct, wrong, or undecided."""
Votes = Sequence[tuple[Hashable | None, bool | None]]
"""One prompt's samples: the class of equal answers (None without an answer) and whether it is correct."""

T_SMALL = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622)
"""Student's t at 0.975 for 1 to 9 degrees of freedom."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over prompts with its 95% interval.

    prompts: how many the mean is over. left_out: prompts without any decided sample. undecided: samples that
    could not be judged. bounds: what the mean would be if all of those were wrong, or all were correct.
    """

    value: float
    low: float
    high: float
    prompts: int
    left_out: int = 0
    undecided: int = 0
    bounds: tuple[float, float] = (0.0, 1.0)


def estimate_pass_at_1(prompts: Sequence[Grades]) -> Estimate:
    """The mean over prompts of the share of samples that are correct.

    Raises ValueError where no sample is decided.
    """
    shares = [_share(grades) for grades in prompts]
    wrong = fmean(_share([bool(ok) for ok in grades]) or 0.0 for grades in prompts) if prompts else 0.0
    right = fmean(_share([ok is not False for ok in grades]) or 0.0 for grades in prompts) if prompts else 1.0
    return _estimate(shares, _undecided(prompts), (wrong, right))


def estimate_cons_at_k(prompts: Sequence[Votes]) -> Estimate:
    """The accuracy of each prompt's most frequent answer (majority voting, cons@k).

    Tied answers count in equal shares, as if one were drawn at random, so the order of samples does not matter. Samples
    without an answer do not vote; a prompt without any vote is wrong. A prompt is left out where the winning
    answer is undecided. Raises ValueError where all are.
    """
    outcomes = [_consensus(votes) for votes in prompts]
    wrong = fmean(low for low, _ in outcomes) if outcomes else 0.0
    right = fmean(high for _, high in outcomes) if outcomes else 1.0
    undecided = _undecided([[ok for _, ok in votes] for votes in prompts])
    decided = [low if isclose(low, high) else None for low, high in outcomes]
    return _estimate(decided, undecided, (wrong, right))


def estimate_paired_difference(before: Sequence[Grades], after: Sequence[Grades]) -> Estimate:
    """The gain in pass@1 from one model to another on the same prompts, given in the same order.

    Pairing removes the variance due to the difficulty of prompts, which usually makes the interval much narrower
    than that of two separate estimates. Raises ValueError where the lists differ in length or no prompt is decided in both.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} prompts before but {len(after)} after: they cannot be paired.")
    pairs = zip(map(_share, before), map(_share, after), strict=True)
    changes = [None if one is None or two is None else two - one for one, two in pairs]
    low = estimate_pass_at_1(after).bounds[0] - estimate_pass_at_1(before).bounds[1]
    high = estimate_pass_at_1(after).bounds[1] - estimate_pass_at_1(before).bounds[0]
    return _estimate(changes, _undecided(before) + _undecided(after), (low, high), least=-1.0)


def _share(grades: Grades) -> float | None:
    decided = [ok for ok in grades if ok is not None]
    return sum(decided) / len(decided) if decided else None


def _undecided(prompts: Sequence[Grades]) -> int:
    return sum(ok is None for grades in prompts for ok in grades)


def _consensus(votes: Votes) -> tuple[float, float]:
    """The lowest and the highest accuracy that a prompt's majority answer may have."""
    classes: dict[Hashable, list[bool | None]] = defaultdict(list)
    for answer, ok in votes:
        if answer is not None:
            classes[answer].append(ok)
    most = max(map(len, classes.values()), default=0)
    winners = [_share(grades) for grades in classes.values() if len(grades) == most]
    if not winners:
        return 0.0, 0.0
    return tuple(fmean(unknown if w is None else w for w in winners) for unknown in (0.0, 1.0))  # type: ignore[return-value]


def _estimate(
    values: Sequence[float | None], undecided: int, bounds: tuple[float, float], least: float = 0.0
) -> Estimate:
    known = [value for value in values if value is not None]
    if not known:
        raise ValueError("No prompt has enough decided samples for an estimate.")
    low, high = _interval(known, least)
    return Estimate(fmean(known), low, high, len(known), len(values) - len(known), undecided, bounds)


def _interval(values: Sequence[float], least: float) -> tuple[float, float]:
    """The 95% interval of the mean of values between `least` and 1.

    Where all are equal, the standard error is 0 and meaningless. By the rule of three, at most a share
    1 - 0.05^(1/n) of prompts is then of a kind not seen, and their values may lie anywhere.
    """
    mean, number = fmean(values), len(values)
    if all(isclose(value, values[0]) for value in values):
        unseen = 1 - 0.05 ** (1 / number)
        return mean - unseen * (mean - least), mean + unseen * (1 - mean)
    margin = _student_t(number - 1) * stdev(values) / sqrt(number)
    return max(least, mean - margin), min(1.0, mean + margin)


def _student_t(freedom: int) -> float:
    """Student's t at 0.975: a table, then the expansion of Abramowitz and Stegun 26.7.5 (to 4 digits)."""
    if freedom <= len(T_SMALL):
        return T_SMALL[freedom - 1]
    z = Z_95
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + first / freedom + second / freedom**2 + third / freedom**3
