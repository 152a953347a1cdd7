"""What an evaluation may claim: pass@1, pass@k and cons@k with 95% intervals, and the paired gain.

Samples of one prompt resemble each other, so the prompt is the unit: 64 samples of 30 questions are 30
observations. Undecided samples are left out, counted, and bounded by what they could have been.
Sources: Miller 2024, "Adding Error Bars to Evals" (arXiv 2411.00640), sections 2.2 and 4.2, for standard
errors clustered by prompt and for paired differences; Chen et al. 2021 (arXiv 2107.03374), section 2.1, for
pass@k; Hanley and Lippman-Hand 1983 for the rule of three.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb, isclose, sqrt
from statistics import fmean, stdev

Grades = Sequence[bool | None]
"""One prompt's samples: correct, wrong, or undecided."""
Votes = Sequence[tuple[Hashable | None, bool | None]]
"""One prompt's samples: the class of equal answers (None without an answer) and whether it is correct."""

T_SMALL = (12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622)
"""Student's t at 0.975 for 1 to 9 degrees of freedom."""
Z = 1.959964


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over prompts with its 95% interval.

    prompts: how many the mean is over. left_out: prompts that could not be judged at all.
    undecided: samples that could not be judged. bounds: the mean had all of those been wrong, or right.
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


def pass_at_k(prompts: Sequence[Grades], k: int) -> Estimate:
    """The chance that one of k samples is correct, without bias: 1 - C(n-c, k) / C(n, k) a prompt.

    Prompts with fewer than k decided samples are left out. Raises ValueError where none has as many.
    """
    if k < 1:
        raise ValueError(f"k is {k}; pass@k needs at least 1 sample.")

    def chance(grades: Grades) -> float | None:
        decided = [ok for ok in grades if ok is not None]
        if len(decided) < k:
            return None
        return 1 - comb(len(decided) - sum(decided), k) / comb(len(decided), k)

    def bound(value: bool) -> float:
        filled = (chance([value if ok is None else ok for ok in grades]) for grades in prompts)
        known = [one for one in filled if one is not None]
        return fmean(known) if known else float(value)

    return _estimate(list(map(chance, prompts)), _undecided(prompts), (bound(False), bound(True)))


def estimate_cons_at_k(prompts: Sequence[Votes]) -> Estimate:
    """The accuracy of each prompt's most frequent answer (majority voting, cons@k).

    Tied answers count for their shares, as if one were drawn: no order of samples is preferred. Samples
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
    """How much pass@1 rose from one model to another on the same prompts, in the same order.

    Pairing takes out how hard the prompts are, which usually makes the interval much narrower than two
    separate ones. Raises ValueError where the lists differ in length or no prompt is decided in both.
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
    """The least and the greatest accuracy that a prompt's majority answer may have."""
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
        raise ValueError("No prompt has enough decided samples to say anything.")
    low, high = _interval(known, least)
    return Estimate(fmean(known), low, high, len(known), len(values) - len(known), undecided, bounds)


def _interval(values: Sequence[float], least: float) -> tuple[float, float]:
    """The 95% interval of the mean of values between `least` and 1.

    Where all are equal the standard error is 0 and says nothing; then, by the rule of three, at most a share
    1 - 0.05^(1/n) of prompts is of a kind not seen, and these may lie anywhere.
    """
    mean, number = fmean(values), len(values)
    if all(isclose(value, values[0]) for value in values):
        unseen = 1 - 0.05 ** (1 / number)
        return mean - unseen * (mean - least), mean + unseen * (1 - mean)
    reach = _student_t(number - 1) * stdev(values) / sqrt(number)
    return max(least, mean - reach), min(1.0, mean + reach)


def _student_t(freedom: int) -> float:
    """Student's t at 0.975: a table, then the expansion of Abramowitz and Stegun 26.7.5 (to 4 digits)."""
    if freedom <= len(T_SMALL):
        return T_SMALL[freedom - 1]
    first = (Z**3 + Z) / 4
    second = (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96
    third = (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384
    return Z + first / freedom + second / freedom**2 + third / freedom**3
