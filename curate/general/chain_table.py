"""How many prompts of each category were asked for a chain, and why: as decided, or as a run keeps it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import polars as pl
from rich.table import Table

from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_parts
from filters.types import CHAIN_ASKED

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
    """A line a category: its prompts, those asked for a chain and those asked for none, and by which rules."""
    table = Table(
        "category", "prompts", "chain", "none", "chain, by rule", "none, by rule", title=f"chains: {name}"
    )
    categories = sorted({category for category, _ in decisions})
    for category in categories:
        table.add_row(
            category or "(none)", *_cells({k[1]: n for k, n in decisions.items() if k[0] == category})
        )
    if len(categories) != 1:
        total: Counter[str] = Counter()
        for (_, chain), number in decisions.items():
            total[chain] += number
        table.add_section()
        table.add_row("all", *_cells(total))
    return table


def tell_chains(decisions: Decisions) -> str:
    """The same of all categories, in a sentence."""
    total: Counter[str] = Counter()
    for (_, chain), number in decisions.items():
        total[chain] += number
    asked, none = _split(total)
    return (
        f"{sum(asked.values()):,} of {sum(total.values()):,} prompts are asked for a chain ({_list_rules(asked)}), "
        f"the others for none ({_list_rules(none)})"
    )


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
