"""How many prompts of each category were asked for a chain, and why: as decided, or as a run keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import polars as pl
from rich.table import Table

from curate.general.shares import NAME_LENGTH
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_parts
from filters.types import CHAIN_ASKED

MOST_LINES: Final = 20
"""Categories that have a line of their own, those with most prompts."""
Decisions = Mapping[tuple[str, str], int]
"""By category and `Prompt.chain`, the number of prompts."""


def count_chains(run: Run, name: str) -> Decisions:
    """Of the prompts of a run's samples, those of which it was decided whether they are asked for a chain."""
    if not list_parts(run.prompts(name)):
        return {}
    prompts = scan_parts(run.prompts(name), later=("chain",)).filter(pl.col("chain").fill_null("") != "")
    return dict(_pair(row) for row in prompts.group_by("domain", "chain").len().collect().iter_rows())


def _pair(row: tuple[str, str, int]) -> tuple[tuple[str, str], int]:
    return (row[0], row[1]), row[2]


def chain_table(name: str, decisions: Decisions) -> Table:
    """A line a category, of many those with most prompts: its prompts, those asked for a chain and those asked for none, and by which rules."""
    table = Table(
        "category", "prompts", "chain", "none", "chain, by rule", "none, by rule", title=f"chains: {name}"
    )
    by_category: dict[str, Counter[str]] = {}
    for (category, chain), number in decisions.items():
        by_category.setdefault(category, Counter())[chain] += number
    listed = sorted(by_category, key=lambda one: (-by_category[one].total(), one))
    for category in listed[:MOST_LINES]:
        table.add_row(category[:NAME_LENGTH] or "(none)", *_cells(by_category[category]))
    if others := listed[MOST_LINES:]:
        table.add_row(f"{len(others):,} others", *_cells(_add([by_category[one] for one in others])))
    if len(listed) != 1:
        table.add_section()
        table.add_row("all", *_cells(_add(by_category.values())))
    return table


def tell_chains(decisions: Decisions) -> str:
    """The same of all categories, in a sentence."""
    total = _add(Counter({chain: number}) for (_, chain), number in decisions.items())
    asked, none = _split(total)
    return (
        f"{sum(asked.values()):,} of {sum(total.values()):,} prompts are asked for a chain ({_list_rules(asked)}), "
        f"the others for none ({_list_rules(none)})"
    )


def _add(several: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for one in several:
        total.update(one)
    return total


def _cells(chains: Mapping[str, int]) -> Iterable[str]:
    asked, none = _split(chains)
    numbers = (sum(chains.values()), sum(asked.values()), sum(none.values()))
    return (*(f"{number:,}" for number in numbers), _list_rules(asked), _list_rules(none))


def _split(chains: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """The rules by which a chain is asked for, and those by which none is."""
    asked: dict[str, int] = {}
    none: dict[str, int] = {}
    for chain, number in chains.items():
        word, _, rule = chain.partition(": ")
        (asked if word == CHAIN_ASKED else none)[rule] = number
    return asked, none


def _list_rules(rules: Mapping[str, int]) -> str:
    told = sorted(rules.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{rule} {number:,}" for rule, number in told) or "-"
