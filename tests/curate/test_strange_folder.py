"""A run's folder may be called anything: what reads as a pattern elsewhere names this one folder, and no other."""

import ast
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.engines.identity import Source
from curate.engines.vllm_loading import load_engine
from curate.options import fill
from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.generate import GenerateOptions, generate_samples
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.publish import PublishOptions, publish_folders
from curate.stages.report import ReportOptions, write_report
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.finished_sets import list_set_files
from curate.store.layout import Run
from curate.store.parquet import scan_files, scan_parts
from distill.common.training_sets import find_set
from distill.grpo.schedule import pick_by_pass_rate
from filters.engine import EngineOptions
from filters.errors import UserError
from tests.shown import shown
from tests.test_layers import FILES, ROOT

NAMES = ["run[1]", "run*? {a,b} %41+~ #é=1"]
"""The first is a pattern of `run1`, which lies beside it, the second has all that could mean something."""


def fill_run(folder: Path, name: str, answer: int) -> Run:
    """All stages on a run of this name: two prompts, four samples each, all with this answer."""
    run = Run(folder / name)
    problems = [{"prompt": f"Problem {n}", "answer": answer, "id": f"p{n}"} for n in range(2)]
    (folder / "problems.jsonl").write_text("".join(json.dumps(one) + "\n" for one in problems))
    texts = [f"<think>\nI try way {n} of it, and see.\n</think>\n\\boxed{{{answer}}}" for n in range(40)]
    script = {"prompt": "*", "responses": [{"text": text, "tokens": 9} for text in texts]}
    (folder / "script.jsonl").write_text(json.dumps(script) + "\n")
    engine = {"kind": "scripted", "model": str(folder / "script.jsonl")}
    asked = {"run": run.path, "prompts": str(folder / "problems.jsonl"), "samples": 4, "engine": engine}
    generate_samples(fill(GenerateOptions, {**asked, "workers": 1}, "generate"))
    checks = {"source": str(run.path), "name": "teacher", "workers": 1}
    verify_samples(fill(VerifyOptions, {**checks, "check": ["math_answer", "agreement"]}, "verify"))
    filter_samples(fill(FilterOptions, {**checks, "check": ["format"]}, "filter"))
    mix_samples(fill(MixOptions, {"run": run.path, "source": ["teacher:checks=math_answer+format"]}, "mix"))
    return run


def describe(run: Run) -> tuple[list[list[object]], str, str]:
    """What every reader finds in it."""
    write_report(fill(ReportOptions, {"run": run.path}, "report"))
    rows = scan_files(list_set_files(run, "sft")).collect()
    key = scan_parts(run.samples("teacher")).select("sample_id").collect().item(0, 0)
    explained = shown(explain_sample(fill(ExplainOptions, {"run": run.path, "id": key}, "explain")))
    publish_folders(fill(PublishOptions, {"run": run.path, "dataset": "sft", "licence": "mit"}, "publish"))
    card = (run.published_folder("sft") / "README.md").read_text()
    prompts = pick_by_pass_rate(run, list_prompts(run), "teacher", 0.9, 1.0)
    assert len(prompts) == 2
    assert find_set(run, "sft") == run.set("sft")
    return rows.rows(), explained, card


def list_prompts(run: Run) -> list[object]:
    from curate.store.prompts_by_id import read_prompts

    return list(read_prompts(run.prompts("teacher")))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `run1`, of which no reader may find anything elsewhere, and `alone`, in which it finds all it should."""
    folder = tmp_path_factory.mktemp("plain")
    fill_run(folder, "run1", 7)
    fill_run(folder, "alone", 8)
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_every_stage_reads_its_own_run_and_no_other(plain: Path, tmp_path: Path, name: str):
    shutil.copytree(plain / "run1", tmp_path / "run1")
    rows, explained, card = describe(fill_run(tmp_path, name, 8))
    expected = scan_files(list_set_files(Run(plain / "alone"), "sft")).collect().rows()
    assert rows == expected
    assert "\\boxed{8}" in explained and "\\boxed{7}" not in explained
    assert "not selected" not in explained and "selected" in explained
    assert f"{len(rows)} " in card


def test_vllm_is_not_given_a_pattern():
    options = EngineOptions(kind="vllm", model="runs/run[1]/models/student")
    with pytest.raises(UserError, match=r"would read 'runs/run\[1\]/models/student' as a pattern"), load_engine(
        options, Source("runs/run[1]/models/student", None)
    ):  # fmt: skip
        pass


READERS = {f"{verb}_{kind}" for verb in ("scan", "read") for kind in ("parquet", "ndjson", "csv", "ipc")}


def pattern_readers(path: Path) -> Iterator[int]:
    """The lines where a file calls polars with a path that it would expand."""
    for node in ast.walk(ast.parse(path.read_text())):
        called = isinstance(node, ast.Attribute) and node.attr in READERS
        if called and isinstance(node.value, ast.Name) and node.value.id in ("pl", "polars"):
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and node.module in ("polars", "glob"):
            yield node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_only_one_function_reads_parquet_with_polars(path: Path):
    """polars expands patterns in the paths it is given: `scan_files` of curate.store.parquet tells it not to."""
    if path != ROOT / "curate/store/parquet.py":
        assert list(pattern_readers(path)) == [], "use curate.store.parquet.scan_files"
