"""Benchmarks by name stand for sets on the Hub, unless a file has that name."""

import json
import logging
from pathlib import Path
from typing import Any

import datasets
import fsspec
import pytest

from curate.cli.app import build_command
from distill.evaluation.benchmarks import BENCHMARKS, resolve_benchmark
from distill.evaluation.options import EvaluateOptions

ROW = {
    "task_id": "Own/0",
    "prompt": "def f(a):\n",
    "entry_point": "f",
    "test": "def check(f):\n    assert f(1) == 1\n",
}


def options(prompts: str, **more: Any) -> EvaluateOptions:
    return EvaluateOptions(run="run", name="e", prompts=prompts, **more)


@pytest.mark.parametrize(
    ("name", "more", "asked"),
    [
        ("humaneval", {}, ("openai/openai_humaneval", None, "test")),
        ("HumanEval", {}, ("openai/openai_humaneval", None, "test")),
        ("mbpp", {}, ("google-research-datasets/mbpp", "sanitized", "test")),
        ("mbpp", {"config": "full", "split": "validation"}, ("google-research-datasets/mbpp", "full", "validation")),
        ("openai/gsm8k:main", {}, ("openai/gsm8k", "main", "test")),
    ],
)  # fmt: skip
def test_a_name_stands_for_a_hub_set(
    name: str, more: dict, asked: tuple, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def load_dataset(name, config=None, *, split, revision, streaming):
        assert (name, config, split) == asked
        return iter([ROW])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    (prompt,) = resolve_benchmark(options(name, **more)).read_prompts()
    assert prompt.source_id == "Own/0"


def test_livecodebench_is_read_from_its_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Its loader is a script, so the files of the set are read, in the layout that they have on the Hub."""
    tests = json.dumps([{"input": "1\n", "output": "2\n", "testtype": "stdin"}])
    hub = tmp_path / "hub"
    hub.mkdir()
    (hub / "code_generation_lite.py").write_text("raise SystemExit")
    (hub / "README.md").write_text("---\nlicense: cc\npretty_name: LiveCodeBench\n---\n")
    for number in ("", 2, 3, 4, 5, 6):
        row = {
            "question_content": f"Question {number}",
            "question_id": f"q{number}",
            "public_test_cases": tests,
        }
        (hub / f"test{number}.jsonl").write_text(json.dumps(row) + "\n")

    def url_to_fs(url: str) -> tuple[Any, str]:
        assert url == "hf://datasets/livecodebench/code_generation_lite"
        return fsspec.filesystem("file"), str(hub)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(fsspec.core, "url_to_fs", url_to_fs)
    prompts = list(resolve_benchmark(options("livecodebench")).read_prompts())
    assert [prompt.source_id for prompt in prompts] == ["q", "q2", "q3", "q4", "q5", "q6"]


def test_a_file_or_folder_of_that_name_goes_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    Path("humaneval").write_text(json.dumps(ROW) + "\n")
    asked = options("humaneval")
    assert resolve_benchmark(asked) is asked
    Path("mbpp").mkdir()
    assert resolve_benchmark(options("mbpp")).prompts == "mbpp"
    assert resolve_benchmark(options("humaneval.jsonl")).prompts == "humaneval.jsonl"


def test_what_a_name_stands_for_is_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.INFO, "distill"):
        resolve_benchmark(options("mbpp"))
    assert caplog.messages == ["mbpp is google-research-datasets/mbpp, sanitized, test."]


def test_the_help_tells_every_name():
    command = build_command("evaluate")
    (flag,) = [one for one in command.params if "--prompts" in one.opts]
    for name, found in BENCHMARKS.items():
        assert name in flag.help
        assert found.source.removeprefix("hf://datasets/") in command.help
