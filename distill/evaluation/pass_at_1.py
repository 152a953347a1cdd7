"""What an evaluation can claim: pass@1, pass@k and cons@k with 95% intervals, and the paired gain.

Samples of one prompt resemble each other, so the prompt is the unit: 64 samples of each of 30 questions are 30
observations. Undecided samples, judged or never made, are left out, counted, and bounded by what they could have been.
Where nothing is decided, there is no value, and the interval is all that is possible.
Source: Miller 2024, "Adding Error Bars to Evals" (arXiv 2411.00640), sections 2.2 and 4.2, for standard
errors clustered by prompt and for paired differences; Chen et al. 2021, "Evaluating Large Language Models Trained on
Code" (arXiv 2107.03374), section 2.1, for pass@k.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import comb, isclose
from statistics import fmean
from typing import Final

from curate.intervals import bound_mean

Grades = Sequence[bool | None]
"""One prompt's samples: correct, wrong, or undecided."""
Votes = Sequence[tuple[Hashable | None, bool | None]]
"""One prompt's samples: the class of equal answers (None without an answer) and whether it is correct."""
Bounds = tuple[float, float]
"""The lowest and the highest that something may be."""
USUAL: Final = (10, 100)
"""The k of pass@k that papers report beside the powers of two."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over prompts with its 95% interval; value is None where no prompt is decided.

    counted: how many prompts the mean is over. left_out: the others, which are undecided. bounds: what the mean over
    all of them would be if everything undecided were wrong, or all were correct.
    """

    value: float | None
    low: float
    high: float
    counted: int
    left_out: int
    bounds: Bounds


def estimate_pass_at_1(prompts: Sequence[Grades]) -> Estimate:
    """The mean over prompts of the share of samples that are correct; a prompt without a decided sample is left out."""
    return _estimate([_share(grades) for grades in prompts], [_bound_share(grades) for grades in prompts])


def list_k(samples: int) -> list[int]:
    """The k for which pass@k is told of so many samples a prompt, in order: powers of two, and those that are usual."""
    powers = (2**power for power in range(samples.bit_length()))
    return sorted({k for k in (*powers, *USUAL) if k <= samples})


def estimate_pass_at_k(prompts: Sequence[Grades], k: int) -> Estimate:
    """The mean over prompts of the chance that of k samples at least one is correct.

    Of a prompt's decided samples, each k are as likely as any others: 1 - C(n - c, k) / C(n, k) of n, c of them
    correct, is unbiased. A prompt with fewer than k decided samples is left out, also where those settle it: they
    settle it only if enough of them are correct, so that what was counted would be the easy ones.
    """
    values = [_share_of_draws(grades, k) for grades in prompts]
    return _estimate(values, [_bound_draws(grades, k) for grades in prompts])


def estimate_cons_at_k(prompts: Sequence[Votes]) -> Estimate:
    """The accuracy of each prompt's most frequent answer (majority voting, cons@k).

    Tied answers count in equal shares, as if one were drawn at random, so the order of samples does not matter. A wrong
    sample without an answer does not vote; a prompt without any vote is wrong. The vote of any other sample without
    an answer is unknown: it was not made, or its answer could not be found. Equal answers are equally right: a
    class is decided where one of its samples is. A prompt is left out where the winning
    answer is undecided, or where unknown votes could make another one win.
    """
    bounds = [_bound_consensus(votes) for votes in prompts]
    return _estimate([low if isclose(low, high) else None for low, high in bounds], bounds)


def estimate_paired_difference(before: Sequence[Grades], after: Sequence[Grades]) -> Estimate:
    """The gain in pass@1 from one model to another on the same prompts, given in the same order.

    Pairing removes the variance due to the difficulty of prompts, which usually makes the interval much narrower
    than that of two separate estimates. Raises ValueError where the lists differ in length.
    """
    if len(before) != len(after):
        raise ValueError(f"{len(before)} prompts before but {len(after)} after: they cannot be paired.")
    pairs = list(zip(before, after, strict=True))
    shares = [(_share(one), _share(two)) for one, two in pairs]
    changes = [None if one is None or two is None else two - one for one, two in shares]
    ends = [(_bound_share(one), _bound_share(two)) for one, two in pairs]
    return _estimate(changes, [(two[0] - one[1], two[1] - one[0]) for one, two in ends], least=-1.0)


def _share(grades: Grades) -> float | None:
    decided = [ok for ok in grades if ok is not None]
    return sum(decided) / len(decided) if decided else None


def _bound_share(grades: Grades) -> Bounds:
    """What the share of correct samples may be once all are decided."""
    if not grades:
        return 0.0, 1.0
    return fmean(ok is True for ok in grades), fmean(ok is not False for ok in grades)


def _share_of_draws(grades: Grades, k: int) -> float | None:
    """The share of all draws of k decided samples that hold a correct one."""
    decided = sum(ok is not None for ok in grades)
    return _count_draws(decided, grades.count(True), k) if decided >= k else None


def _bound_draws(grades: Grades, k: int) -> Bounds:
    """What that share may be once all are decided."""
    right, maybe = grades.count(True), sum(ok is not False for ok in grades)
    if len(grades) < k:
        return 0.0, 1.0
    return _count_draws(len(grades), right, k), _count_draws(len(grades), maybe, k)


def _count_draws(samples: int, right: int, k: int) -> float:
    return 1 - comb(samples - right, k) / comb(samples, k)


def _bound_consensus(votes: Votes) -> Bounds:
    """What the accuracy of a prompt's majority answer may be."""
    classes: dict[Hashable, list[bool | None]] = defaultdict(list)
    for answer, ok in votes:
        if answer is not None:
            classes[answer].append(ok)
    unknown = sum(answer is None and ok is not False for answer, ok in votes)
    sizes = sorted(map(len, classes.values()), reverse=True)
    most, second = (*sizes, 0, 0)[:2]
    if unknown and most <= second + unknown:
        return 0.0, 1.0
    winners = [_share(grades) for grades in classes.values() if len(grades) == most]
    if not winners:
        return 0.0, 0.0
    low, high = (fmean(undecided if w is None else w for w in winners) for undecided in (0.0, 1.0))
    return low, high


def _estimate(values: Sequence[float | None], bounds: Sequence[Bounds], least: float = 0.0) -> Estimate:
    known = [value for value in values if value is not None]
    low, high = bound_mean(known, least, 1.0)
    lowest = fmean(low for low, _ in bounds) if bounds else least
    highest = fmean(high for _, high in bounds) if bounds else 1.0
    value = fmean(known) if known else None
    return Estimate(value, low, high, len(known), len(values) - len(known), (lowest, highest))
