"""Prompts are picked by rates that are known, and what is unknown is said."""

from pathlib import Path

import polars as pl
import pytest

from curate.store.layout import Run
from distill.grpo.schedule import pick_by_pass_rate
from filters.errors import UserError
from filters.types import Prompt

PROMPTS = [Prompt.make(f"{n}?") for n in range(3)]


def write_rates(run: Run, *rates: float | None) -> None:
    path = run.pass_rates("t")
    path.parent.mkdir(parents=True)
    ids = [prompt.id for prompt in PROMPTS]
    pl.DataFrame(
        {"prompt_id": ids, "pass_rate": rates}, schema_overrides={"pass_rate": pl.Float64}
    ).write_parquet(path)


def test_prompts_are_picked_by_the_rates_that_are_known(tmp_path: Path):
    write_rates(Run(tmp_path), 0.5, None, 1.0)
    assert pick_by_pass_rate(Run(tmp_path), PROMPTS, "t", 0.05, 0.95) == PROMPTS[:1]


def test_where_none_is_left_it_says_how_many_rates_are_unknown(tmp_path: Path):
    write_rates(Run(tmp_path), 0.0, None, None)
    with pytest.raises(
        UserError, match=r"No prompt has .* in 't'. Those of 2 prompts are unknown: .*--accept 2"
    ):
        pick_by_pass_rate(Run(tmp_path), PROMPTS, "t", 0.05, 0.95)
