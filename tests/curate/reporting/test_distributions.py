"""Pass rates are unbiased, and their bins say no more than is so."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.reporting.distributions import count_pass_rates
from curate.sampling.stopping import StoppingRule, estimate_pass_rate
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run
from tests.curate.fake_run import make_run


def test_pass_rates_of_sampling_that_stopped_early_are_the_unbiased_ones(tmp_path: Path):
    """Two accepted of two made is no pass rate of 1, where sampling stops at the second."""
    run = Run(tmp_path)
    estimate = (StoppingRule(samples=8, accept=2), {0: True, 1: False, 2: False, 3: True}, 1 / 3)
    assert estimate_pass_rate(*estimate[:2]) == pytest.approx(estimate[2])
    write_rates(run, [True, True, False, False], [1 / 3, 1.0, 0.0, None])
    rates = count_pass_rates(run, "t", "math_answer")
    assert rates is not None and rates.label is None
    assert rates.mean == pytest.approx((1 / 3 + 1 + 0) / 3)
    assert dict(zip(rates.labels, rates.counts, strict=True)) == dict.fromkeys(rates.labels, 0) | {
        "none": 1,
        "≤40%": 1,
        "all": 1,
    }
    assert rates.left_out == 1
    write_rates(run, [True, True, False], [None, None, 0.0])
    first = count_pass_rates(run, "t", "math_answer")
    assert first is not None and (first.mean, first.left_out) == (None, 2), (
        "those that were solved have no estimate"
    )


def test_the_page_says_how_pass_rates_are_estimated(tmp_path: Path):
    run = make_run(tmp_path / "run", prompts=4, samples=4)
    write_rates(run, [True, True, False], [0.5, None, None], "teacher")
    write_report(ReportOptions(run=run.path))
    page = " ".join(run.report.read_text().split())
    assert (
        "By the unbiased estimate of how often its samples are accepted: sampling stopped early. 2 more have no estimate: those that stopped"
        in page
    )


def write_rates(run: Run, enough: list[bool], rates: list[float | None], name: str = "t") -> None:
    run.pass_rates(name).parent.mkdir(exist_ok=True)
    ids = [f"p{number}" for number in range(len(rates))]
    found = pl.DataFrame({"prompt_id": ids, "enough": enough, "pass_rate": rates})
    found.write_parquet(run.pass_rates(name))


def test_only_all_stand_in_the_last_bin_and_only_none_in_the_first(tmp_path: Path):
    """Seven of eight beside others of seventeen at most is not all of sixteen."""
    run = make_run(tmp_path / "run", prompts=4, samples=4)
    sidecars = sorted((run.verdicts("teacher") / "math_answer").glob("part-*.parquet"))
    for sidecar in sidecars:
        table = pq.read_table(sidecar)
        ok = pa.array([None if n == 0 else n % 4 != 1 for n in range(len(table))], pa.bool_())
        pq.write_table(table.set_column(1, "ok", ok), sidecar)
    rates = count_pass_rates(run, "teacher", "math_answer")
    assert rates is not None and rates.counts[-1] == 0
    assert sum(rates.counts) + rates.left_out == 4
