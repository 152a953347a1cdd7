"""Real problems through the real engine: the mini teacher cannot solve them, but nothing may be lost on them."""

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import recipes
from curate.selection.funnel import count_fates, decide_fates
from curate.store.layout import Run
from curate.store.parquet import scan_parts

DATA = os.environ.get("R1CURATE_TEST_DATA", "")
TEACHER = Path(recipes.__file__).parent / "mini/models/teacher"


@pytest.mark.skipif(
    not DATA, reason="R1CURATE_TEST_DATA is not set: real problems are not part of the project"
)
def test_fifty_gsm8k_problems_through_vllm(tmp_path: Path):
    command = [
        *(sys.executable, "-m", "curate.cli", "generate", "--run", str(tmp_path / "run")),
        *("--prompts", f"{DATA}/gsm8k/test.jsonl", "--map", "prompt=question", "--limit", "50"),
        *("--model", str(TEACHER), "--samples", "2", "--max-tokens", "192"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stderr
    run = Run(tmp_path / "run")
    samples = scan_parts(run.samples("teacher")).collect()
    assert samples.height == 100
    assert samples["tokens"].min() > 0
    assert samples["prompt_id"].n_unique() == 50
    judged = decide_fates(run, "teacher", ["math_answer"]).with_columns(
        pl.col("fate").replace("accepted", "unselected")
    )
    funnel = count_fates("teacher", judged, ["math_answer"])
    assert funnel.sampled == 100
    assert funnel.rejected["math_answer"] + funnel.undecided + funnel.unselected == 100
