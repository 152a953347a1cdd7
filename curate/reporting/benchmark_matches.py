"""Samples that hold a benchmark's problem, side by side with it: who may say that they are one should see both.

They are compared anew, with the same benchmarks or not at all: with others the page would show what no verdict says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

import polars as pl

from curate.benchmarks.contamination import Contamination, HeldProblem, say_share
from curate.reporting.examples import Piece, read_chosen
from curate.reporting.run_facts import Samples
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.verdict_counts import RULE
from curate.store.verdicts import read_checks
from filters.errors import UserError
from filters.overlap.read_texts import Span
from filters.registry import make_check
from filters.types import Sample

SHOWN: Final = 8
"""Matches shown of a check, each of another problem, those with the most of it first."""
BENCHMARKS: Final = 20
"""Benchmarks whose matches are counted, the commonest."""
LONGEST: Final = 1200
"""Characters shown of a text."""
BEFORE: Final = 200
"""Of these, how many before what is marked."""
_BENCHMARK: Final = pl.col("reason").str.extract(r"^\w+: (.+?) (?:row|line|prompt) \d")


class ShownMatch(NamedTuple):
    """A sample's text and the problem that stands in it, what both share marked. said: how it was found, and how much of it."""

    rule: str
    said: str
    part: str
    text: Sequence[Piece]
    problem_name: str
    problem: Sequence[Piece]
    sample_id: str


@dataclass(frozen=True, slots=True)
class BenchmarkMatches:
    """What a check found in benchmarks. counts: by benchmark and rule, samples and different problems. why_not: why none is shown."""

    label: str
    counts: Sequence[tuple[str, str, int, int]]
    shown: Sequence[ShownMatch]
    why_not: str = ""


def list_matches(run: Run, samples: Samples) -> list[BenchmarkMatches]:
    """Of each check for contamination that found anything, what it found."""
    return [
        _describe(run, samples, entry, found)
        for entry in read_checks(run, samples.name)
        if entry["check"] == Contamination.name and any(one.label == entry["label"] for one in samples.checks)
        if not (found := _read_found(run, samples.name, entry["label"])).is_empty()
    ]


def _read_found(run: Run, name: str, label: str) -> pl.DataFrame:
    """The samples that hold a problem, with their part, rule, the benchmark, and what names the problem."""
    problem = pl.col("reason").str.extract(r"^\w+: (.+?), (?:\d+% of its|word for word)")
    return pl.concat(
        scan_files([run.sidecar(name, label, part)])
        .filter(pl.col("ok").eq(False))
        .select(
            "sample_id",
            "score",
            pl.lit(part.name).alias("part"),
            RULE.alias("rule"),
            _BENCHMARK.alias("benchmark").fill_null(""),
            problem.alias("problem"),
        )
        .collect()
        for part in list_parts(run.samples(name))
    )


def _describe(run: Run, samples: Samples, entry: Mapping[str, Any], found: pl.DataFrame) -> BenchmarkMatches:
    keys = ["benchmark", "rule"]
    counted = found.group_by(keys).agg(
        pl.len().alias("samples"), pl.col("problem").n_unique().alias("problems")
    )
    counts = counted.sort(["samples", *keys], descending=[True, False, False]).head(BENCHMARKS).rows()
    try:
        check = make_check(entry["check"], entry["options"])
        assert isinstance(check, Contamination)
        if check.digest != entry["digest"]:
            raise UserError("The benchmarks are others than those that were compared with.")
        shown = _show(run, samples, check, found)
    except UserError as error:
        return BenchmarkMatches(entry["label"], counts, (), str(error))
    return BenchmarkMatches(entry["label"], counts, shown)


def _show(run: Run, samples: Samples, check: Contamination, found: pl.DataFrame) -> list[ShownMatch]:
    order = found.sort(["score", "sample_id"], descending=[True, False])
    # Of each rule some: what was found word for word is plain, and the rest wants to be looked at.
    firsts = order.unique("problem", keep="first", maintain_order=True)
    in_turn = firsts.with_columns(pl.int_range(pl.len()).over("rule").alias("turn"))
    few = in_turn.sort("turn", maintain_order=True).head(SHOWN).sort("rule", maintain_order=True)
    rows = read_chosen(run, samples, few.select("part", "sample_id").rows())
    chosen = [rows[key] for key in few["sample_id"]]
    held = check.find_held([Sample(row["sample_id"], row["prompt"], row["response"]) for row in chosen])
    return [
        _put_side_by_side(one, row["sample_id"])
        for one, row in zip(held, chosen, strict=True)
        if one is not None
    ]


def _put_side_by_side(held: HeldProblem, sample_id: str) -> ShownMatch:
    (part, text, _), problem, match = held
    return ShownMatch(
        match.kind,
        say_share(match),
        part,
        mark_text(text, match.text_spans),
        str(problem),
        mark_text(problem.text, match.problem_spans),
        sample_id,
    )


def mark_text(text: str, spans: Sequence[Span]) -> list[Piece]:
    """A text of bounded length around its first span, in pieces; the spans are marked."""
    begin = max(0, spans[0][0] - BEFORE) if len(text) > LONGEST else 0
    stop = min(len(text), begin + LONGEST)
    edges = {begin, stop, *(edge for span in spans for edge in span if begin < edge < stop)}
    shown = [Piece("gap", False, f"{begin:,} characters left out")] if begin else []
    for left, right in pairwise(sorted(edges)):
        marked = any(first <= left < last for first, last in spans)
        shown.append(Piece("answer", marked, text[left:right]))
    return (
        [*shown, Piece("gap", False, f"{len(text) - stop:,} characters left out")]
        if stop < len(text)
        else shown
    )
