"""How often each prompt was answered right: one row a prompt, with the rule its sampling stopped by.

RUN/rates/NAME.parquet is written after every `generate`; RL picks its prompts by it, and a report shows how hard a
set was for its teacher.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from curate.folder import Run, checked_name, writing_aside
from curate.stopping import StoppingRule, pass_rate

SCHEMA = {
    "prompt_id": pl.String,
    "samples": pl.Int32,
    "accepted": pl.Int32,
    "undecided": pl.Int32,
    "enough": pl.Boolean,
    "pass_rate": pl.Float64,
}
"""enough: it stopped at its K-th accepted sample. pass_rate: unbiased, null where undefined; see curate.stopping."""


def rates_path(run: Run, name: str) -> Path:
    """Where the rates of `samples(name)` stand."""
    return run.path / "rates" / f"{checked_name(name)}.parquet"


def write_rates(
    run: Run, name: str, rule: StoppingRule, known: Mapping[str, Mapping[int, bool | None]]
) -> None:
    """Write the rates of all prompts, from the verdicts of their samples by prompt id and index."""
    frame = pl.DataFrame([_row(rule, *item) for item in known.items()], SCHEMA, orient="row")
    with writing_aside(rates_path(run, name)) as aside:
        frame.sort("prompt_id").write_parquet(aside)


def _row(
    rule: StoppingRule, prompt_id: str, verdicts: Mapping[int, bool | None]
) -> tuple[str, int, int, int, bool, float | None]:
    accepted = sum(ok is True for ok in verdicts.values())
    undecided = sum(ok is None for ok in verdicts.values())
    enough = rule.accept is not None and accepted >= rule.accept
    return prompt_id, len(verdicts), accepted, undecided, enough, pass_rate(rule, verdicts)
