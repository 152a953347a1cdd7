"""A recipe's stages run in processes of their own, and the command ends as it did when they ran in one."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from curate.cli.run_recipe import RunOptions, run_recipe
from curate.store.layout import Run
from filters.errors import UserError
from tests.curate.test_stage_process import is_alive, wait_for

PROMPTS = 6


def write(path: Path, rows: list[object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def recipe(folder: Path, delay_s: float = 0.0, **mix: object) -> Path:
    """Sampling from a script, a filter, and a set."""
    prompts = [{"prompt": f"What is {n}?", "answer": str(n)} for n in range(PROMPTS)]
    write(folder / "prompts.jsonl", prompts)
    text = "<think>\nso it is\n</think>\n\n\\boxed{%s}"
    script = [
        {"prompt": p["prompt"], "responses": [{"text": text % p["answer"], "delay_s": delay_s}]}
        for p in prompts
    ]
    write(folder / "script.jsonl", script)
    engine = {"kind": "scripted", "model": "${recipe}/script.jsonl", "concurrency": 1}
    stages = [
        {"generate": {"prompts": "${recipe}/prompts.jsonl", "samples": 1, "engine": engine, "workers": 1}},
        {"filter": {"name": "teacher", "check": ["format"], "workers": 1}},
        {"mix": {"source": ["teacher"], "name": "sft", **mix}},
    ]
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump({"name": "small", "stages": stages}))
    return path


def start(folder: Path, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "curate.cli", "run", str(path), "--run", str(folder / "run")]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def test_a_script_gets_each_stages_result_and_holds_none_of_their_modules(tmp_path: Path):
    path = recipe(tmp_path)
    code = f"""
import sys
from curate import RunOptions, run_recipe
made = run_recipe(RunOptions(recipe={str(path)!r}, run={str(tmp_path / "run")!r}))
print([type(result).__name__ for result in made.results], made.exit_code)
print(sorted({{"torch", "vllm", "trl", "transformers"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-2:] == ["['GenerateResult', 'CheckResult', 'MixResult'] 0", "[]"]
    timings = json.loads(Run(tmp_path / "run").timings.read_text())
    assert list(timings) == ["generate teacher", "filter teacher", "mix sft"]


def test_a_refusal_of_a_stage_is_the_recipes_and_has_a_report(tmp_path: Path, capsys):
    asked = RunOptions(recipe=str(recipe(tmp_path)), run=tmp_path / "run", override=("filter.name=nobody",))
    with pytest.raises(UserError) as told:
        run_recipe(asked)
    assert "\n" not in str(told.value)
    assert told.value.exit_code == 2
    assert (tmp_path / "run" / "report.html").exists()
    assert "report.html" in capsys.readouterr().out


def stage_of(driver: int) -> list[int]:
    """The processes below a driver: its host, the stage, and the stage's workers."""
    below = {driver}
    for _ in range(4):
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                pid, parent = int(stat.parent.name), int(stat.read_text().rpartition(")")[2].split()[1])
            except (OSError, ProcessLookupError):
                continue
            if parent in below:
                below.add(pid)
    return sorted(below - {driver})


def wait_until_sampling(folder: Path) -> None:
    journal = Run(folder / "run").journal("teacher")
    assert wait_for(lambda: journal.exists() and b"response" in journal.read_bytes(), 60)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "to_group", "code"),
    [(signal.SIGINT, True, 130), (signal.SIGTERM, False, 130), (signal.SIGKILL, False, -9)],
)
def test_a_recipe_that_is_ended_leaves_nothing_running_and_goes_on(tmp_path: Path, number, to_group, code):
    driver = start(tmp_path, recipe(tmp_path, delay_s=0.5))
    wait_until_sampling(tmp_path)
    below = stage_of(driver.pid)
    assert len(below) >= 2
    begun = time.monotonic()
    (os.killpg if to_group else os.kill)(driver.pid, number)
    _, told = driver.communicate(timeout=60)
    assert driver.returncode == code
    assert wait_for(lambda: not any(map(is_alive, below)), 15)
    assert time.monotonic() - begun < 20
    if code == 130:
        assert told.splitlines()[-1] == (
            "r1curate: Interrupted. Finished work is kept; run the same command again to resume."
        )
    again = start(tmp_path, tmp_path / "small.yaml")
    assert again.communicate(timeout=100) and again.returncode == 0


def test_a_stage_that_is_killed_is_one_sentence_and_exit_1(tmp_path: Path):
    driver = start(tmp_path, recipe(tmp_path, delay_s=0.5))
    wait_until_sampling(tmp_path)
    (stage,) = [p for p in stage_of(driver.pid) if parent(p) in stage_of(driver.pid) and os.getpgid(p) == p][
        :1
    ]
    os.kill(stage, signal.SIGKILL)
    _, told = driver.communicate(timeout=60)
    assert driver.returncode == 1
    assert told.splitlines()[-1] == (
        "r1curate: generate teacher: its process was ended by SIGKILL, as the system does where memory runs out: "
        "give the machine more, or the stage less to hold. Finished work is kept; run the same command again to resume."
    )


def parent(process: int) -> int:
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
