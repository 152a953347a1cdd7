"""What a set covers and how hard it is, by source, domain and language: a few counts each, no text in memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import polars as pl

from curate.reporting.run_facts import DataSet
from curate.selection.pass_rate_classes import CLASSES, classify
from curate.selection.prompt_rates import RATES, read_prompt_rates
from curate.store.finished_sets import list_set_files
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files

MOST: Final = 12
"""Domains and languages that are shown by name; the rest are added up."""
NONE: Final = "none"
"""What rows without a domain or language are shown under."""
SHADES: Final = 9
"""Shades of a heat table, from few rows to many, on a log scale."""


class Group(NamedTuple):
    """The prompts of a source, domain or language: their number, those by class of pass rate, and the mean rate of those that have one."""

    name: str
    prompts: int
    classes: Sequence[int]
    rate: float | None


class Cell(NamedTuple):
    """The rows of a domain in a language. tokens: of a row on average, where they were counted; rate: the mean of the rows that have one."""

    rows: int
    tokens: float | None
    rate: float | None
    shade: int


@dataclass(frozen=True, slots=True)
class Difficulty:
    """Pass rates of prompts: of all, and by what; `by` names the groups of each kind, the largest first."""

    every: Group
    by: Sequence[tuple[str, Sequence[Group]]]

    @property
    def is_known(self) -> bool:
        """Whether any prompt has a pass rate."""
        return self.every.rate is not None


@dataclass(frozen=True, slots=True)
class CoverageMap:
    """The rows of a set by domain, one line each, and language, one column each; the last of both is the sum."""

    domains: Sequence[str]
    languages: Sequence[str]
    cells: Sequence[Sequence[Cell]]


def read_set_coverage(run: Run, made: DataSet) -> tuple[Difficulty, CoverageMap]:
    """How hard the prompts of a set are, and what its rows cover."""
    keys = ("source", "prompt_id", "domain", "language")
    rows = scan_files(list_set_files(run, made.name)).group_by(keys)
    tokens = pl.col("tokens")
    counted = rows.agg(pl.len().alias("rows"), tokens.sum(), tokens.count().alias("counted")).collect()
    rates = [
        read_prompt_rates(run, name, labels).with_columns(source=pl.lit(name))
        for name, labels in made.checks.items()
    ]
    empty = pl.DataFrame(schema={**RATES, "source": pl.String})
    rated = _name_nothing(counted).join(pl.concat([empty, *rates]), on=("source", "prompt_id"), how="left")
    return _divide(rated, ("source", "domain", "language")), _map(rated)


def read_samples_difficulty(run: Run, name: str, decided: Sequence[str]) -> Difficulty:
    """How hard the prompts of some samples are. decided: the labels of a set that was made of them."""
    parts = list_parts(run.prompts(name))
    if not parts:
        return Difficulty(Group("all", 0, [0] * len(CLASSES), None), ())
    asked = scan_files(parts).select("prompt_id", "domain", "language")
    prompts = asked.unique("prompt_id", keep="first", maintain_order=True).collect()
    rates = read_prompt_rates(run, name, decided)
    return _divide(_name_nothing(prompts).join(rates, on="prompt_id", how="left"), ("domain", "language"))


def _name_nothing(rows: pl.DataFrame) -> pl.DataFrame:
    named = pl.col("domain", "language").fill_null("").str.strip_chars().replace("", NONE)
    return rows.with_columns(named)


def _divide(rated: pl.DataFrame, kinds: Sequence[str]) -> Difficulty:
    """Prompts by each kind of group; a prompt that two sources have counts once where sources do not matter."""
    groups = []
    for kind in kinds:
        names = (
            rated[kind]
            .value_counts(sort=True)
            .sort(["count", kind], descending=[True, False])[kind]
            .to_list()
        )
        shown = [_group(name, rated.filter(pl.col(kind) == name)) for name in names[:MOST]]
        if len(names) > MOST:
            rest = rated.filter(pl.col(kind).is_in(names[MOST:]))
            shown.append(_group(f"{len(names) - MOST:,} more", rest))
        groups.append((kind, shown))
    return Difficulty(_group("all", rated), groups)


def _group(name: str, rated: pl.DataFrame) -> Group:
    prompts = rated.group_by("prompt_id").agg(pl.col("rate").mean())
    by_class = dict(prompts.group_by(classify(pl.col("rate")).alias("class")).len().iter_rows())
    mean = prompts["rate"].mean()
    counts = [by_class.get(number, 0) for number in range(len(CLASSES))]
    return Group(name, prompts.height, counts, mean if isinstance(mean, float) else None)


def _map(rated: pl.DataFrame) -> CoverageMap:
    domains, languages = (_list_names(rated, kind) for kind in ("domain", "language"))
    for kind, names in (("domain", domains), ("language", languages)):
        # By its line or column from here on: a domain may be called as the one that adds up the others.
        places = {name: place for place, name in enumerate(names[:MOST])}
        place = pl.col(kind).replace_strict(places, default=MOST, return_dtype=pl.Int32)
        rated = rated.with_columns(place.alias(kind))
    rows, rate = pl.col("rows"), pl.col("rate")
    weighed = rated.group_by("domain", "language").agg(
        rows.sum(), pl.col("tokens").sum(), pl.col("counted").sum(),
        (rate * rows).sum().alias("rate"), rows.filter(rate.is_not_null()).sum().alias("known"),
    )  # fmt: skip
    most = int(weighed["rows"].max())  # type: ignore[arg-type]
    every = pl.lit(True)
    cells = [
        [
            _cell(weighed.filter(in_domain & in_language), most)
            for in_language in [*(pl.col("language") == place for place in range(len(languages))), every]
        ]
        for in_domain in [*(pl.col("domain") == place for place in range(len(domains))), every]
    ]
    return CoverageMap([*domains, "all"], [*languages, "all"], cells)


def _list_names(rated: pl.DataFrame, kind: str) -> list[str]:
    """The values of a column with the most rows, and a name for the others where there are more."""
    found = rated.group_by(kind).agg(pl.col("rows").sum()).sort(["rows", kind], descending=[True, False])
    names = found[kind].to_list()
    return names if len(names) <= MOST else [*names[:MOST], f"{len(names) - MOST:,} more"]


def _cell(weighed: pl.DataFrame, most: int) -> Cell:
    rows, tokens, counted, rate, known = (
        weighed.select("rows", "tokens", "counted", "rate", "known").sum().row(0)
    )
    shade = min(SHADES, math.ceil(SHADES * math.log1p(rows) / math.log1p(most)))
    return Cell(rows, tokens / counted if counted else None, rate / known if known else None, shade)
