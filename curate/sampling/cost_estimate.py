"""`generate --plan`: what a run will cost, from a small pilot of it, before it is paid for.

The pilot's samples are the run's own: they are kept, and the run makes the rest.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import Final, Literal, NamedTuple

import polars as pl
from pydantic import BaseModel, ConfigDict, Field
from rich.table import Table

from curate.intervals import bound_mean
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.selection.funnel import decide_fates
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.verdict_index import index_verdicts
from filters.types import Prompt

NOTHING: Final[Mapping[str, int]] = {"samples": 0, "tokens": 0, "accepted": 0, "uncounted": 0}
"""What a prompt has cost of which there is no sample."""


class PlanOptions(BaseModel):
    """How to estimate what a run will cost."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    prompts: int | None = Field(default=None, gt=1)
    """Sample only N prompts, chosen at random, and estimate the cost of the whole run from them."""
    price_tokens: float | None = Field(default=None, ge=0)
    """Price per million sampled tokens, in any currency."""
    price_hour: float | None = Field(default=None, ge=0)
    """Price per hour of all the machines that sample, in the same currency."""


class Estimate(NamedTuple):
    """A total and its 95% interval."""

    value: float
    low: float
    high: float

    def format(self, scale: float = 1.0, digits: int = 0) -> str:
        """The total and its interval, divided by `scale`."""
        value, low, high = (f"{number / scale:,.{digits}f}" for number in self)
        return f"{value} [{low}, {high}]"


class Pilot(NamedTuple):
    """A random choice of the prompts, and how many there are in each domain, equal ones counted once."""

    chosen: list[Prompt]
    domains: Mapping[str, int]


def choose_pilot(prompts: Iterable[Prompt], count: int) -> Pilot:
    """Choose prompts at random: their keys are uniformly random, so those with the smallest."""
    domains: Counter[str] = Counter()
    return Pilot(
        heapq.nsmallest(count, _count_distinct(prompts, domains), key=lambda prompt: prompt.id), domains
    )


def _count_distinct(prompts: Iterable[Prompt], domains: Counter[str]) -> Iterator[Prompt]:
    """The distinct prompts, counted by domain on their way. Of each its key alone is kept."""
    seen: set[bytes] = set()
    for prompt in prompts:
        key = bytes.fromhex(prompt.id)
        if key not in seen:
            seen.add(key)
            domains[prompt.domain] += 1
            yield prompt


def estimate_total(spent: Sequence[float], prompts: int, most: float) -> Estimate:
    """What `prompts` prompts will come to, from what each of the pilot's came to; `most` is the most that one can.

    Where all of the pilot's came to the same, nothing say, the interval is that of the rule of three, not a point.
    """
    # A pilot of the whole has no error left; of a half, less than one of a hundredth.
    left = max(0.0, 1 - len(spent) / prompts)
    ends = bound_mean(spent, 0.0, max(most, *spent), left, skewed=True)
    return Estimate(*(prompts * number for number in (fmean(spent), *ends)))


class Measure(NamedTuple):
    """A column of the table: what of a prompt is added up, and by what the total is divided."""

    title: str
    of: Literal["tokens", "accepted"]
    scale: float
    digits: int


def list_measures(speed: float | None, options: PlanOptions) -> list[Measure]:
    """Tokens and accepted samples; hours where the speed is known, prices where they can be told."""
    found = [Measure("tokens, million", "tokens", 1e6, 2), Measure("accepted", "accepted", 1.0, 0)]
    if speed:
        found.append(Measure("hours", "tokens", 3600 * speed, 2))
        if options.price_hour:
            found.append(Measure("price by hours", "tokens", 3600 * speed / options.price_hour, 2))
    if options.price_tokens:
        found.append(Measure("price by tokens", "tokens", 1e6 / options.price_tokens, 2))
    return found


def estimate_table(
    run: Run, name: str, piloted: Pilot, labels: Sequence[str], speed: float | None, options: PlanOptions,
    rule: StoppingRule, max_tokens: int,
) -> Table:  # fmt: skip
    """What the whole run will come to, by domain, each with its interval; `speed` in tokens a second.

    Prompts of the pilot whose samples are not all there cost less than they will: they are left out, and counted.
    """
    known = index_verdicts(run, name, labels)
    finished = [one for one in piloted.chosen if PromptProgress(rule, known.get(one.id, {})).is_finished]
    spent = count_spent(run, name, labels, max_tokens)
    uncounted = sum(one["uncounted"] for one in spent.values())
    speed = None if uncounted else speed  # which does not count these tokens
    columns = list_measures(speed, options)
    samples = max(rule.samples, rule.escalate or 0)
    most = {"tokens": samples * max_tokens, "accepted": samples}
    table = Table("domain", "prompts", *(c.title for c in columns), title="estimated, with 95% intervals")
    rows = [(domain or "(none)", domain, number) for domain, number in sorted(piloted.domains.items())]
    everything = ("all", None, sum(piloted.domains.values()))
    for title, domain, number in [*(rows if len(rows) > 1 else []), everything]:
        chosen = [spent.get(p.id, NOTHING) for p in finished if domain in (None, p.domain)]
        cells = [_estimate_cell([made[c.of] for made in chosen], number, most[c.of], c) for c in columns]
        table.add_row(title, f"{number:,}", *cells)
    table.caption = _describe_pilot(len(finished), len(piloted.chosen), speed)
    if uncounted:
        table.caption += (
            f"; nobody counted the tokens of {uncounted:,} samples: each is taken for {max_tokens:,}"
        )
    return table


def _estimate_cell(spent: Sequence[float], prompts: int, most: float, column: Measure) -> str:
    if not spent:
        return "none in the pilot"
    return estimate_total(spent, prompts, most).format(column.scale, column.digits)


def _describe_pilot(finished: int, chosen: int, speed: float | None) -> str:
    said = f"from a pilot of {finished:,} prompts"
    if finished < chosen:
        said += f"; {chosen - finished:,} more are unfinished and left out: run the same command again"
    return said + (f", at its {speed:,.0f} tokens/s; a longer run fills the engine better" if speed else "")


def count_spent(run: Run, name: str, labels: Sequence[str], longest: int) -> dict[str, Mapping[str, int]]:
    """By prompt: its samples, whole or not, their tokens, and how many were accepted.

    longest: what a sample counts whose tokens nobody counted, as in a budget; how many there are is `uncounted`.
    """
    if not list_parts(run.samples(name)) and not list_parts(run.samples(name), PARTIAL):
        return {}
    good = (pl.col("fate") == "accepted").sum().alias("accepted")
    uncounted = pl.col("tokens").is_null() & (pl.col("fate") != "failed")
    tokens = pl.when(uncounted).then(longest).otherwise(pl.col("tokens")).sum().alias("tokens")
    of_prompt = decide_fates(run, name, labels).group_by("prompt_id")
    found = of_prompt.agg(pl.len().alias("samples"), tokens, good, uncounted.sum().alias("uncounted"))
    return {row.pop("prompt_id"): row for row in found.iter_rows(named=True)}
