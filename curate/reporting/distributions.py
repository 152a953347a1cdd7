"""Distributions over a run's samples, as a few counts each: no text and no whole set is held in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Final

import polars as pl

from curate.reporting.run_facts import Samples
from curate.selection.funnel import decide_fates
from curate.store.joined import EITHER, join_samples, verdict_column
from curate.store.layout import Run
from curate.store.parquet import scan_files
from filters.errors import UserError

BINS: Final = 24
NARROWEST: Final = 2
"""Tokens of the narrowest bin: narrower ones would hold one length or none."""
FEW: Final = 16
"""Up to this many samples per prompt, every count of correct ones has its own bar."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many kept and rejected samples fall between two `edges`, in tokens; each bin is as many times as long as the one before."""

    edges: Sequence[float]
    kept: Sequence[int]
    rejected: Sequence[int]
    medians: tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class PassRates:
    """How many prompts have which pass rate; `labels` name the bins.

    label: the check that says what is correct; None where sampling stopped at the K-th accepted sample, and the rates
    are the unbiased estimates of how often all checks that ran while sampling accept. left_out: prompts without a
    rate. mean: over the others; None where it would be bent, since prompts that were answered have no estimate (K=1).
    """

    label: str | None
    labels: Sequence[str]
    counts: Sequence[int]
    mean: float | None
    left_out: int


def count_lengths(run: Run, name: str, labels: Sequence[str]) -> Lengths | None:
    """Token lengths of the samples that pass all checks, and of those rejected; None where uncounted."""
    try:
        judged = decide_fates(run, name, labels)
    except UserError:
        return None  # verdicts that a set was made from have since been thrown away
    kept = pl.col("fate") == "accepted"
    wanted = (kept | (pl.col("fate") == "rejected")) & (pl.col("tokens") > 0)
    frame = judged.filter(wanted).select("tokens", kept.alias("kept"))
    tokens = pl.col("tokens")
    ends = frame.select(
        tokens.min().alias("low"),
        tokens.max().alias("high"),
        tokens.filter("kept").median().alias("kept"),
        tokens.filter(~pl.col("kept")).median().alias("rejected"),
    )
    low, high, *medians = ends.row(0)
    if low is None:
        return None
    step = max(math.log((high + 1) / low) / BINS, NARROWEST / low)
    number = ((tokens / low).log() / step).cast(pl.Int32).alias("bin")
    counted = frame.group_by("kept", number).len()
    found = {(is_kept, number): count for is_kept, number, count in counted.iter_rows()}
    edges = [low * math.exp(step * n) for n in range(max(n for _, n in found) + 2)]
    series = [[found.get((is_kept, n), 0) for n in range(len(edges) - 1)] for is_kept in (True, False)]
    return Lengths(edges, series[0], series[1], (medians[0], medians[1]))


def find_verifier(samples: Samples, decided: Sequence[str] = ()) -> str | None:
    """The label that says which samples are correct: the first whose check is no filter, of chains or of data.

    `decided` are the labels a set was made by; there `a|b` joins a rule with its judge.
    """
    known = [one.label for one in samples.checks if one.role not in ("readability", "data")]
    if not known:
        return None
    return next((label for label in decided if label.split(EITHER)[0] == known[0]), known[0])


def count_pass_rates(run: Run, name: str, label: str) -> PassRates | None:
    """How often each prompt was answered correctly; None where each has only one decided sample."""
    path = run.pass_rates(name)
    rates = scan_files([path]).select("enough", "pass_rate").collect() if path.exists() else None
    # Where prompts stopped early, the share of correct samples says when they stopped.
    if rates is not None and rates["enough"].any():
        return _count_estimates(rates)
    return _count_shares(run, name, label)


def _count_estimates(rates: pl.DataFrame) -> PassRates:
    known = rates["pass_rate"].drop_nulls()
    counts = [0] * len(_DECILES)
    for rate in known:
        counts[_decile(rate)] += 1
    bent = rates["pass_rate"].is_null() & rates["enough"]
    mean = None if bent.any() or not len(known) else fmean(known)
    return PassRates(None, _DECILES, counts, mean, len(rates) - len(known))


def _count_shares(run: Run, name: str, label: str) -> PassRates | None:
    """The share of correct samples among the decided ones of each prompt."""
    singles = label.split(EITHER)
    try:
        graded = join_samples(run, name, singles, ("prompt_id",)).lazy()
    except UserError:
        return None  # a set was made from these verdicts, and since then samples were added
    ok = pl.coalesce(verdict_column(single) for single in singles).alias("ok")
    by_prompt = (
        graded.with_columns(ok).group_by("prompt_id").agg(pl.col("ok").sum(), pl.col("ok").count().alias("n"))
    )
    found = by_prompt.group_by("ok", "n").len().collect().rows()
    left_out = sum(prompts for _, n, prompts in found if not n)
    found = [row for row in found if row[1]]
    most = max((n for _, n, _ in found), default=0)
    if most < 2:
        return None
    labels = [f"{k}/{most}" for k in range(most + 1)] if most <= FEW else _DECILES
    counts = [0] * len(labels)
    for ok, n, prompts in found:
        counts[_bin_share(ok, n, most) if most <= FEW else _decile(ok / n)] += prompts
    mean = sum(ok / n * prompts for ok, n, prompts in found) / sum(counts)
    return PassRates(label, labels, counts, mean, left_out)


_DECILES: Final = ("none", *(f"≤{k * 10}%" for k in range(1, 10)), "<100%", "all")


def _bin_share(ok: int, n: int, most: int) -> int:
    """The bin of `ok` of `n` among those of `most`; only none is in the first one, and only all in the last."""
    return (
        ok
        if n == most
        else 0
        if ok == 0
        else most
        if ok == n
        else min(max(round(ok / n * most), 1), most - 1)
    )


def _decile(rate: float) -> int:
    """The bin of a pass rate; none and all stand apart, because nothing can be learnt from either."""
    return 0 if rate == 0 else len(_DECILES) - 1 if rate == 1 else math.ceil(round(rate * 10, 9))
