"""A few real programs go the whole way: sampled, run on their tests behind walls, filtered and mixed."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from curate.store.layout import Run
from curate.store.parquet import scan_files
from filters.sandbox.toolchains import find_tool
from recipes import mini
from tests.walls import require_walls


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    require_walls()
    folder = tmp_path_factory.mktemp("programs") / "run"
    command = [sys.executable, "-m", "curate.cli", "run", "mini_programs", "--run", str(folder)]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert finished.returncode == 0, finished.stderr
    return Run(folder)


def test_right_programs_alone_come_into_the_set(run: Run):
    script = Path(mini.__file__).with_name("data") / "programs_script.jsonl"
    right = {line["responses"][at]["text"] for line in map(json.loads, script.open()) for at in (0, 1)}
    rows = pl.read_parquet(run.path / "sets/sft/*.parquet")
    kept = {row["completion"][0]["content"] for row in rows.iter_rows(named=True)}
    assert kept and kept <= right
    there = [find_tool(language) is not None for language in ("cpp", "javascript")]
    assert len({row["prompt"][0]["content"] for row in rows.iter_rows(named=True)}) == 6 + sum(there)


def test_each_wrong_program_is_told_what_is_wrong_with_it(run: Run):
    verdicts = scan_files(sorted(run.path.glob("verdicts/programs/code_tests/*.parquet"))).collect()
    rules = Counter(reason.partition(":")[0] for reason in verdicts["reason"])
    assert {"passed", "wrong_answer", "crash", "timeout"} <= rules.keys()
    assert "wrong_answer" in (run.path / "report.html").read_text()
