"""How hard each prompt of a source is: its pass rate, by the best that is known of it.

The estimates of the run's rates file where sampling stopped early, since the share of correct samples then says when it
stopped; else that share, among the samples that the verifier decided; else what the prompt's row says itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import polars as pl

from curate.store.joined import EITHER, join_samples, verdict_column
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import PROMPT_KEY
from curate.store.verdicts import GIVEN, read_checks, read_role, require_current
from filters.check import Role
from filters.errors import UserError

OWN: Final = "pass_rate"
"""The column of a prompt's row that holds a pass rate which somebody else measured."""
RATES: Final = {"prompt_id": pl.String, "rate": pl.Float64}
"""The columns of a frame of pass rates: one row a prompt."""


def choose_verifier(roles: Iterable[tuple[str, Role]], decided: Sequence[str] = ()) -> str | None:
    """The label that says which samples are correct: that of the first verifier.

    roles: the labels of the checks that were run, in order. decided: those a set is made by; there `a|b` joins a rule
    with its judge.
    """
    known = [label for label, role in roles if role == "verifier"]
    if not known:
        return None
    joined = (label for label in decided if label.split(EITHER)[0] in known)
    return next(joined, known[0])


def find_verifier(run: Run, name: str, decided: Sequence[str] = ()) -> str | None:
    """The label that says which of `samples(name)` are correct, by the record of its checks.

    Verdicts that rows brought along tell no rate: rows with a false one were not imported.
    """
    checks = [entry for entry in read_checks(run, name) if entry["check"] != GIVEN]
    return choose_verifier(((entry["label"], read_role(entry)) for entry in checks), decided)


def has_stopped_early(run: Run, name: str) -> bool:
    """Whether the sampling of some prompts stopped at their K-th accepted sample."""
    path = run.pass_rates(name)
    return path.exists() and bool(scan_files([path]).select(pl.col("enough").any()).collect().item())


def share_correct(graded: pl.DataFrame) -> pl.DataFrame:
    """The share of correct samples among the decided ones of each prompt, as RATES, where some have two or more.

    graded: `prompt_id` and `correct` of each sample.
    """
    correct = pl.col("correct")
    counted = graded.group_by("prompt_id").agg(correct.sum().alias("good"), correct.count().alias("n"))
    counted = counted.filter((pl.col("n") > 0) & (pl.col("n").max() > 1))
    return counted.select("prompt_id", (pl.col("good") / pl.col("n")).alias("rate"))


def read_shares(run: Run, name: str, verifier: str) -> pl.DataFrame:
    """`share_correct` of all samples by the verdicts as they stand; of none where these are stale or lacking."""
    singles = verifier.split(EITHER)
    try:
        require_current(run, name, singles)
        graded = join_samples(run, name, singles, ("prompt_id",))
    except UserError:
        return pl.DataFrame(schema=RATES)  # samples were added since, or verdicts thrown away
    correct = pl.coalesce(verdict_column(single) for single in singles).alias("correct")
    return share_correct(graded.select("prompt_id", correct))


def rate_prompts(run: Run, name: str, shares: pl.DataFrame) -> pl.DataFrame:
    """The pass rate of each prompt that has one, as RATES. shares: what `share_correct` gives, used where no sampling stopped early."""
    rates = shares
    if has_stopped_early(run, name):
        found = scan_files([run.pass_rates(name)]).select("prompt_id", pl.col("pass_rate").alias("rate"))
        rates = found.filter(pl.col("rate").is_not_null()).collect()
    own = _read_own(run, name).join(rates, on="prompt_id", how="anti")
    return pl.concat([rates, own]) if own.height else rates


def read_prompt_rates(run: Run, name: str, decided: Sequence[str] = ()) -> pl.DataFrame:
    """`rate_prompts` by what the run holds. decided: the labels that a set is made by."""
    verifier = find_verifier(run, name, decided)
    shares = pl.DataFrame(schema=RATES)
    if verifier is not None and not has_stopped_early(run, name):
        shares = read_shares(run, name, verifier)
    return rate_prompts(run, name, shares)


def _read_own(run: Run, name: str) -> pl.DataFrame:
    """The rates that prompts' rows say; the mean of those of one prompt. What is no number from 0 to 1 is none."""
    said = pl.col("extra").str.json_path_match(f"$.{OWN}").cast(pl.Float64, strict=False).alias("rate")
    found = [pl.DataFrame(schema=RATES)]
    for part in list_parts(run.prompts(name)):
        named = scan_files([part], ("variant",)).filter(
            pl.col("extra").str.contains(f'"{OWN}"', literal=True)
        )
        read = named.select(PROMPT_KEY[0], said).filter(pl.col("rate").is_between(0, 1))
        found.append(read.collect())
    return pl.concat(found).group_by("prompt_id").agg(pl.col("rate").mean())
