"""The runs that the benchmark of `mix` makes are runs of today's format."""

from pathlib import Path

import polars as pl

from curate.stages.mix import MixOptions, mix_samples
from tests.benchmarks.bench_mix import write_run


def test_a_run_is_mixed(tmp_path: Path):
    write_run(str(tmp_path), "240", "50", "200", "12")
    result = mix_samples(MixOptions(run=tmp_path, source=["teacher:per_prompt=1"], name="sft"))
    assert result.rows == 20
    files = sorted((tmp_path / "sets" / "sft").glob("*.parquet"))
    assert pl.concat([pl.read_parquet(file) for file in files])["prompt_id"].n_unique() == 20
