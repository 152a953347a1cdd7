"""SIGKILL at random moments: no acknowledged sample is lost, none is doubled, the funnel adds up.

The suite kills a few times; `R1CURATE_KILLS=100 pytest -m slow tests/curate/sampling/test_kill.py` kills as often as said.
"""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import recipes
from curate.selection.funnel import count_fates, decide_fates
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_parts

PROMPTS, SAMPLES = 60, 8


def write_inputs(folder: Path, prompts: int = PROMPTS) -> list[str]:
    """Prompts, and a script in which some answers are wrong, some slow and some fail."""
    rows = [{"prompt": f"What is {n} + 1?", "answer": n + 1} for n in range(prompts)]
    (folder / "prompts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    lines = []
    for row in rows:
        right, wrong = (f"<think>\nI add one.\n</think>\n\\boxed{{{row['answer'] + d}}}" for d in (0, 5))
        responses = [
            {"text": text, "delay_s": 0.02 * (k + 1)} for k, text in enumerate((right, wrong, right))
        ]
        lines.append({"prompt": row["prompt"], "responses": responses})
    (folder / "script.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return [
        *(sys.executable, "-m", "curate.cli", "generate", "--prompts", str(folder / "prompts.jsonl")),
        *("--engine", "scripted", "--model", str(folder / "script.jsonl"), "--samples", str(SAMPLES)),
        *("--set", "engine.concurrency=4", "--workers", "1"),
    ]  # fmt: skip


def acknowledged(run: Run) -> set[str]:
    """The samples that are in parts, or in journal lines that are whole."""
    found = (
        set(scan_parts(run.samples("teacher")).collect()["sample_id"])
        if list_parts(run.samples("teacher"))
        else set()
    )
    journal = run.samples("teacher") / "journal.jsonl"
    if journal.exists():
        lines = journal.read_bytes().split(b"\n")[:-1]
        rows = (json.loads(line.partition(b" ")[2]) for line in lines)
        found |= {row["sample_id"] for row in rows if "sample_id" in row}
    return found


def vllm_command() -> list[str]:
    """The mini teacher on real vLLM."""
    mini = Path(recipes.__file__).parent / "mini"
    return [
        *(sys.executable, "-m", "curate.cli", "generate", "--prompts", str(mini / "data/train.jsonl")),
        *("--limit", str(PROMPTS), "--samples", str(SAMPLES), "--max-tokens", "192", "--workers", "1"),
        *("--model", str(mini / "models/teacher"), "--set", "engine.concurrency=8"),
    ]  # fmt: skip


def kill_and_resume(
    command: list[str], run: Run, kills: int, seed: int, longest: float
) -> tuple[int, set[str]]:
    """Run the command to its end, killing it at random moments; how often, and what was acknowledged then."""
    rng, killed, kept = random.Random(seed), 0, set[str]()
    while True:
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        try:
            _, errors = process.communicate(timeout=rng.uniform(0.5, longest) if killed < kills else 240)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            killed += 1
            assert acknowledged(run) >= kept
            kept = acknowledged(run)
            continue
        assert process.returncode == 0, errors
        return killed, kept


def check(folder: Path, command: list[str], kills: int, seed: int, longest: float = 4.0) -> int:
    """Compare a run that is killed at most so often with one that is not; how often it was killed before its end."""
    killed, whole = Run(folder / "killed"), Run(folder / "whole")
    subprocess.run([*command, "--run", str(whole.path)], check=True, capture_output=True, timeout=240)
    times, kept = kill_and_resume([*command, "--run", str(killed.path)], killed, kills, seed, longest)
    assert times > 0
    ids = scan_parts(killed.samples("teacher")).collect()["sample_id"]
    assert len(ids) == len(set(ids)) == PROMPTS * SAMPLES
    assert kept <= set(ids) == set(scan_parts(whole.samples("teacher")).collect()["sample_id"])
    texts = [
        scan_parts(run.samples("teacher")).sort("sample_id").collect()["response"].to_list()
        for run in (killed, whole)
    ]
    assert texts[0] == texts[1]
    funnels = [count_fates("teacher", decide_fates(run, "teacher", ["math_answer"]).with_columns(
        pl.col("fate").replace("accepted", "selected")), ["math_answer"]) for run in (killed, whole)]  # fmt: skip
    assert funnels[0] == funnels[1]
    assert not (killed.samples("teacher") / "journal.jsonl").exists()
    return times


def test_a_killed_run_ends_as_an_unkilled_one(tmp_path: Path):
    check(tmp_path, write_inputs(tmp_path), kills=4, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_many_kills(tmp_path: Path):
    done, seed = 0, 100
    while done < int(os.environ.get("R1CURATE_KILLS", "100")):
        (tmp_path / str(seed)).mkdir()
        done += check(tmp_path / str(seed), write_inputs(tmp_path / str(seed)), kills=20, seed=seed)
        seed += 1


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ten_kills_of_real_vllm(tmp_path: Path):
    done, seed = 0, 3
    while done < 10:
        (tmp_path / str(seed)).mkdir()
        done += check(tmp_path / str(seed), vllm_command(), kills=10 - done, seed=seed, longest=20.0)
        seed += 1
