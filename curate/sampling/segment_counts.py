"""What a sampler has done by what it left on the disk, whatever it last told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from curate.sampling.budget import Counts, add_counts
from curate.store.joined import join_part, verdict_column
from curate.store.journal import HEIR
from curate.store.layout import PART, PARTIAL, Run
from curate.store.parquet import scan_files
from curate.store.part_names import list_own_parts


class SegmentParts(NamedTuple):
    """The parts that a writer committed, and those that were made of its journal: of whole samples, and of others."""

    whole: Sequence[Path]
    partial: Sequence[Path]


def list_segment_parts(run: Run, name: str, segment: str) -> SegmentParts:
    """What there is of a writer that was taken over."""
    folder, writers = run.samples(name), (segment, f"{segment}{HEIR}")
    whole, partial = (
        [part for writer in writers for part in list_own_parts(folder, kind, writer)]
        for kind in (PART, PARTIAL)
    )
    return SegmentParts(whole, partial)


def count_segment(run: Run, name: str, parts: SegmentParts, labels: Sequence[str]) -> Counts:
    """The samples, tokens and reasons in these parts, prompts apart. labels: of the rules that judge while sampling.

    Raises UserError where a sample has no verdict of theirs.
    """
    whole, partial = parts
    return add_counts(
        [*map(_count_partial, partial), *(_count_whole(run, name, part, labels) for part in whole)]
    )


def _count_partial(part: Path) -> Counts:
    rows = scan_files([part]).select("status", "finish", "tokens").collect()
    return Counts(
        partial=dict(Counter(rows["status"].to_list())),
        refused=rows.filter(pl.col("finish") == "refused").height,
        tokens=int(rows.filter(pl.col("status") != "failed")["tokens"].sum()),
    )


def _count_whole(run: Run, name: str, part: Path, labels: Sequence[str]) -> Counts:
    """As `Ledger.count_whole` counts them: by the first verdict that is not true, false ones before undecided ones."""
    rows = join_part(run, name, part, labels, ["tokens"], ("ok", "reason"))
    given = [pl.col(verdict_column(label)) for label in labels]
    ok = pl.all_horizontal(given) if given else pl.lit(True)
    decides = [
        pl.when(pl.col(verdict_column(label)).eq_missing(ok)).then(pl.col(verdict_column(label, "reason")))
        for label in labels
    ]
    rejected = rows.filter(ok.eq_missing(True).not_())
    reasons = rejected.select(pl.coalesce(decides))[:, 0].to_list() if decides else []
    return Counts(
        whole=rows.height,
        accepted=rows.height - rejected.height,
        reasons=Counter(reason.partition(":")[0] for reason in reasons),
        tokens=int(rows["tokens"].sum()),
    )
