"""`generate --plan`: what a run will cost, from a small pilot of it, before it is paid for.

The pilot's samples are the run's own: they are kept, and the run makes the rest.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, stdev
from typing import Final, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field
from rich.table import Table

from curate.folder import Run, parts
from curate.funnel import fates
from filters.vocabulary import Prompt

NORMAL_95: Final = 1.96
"""Standard errors to each side of a 95% interval."""


class PlanOptions(BaseModel):
    """How to estimate what a run will cost."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    prompts: int | None = Field(None, gt=1)
    """Sample only so many prompts, chosen at random, and estimate the whole run from them."""
    price_tokens: float | None = Field(None, ge=0)
    """Price of a million sampled tokens, in any currency."""
    price_hour: float | None = Field(None, ge=0)
    """Price of an hour of all the machines that sample, in the same currency."""


class Estimate(NamedTuple):
    """A total and its 95% interval."""

    value: float
    low: float
    high: float

    def shown(self, scale: float = 1.0, digits: int = 0) -> str:
        """The total and its interval, divided by `scale`."""
        value, low, high = (f"{number / scale:,.{digits}f}" for number in self)
        return f"{value} [{low}, {high}]"


def pilot(prompts: Iterable[Prompt], count: int) -> list[Prompt]:
    """A random choice of prompts: their keys are uniformly random, so those with the smallest."""
    return sorted(prompts, key=lambda prompt: prompt.id)[:count]


def total(spent: Sequence[float], prompts: int) -> Estimate:
    """What `prompts` prompts will come to, from what each of the pilot's came to."""
    mean = fmean(spent)
    error = stdev(spent) / math.sqrt(len(spent)) if len(spent) > 1 else math.inf
    # A pilot of the whole has no error left; of a half, less than one of a hundredth.
    error *= math.sqrt(max(0.0, 1 - len(spent) / prompts))
    low, high = max(0.0, mean - NORMAL_95 * error), mean + NORMAL_95 * error
    return Estimate(prompts * mean, prompts * low, prompts * high)


def estimate(
    run: Run,
    name: str,
    prompts: Sequence[Prompt],
    chosen: Sequence[Prompt],
    labels: Sequence[str],
    speed: float | None,
    options: PlanOptions,
) -> Table:
    """Tokens, accepted samples, time and price of the whole run, by domain; `speed` in tokens a second."""
    spent = _spent(run, name, labels)
    everywhere, piloted = _by_domain(prompts), _by_domain(chosen)
    table = Table(
        "domain", "prompts", "tokens, million", "accepted", title="estimated from a pilot, 95% intervals"
    )
    for domain in sorted(piloted):
        row = _totals(spent, piloted[domain], len(everywhere[domain]))
        table.add_row(domain or "all", f"{len(everywhere[domain]):,}", row[0].shown(1e6, 2), row[1].shown())
    tokens, accepted = _totals(spent, [prompt.id for prompt in chosen], len(prompts))
    if len(piloted) > 1:
        table.add_row("all", f"{len(prompts):,}", tokens.shown(1e6, 2), accepted.shown())
    table.caption = _caption(tokens, speed, options)
    return table


def _caption(tokens: Estimate, speed: float | None, options: PlanOptions) -> str:
    said = []
    if options.price_tokens is not None:
        said.append(
            f"price by tokens {tokens.shown(1e6 / options.price_tokens, 2)}"
            if options.price_tokens
            else "free"
        )
    if speed:
        said.insert(0, f"{tokens.shown(3600 * speed, 2)} hours at {speed:,.0f} tokens/s")
        if options.price_hour:
            said.append(f"price by hours {tokens.shown(3600 * speed / options.price_hour, 2)}")
    return "; ".join(said)


def _by_domain(prompts: Iterable[Prompt]) -> dict[str, list[str]]:
    domains: dict[str, list[str]] = defaultdict(list)
    for prompt in prompts:
        domains[prompt.domain].append(prompt.id)
    return domains


def _totals(
    spent: Mapping[str, tuple[int, int]], ids: Sequence[str], prompts: int
) -> tuple[Estimate, Estimate]:
    pairs = [spent.get(key, (0, 0)) for key in ids]
    return total([tokens for tokens, _ in pairs], prompts), total(
        [accepted for _, accepted in pairs], prompts
    )


def _spent(run: Run, name: str, labels: Sequence[str]) -> dict[str, tuple[int, int]]:
    """By prompt: tokens of all its samples, whole or not, and how many were accepted."""
    if not parts(run.samples(name)) and not parts(run.samples(name), "partial"):
        return {}
    good = (pl.col("fate") == "accepted").sum().alias("good")
    found = fates(run, name, labels).group_by("prompt_id").agg(pl.col("tokens").sum(), good)
    return {
        key: (tokens, accepted)
        for key, tokens, accepted in found.select("prompt_id", "tokens", "good").iter_rows()
    }
