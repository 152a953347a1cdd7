"""The command line beside itself, ended by signals, and with a corrected command: real processes on one run."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files

PROMPTS = 12
SAMPLES = 4


@pytest.fixture
def world(tmp_path: Path) -> Path:
    prompts = [{"prompt": f"What is {n}?", "answer": str(n)} for n in range(PROMPTS)]
    write(tmp_path / "prompts.jsonl", prompts)
    answers = [
        {"prompt": p["prompt"], "responses": [{"text": f"\\boxed{{{p['answer']}}}", "delay_s": 0.3}]}
        for p in prompts
    ]
    write(tmp_path / "script.jsonl", answers)
    return tmp_path


def write(path: Path, rows: Sequence[object]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


def start(world: Path, *arguments: object, script: str = "script.jsonl") -> subprocess.Popen[str]:
    command = [
        *(sys.executable, "-m", "curate.cli", "generate", "--run", "run", "--prompts", "prompts.jsonl"),
        *("--engine", "scripted", "--model", script, "--samples", str(SAMPLES), "--workers", "1"),
        *("--set", "engine.concurrency=4", *map(str, arguments)),
    ]
    return subprocess.Popen(command, cwd=world, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, told = process.communicate(timeout=120)
    return process.returncode, told


def assert_complete(world: Path) -> None:
    rows = scan_files(list_parts(Run(world / "run").samples("teacher"))).collect()
    assert rows.height == rows["sample_id"].n_unique() == PROMPTS * SAMPLES
    assert rows.select("prompt_id", "index").n_unique() == PROMPTS * SAMPLES
    assert list_parts(Run(world / "run").samples("teacher"), PARTIAL) == []


def wait_for_samples(world: Path) -> None:
    journal, deadline = Run(world / "run").journal("teacher"), time.monotonic() + 60
    while not journal.exists() or b"response" not in journal.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_same_command_twice_at_once_loses_and_doubles_nothing(world: Path):
    both = [finish(process) for process in [start(world), start(world)]]
    codes = sorted(code for code, _ in both)
    assert codes in ([0, 0], [0, 2]), both
    if codes == [0, 2]:
        (said,) = (told for code, told in both if code == 2)
        assert "Another process is writing to the samples 'teacher' in 'run' (process " in said
    assert_complete(world)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly_and_a_rerun_goes_on(world: Path, number: signal.Signals):
    process = start(world)
    wait_for_samples(world)
    started = time.monotonic()
    process.send_signal(number)
    code, told = finish(process)
    assert time.monotonic() - started < 10
    assert code == 130
    assert told.splitlines()[-1].startswith("r1curate: Interrupted. Finished work is kept")
    assert "Traceback" not in told
    assert (
        0 < scan_files(list_parts(Run(world / "run").samples("teacher"))).collect().height < PROMPTS * SAMPLES
    )
    assert finish(start(world))[0] == 0
    assert_complete(world)


def test_a_command_whose_requests_all_failed_says_so_and_may_be_corrected(world: Path):
    """Fewer requests than end a run as hopeless, and then the same name with another model."""
    failing = [{"prompt": "*", "responses": [{"error": "no such model"}]}]
    write(world / "wrong.jsonl", failing)
    code, told = finish(start(world, "--limit", 3, script="wrong.jsonl"))
    assert (code, "Traceback" in told) == (1, False)
    code, told = finish(start(world))
    assert code == 0, told
    assert_complete(world)
    code, told = finish(start(world, script="wrong.jsonl"))
    assert code == 2
    assert "were generated with different settings (identity" in told
