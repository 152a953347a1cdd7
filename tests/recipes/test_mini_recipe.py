"""The mini recipe end to end, shortened: real vLLM samples, real TRL trains, and every number adds up."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from curate.selection.funnel import Funnel
from curate.store.layout import Run
from curate.store.parquet import scan_parts

SHORT = [
    "generate.limit=60",
    "generate.samples=4",
    "evaluate.limit=16",
    "evaluate.samples=2",
    "distill.epochs=1",
    "grpo.steps=2",
    "grpo.prompts_per_step=4",
]


def run_recipe(folder: Path) -> subprocess.CompletedProcess:
    overrides = [part for override in SHORT for part in ("--override", override)]
    command = [sys.executable, "-m", "curate.cli", "run", "mini", "--run", str(folder), *overrides]
    return subprocess.run(command, capture_output=True, text=True, timeout=900)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, str]:
    folder = tmp_path_factory.mktemp("mini") / "run"
    finished = run_recipe(folder)
    assert finished.returncode == 0, finished.stderr
    return Run(folder), finished.stdout


@pytest.mark.timeout(900)
def test_the_funnel_adds_up_and_the_set_is_what_was_selected(done: tuple[Run, str]):
    run, _ = done
    about = json.loads((run.path / "sets/sft.json").read_text())
    teacher, general = (Funnel(**funnel) for funnel in about["funnels"])
    teacher.check()
    assert teacher.sampled == 60 * 4
    assert teacher.rejected["math_answer"] > 0
    assert 0 < teacher.selected < 240
    rows = pl.read_parquet(run.set("sft") / "*.parquet")
    assert rows.height == about["rows"] == teacher.selected + general.selected
    ids = set(scan_parts(run.samples("teacher")).collect()["sample_id"])
    assert set(rows.filter(pl.col("source") == "teacher")["id"]) <= ids


def test_every_model_is_measured_before_and_after(done: tuple[Run, str]):
    run, _ = done
    models = ("teacher", "student-qwen", "student-llama")
    names = [f"{model}{when}" for model in models for when in ("-before", "")]
    for name in names:
        metrics = json.loads((run.evaluation(name) / "metrics.json").read_text())
        rate = metrics["pass@1"]
        assert 0 <= rate["low"] <= rate["value"] <= rate["high"] <= 1
        assert metrics["prompts"] == 16
        assert (metrics["gain"] is not None) == (name in models)


def test_the_students_are_trained_models_of_their_architectures(done: tuple[Run, str]):
    from transformers import AutoConfig

    run, _ = done
    for kind, architecture in (("qwen", "Qwen"), ("llama", "Llama")):
        folder = run.model(f"student-{kind}")
        assert AutoConfig.from_pretrained(folder).architectures[0].startswith(architecture)
        assert json.loads((folder / "r1curate.json").read_text())["rows"] > 0


def test_the_screen_ends_with_results_and_the_reports_path(done: tuple[Run, str]):
    run, screen = done
    ending = screen[-4000:]
    for word in ("teacher", "student-qwen", "student-llama", "selected", "report.html"):
        assert word in ending
    assert (run.path / "report.html").stat().st_size > 10_000


@pytest.mark.timeout(900)
def test_a_rerun_does_nothing_again(done: tuple[Run, str]):
    run, _ = done
    kept = [
        *run.path.glob("samples/*/*.parquet"),
        *run.path.glob("models/*/*.safetensors"),
        *run.path.glob("sets/*/*"),
    ]
    before = {path: path.stat().st_mtime_ns for path in kept}
    again = run_recipe(run.path)
    assert again.returncode == 0, again.stderr
    assert "tokens/s" not in again.stdout, "nothing was sampled"
    assert {path: path.stat().st_mtime_ns for path in kept} == before
