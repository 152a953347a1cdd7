"""Distributions over a run's samples, as a few counts each: no text and no whole set is held in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from curate.reporting.run_facts import Samples
from curate.selection.funnel import EITHER, decide_fates
from curate.store.joined import join_samples, verdict_column
from curate.store.layout import Run
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
    """How many prompts have which share of correct samples; `labels` name the bins."""

    label: str
    labels: Sequence[str]
    counts: Sequence[int]
    mean: float


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
    """The label that says which samples are correct: the first whose check is not a readability filter.

    `decided` are the labels a set was made by; there `a|b` joins a rule with its judge.
    """
    known = [one.label for one in samples.checks if one.role != "readability"]
    if not known:
        return None
    return next((label for label in decided if label.split(EITHER)[0] == known[0]), known[0])


def count_pass_rates(run: Run, name: str, label: str) -> PassRates | None:
    """How often each prompt was answered correctly, of its decided samples; None where each has only one."""
    singles = label.split(EITHER)
    graded = join_samples(run, name, singles, ("prompt_id",)).lazy()
    ok = pl.coalesce(verdict_column(single) for single in singles).alias("ok")
    by_prompt = (
        graded.with_columns(ok).group_by("prompt_id").agg(pl.col("ok").sum(), pl.col("ok").count().alias("n"))
    )
    by_prompt = by_prompt.filter(pl.col("n") > 0)
    found = by_prompt.group_by("ok", "n").len().collect().rows()
    most = max((n for _, n, _ in found), default=0)
    if most < 2:
        return None
    labels = [f"{k}/{most}" for k in range(most + 1)] if most <= FEW else list(_DECILES)
    counts = [0] * len(labels)
    for ok, n, prompts in found:
        counts[round(ok / n * most) if most <= FEW else _decile(ok, n)] += prompts
    mean = sum(ok / n * prompts for ok, n, prompts in found) / sum(counts)
    return PassRates(label, labels, counts, mean)


_DECILES: Final = ("none", *(f"≤{k * 10}%" for k in range(1, 10)), "<100%", "all")


def _decile(ok: int, n: int) -> int:
    """The bin of a pass rate; none and all stand apart, because nothing can be learnt from either."""
    return 0 if ok == 0 else len(_DECILES) - 1 if ok == n else math.ceil(ok * 10 / n)
