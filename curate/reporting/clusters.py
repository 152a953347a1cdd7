"""The largest clusters of near-duplicates, to read: the one that stays beside some that gave way to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from curate.reporting.examples import cut_text, read_chosen
from curate.reporting.run_facts import Samples, Tally
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files

CHECK: Final = "near_duplicate"
CLUSTERS: Final = 5
"""Clusters shown a check, the largest."""
MEMBERS: Final = 2
"""Samples shown that gave way, a cluster: those that are least alike to the one that stays."""
_STAYS: Final = r"^(?:exact|near): like ([^\s,]+)"
_SIZE: Final = r"cluster of (\d+)$"


@dataclass(frozen=True, slots=True)
class Member:
    """A sample of a cluster. likeness: to the one that stays; None of that one."""

    id: str
    text: str
    likeness: float | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Samples that are alike. size: how many texts, all counted. members: the one that stays, then some that gave way."""

    size: int
    members: Sequence[Member]


@dataclass(frozen=True, slots=True)
class Clusters:
    """What one check found. of: what was compared. number: clusters in all. gave_way: samples."""

    label: str
    of: str
    number: int
    gave_way: int
    shown: Sequence[Cluster]


def choose_clusters(run: Run, samples: Samples) -> list[Clusters]:
    """The largest clusters of each check for near-duplicates that found any; those of an index have their first one elsewhere."""
    found = (_choose(run, samples, tally) for tally in samples.checks if tally.check == CHECK and tally.false)
    return [one for one in found if one is not None]


def _choose(run: Run, samples: Samples, tally: Tally) -> Clusters | None:
    verdicts = _read_verdicts(run, samples.name, tally.label)
    away = verdicts.filter(~pl.col("ok")).with_columns(
        pl.col("reason").str.extract(_STAYS).alias("stays"),
        pl.col("reason").str.extract(_SIZE).cast(pl.Int64).alias("size"),
    )
    firsts = verdicts.filter("ok").select(
        pl.col("sample_id").alias("stays"), pl.col("part").alias("first_part")
    )
    away = away.join(firsts, on="stays", how="inner")
    sizes = away.group_by("stays", "first_part").agg(pl.col("size").first())
    chosen = sizes.sort(["size", "stays"], descending=[True, False]).head(CLUSTERS)
    if not len(chosen):
        return None
    shown = (
        away.join(chosen.select("stays"), on="stays", how="semi")
        .sort("stays", "score", "sample_id")
        .unique(
            ["stays", "score", "size"] if _compares_prompts(tally) else ["sample_id"],
            keep="first",
            maintain_order=True,
        )
        .group_by("stays", maintain_order=True)
        .head(MEMBERS)
    )
    keys = [*chosen.select("first_part", "stays").rows(), *shown.select("part", "sample_id").rows()]
    rows = read_chosen(run, samples, keys)

    def read_text(key: str) -> str:
        row = rows[key]
        return cut_text(row["prompt"].text if _compares_prompts(tally) else row["response"])

    def list_members(stays: str) -> Iterator[Member]:
        yield Member(stays, read_text(stays), None)
        for key, share in shown.filter(pl.col("stays") == stays).select("sample_id", "score").rows():
            yield Member(key, read_text(key), share)

    clusters = [
        Cluster(size, list(list_members(stays))) for stays, size in chosen.select("stays", "size").rows()
    ]
    return Clusters(
        tally.label, "prompt" if _compares_prompts(tally) else "response", len(sizes), len(away), clusters
    )


def _compares_prompts(tally: Tally) -> bool:
    return bool(tally.options.get("of", "prompt") == "prompt")


def _read_verdicts(run: Run, name: str, label: str) -> pl.DataFrame:
    """The verdicts that name another sample, or are named by one."""
    parts = list_parts(run.samples(name))
    kept = (pl.col("ok").not_() | pl.col("reason").str.starts_with("stays")).fill_null(False)
    found = [
        scan_files([run.sidecar(name, label, part)])
        .filter(kept)
        .select("sample_id", "ok", "reason", "score", pl.lit(part.name).alias("part"))
        .collect()
        for part in parts
    ]
    return pl.concat(found)
