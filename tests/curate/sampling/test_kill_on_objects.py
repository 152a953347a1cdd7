"""SIGKILL at random moments with the run on an object store: nothing acknowledged is lost, nothing is doubled.

Each command begins with an empty copy, as on another machine. The suite kills a few times;
`R1CURATE_KILLS=30 pytest -m slow tests/curate/sampling/test_kill_on_objects.py` kills as often as said.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from curate.store import copies
from curate.store.copies import find_folder
from curate.store.journal_lines import read_journal
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files, scan_parts
from tests.curate.sampling.test_kill import SAMPLES, write_inputs

PROMPTS = 24


def open_copy(url: str, folder: Path) -> Run:
    """The run as a machine sees it that has nothing of it yet."""
    os.environ["R1CURATE_COPIES"] = str(folder)
    copies._HELD.clear()
    return Run(find_folder(url))


def acknowledged(run: Run) -> set[str]:
    """The samples that are in parts or in the journal."""
    parts = list_parts(run.samples("teacher"))
    found = set(scan_files(parts).collect()["sample_id"]) if parts else set()
    return found | {row["sample_id"] for row in read_journal(run.journal("teacher")) if "sample_id" in row}


def run_killed(
    command: list[str], url: str, folder: Path, kills: int, rng: random.Random, longest: float
) -> int:
    """Run a command to its end, each time with an empty copy, and kill it at random moments; how often it was."""
    killed, kept = 0, set[str]()
    while True:
        folder = folder.with_name(f"{folder.name}x")
        process = subprocess.Popen(
            command,
            env={**os.environ, "R1CURATE_COPIES": str(folder)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, errors = process.communicate(timeout=rng.uniform(1.0, longest) if killed < kills else 240)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            killed += 1
            now = acknowledged(open_copy(url, folder.with_name(f"{folder.name}-seen")))
            assert now >= kept
            kept = now
            continue
        assert process.returncode == 0, errors.decode()
        assert acknowledged(open_copy(url, folder.with_name(f"{folder.name}-seen"))) >= kept
        return killed


def read_rows(run: Run) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Samples, verdicts of the filter and the set."""
    samples = scan_parts(run.samples("teacher")).sort("sample_id").select("sample_id", "response").collect()
    verdicts = (
        scan_parts(run.verdicts("teacher") / "format").sort("sample_id").select("sample_id", "ok").collect()
    )
    made = pl.concat([pl.read_parquet(file) for file in sorted(run.set("sft").glob("*.parquet"))])
    return samples, verdicts, made.sort("id")


def check(folder: Path, url: str, kills: int, seed: int) -> int:
    """Compare a run on an object store whose commands are killed with one on the disk; how often they were killed."""
    folder.mkdir(exist_ok=True)
    rng, times = random.Random(seed), 0
    generate = write_inputs(folder, PROMPTS)
    r1curate = [sys.executable, "-m", "curate.cli"]
    for place in (str(folder / "disk"), url):
        for command, longest in (
            ([*generate, "--run", place], 4.0),
            ([*r1curate, "filter", place, "--check", "format", "--workers", "1"], 3.0),
            ([*r1curate, "mix", "--run", place, "teacher", "--name", "sft"], 3.0),
        ):
            if place == url:
                times += run_killed(command, url, folder / "copies", kills, rng, longest)
            else:
                subprocess.run(command, check=True, capture_output=True, timeout=240)
    there, here = read_rows(open_copy(url, folder / "last")), read_rows(Run(folder / "disk"))
    assert len(there[0]) == there[0]["sample_id"].n_unique() == PROMPTS * SAMPLES
    for one, other in zip(there, here, strict=True):
        assert one.equals(other)
    assert not open_copy(url, folder / "last").is_unfinished("teacher")
    return times


@pytest.mark.timeout(300)
def test_a_killed_run_on_an_object_store_ends_as_one_on_a_disk(objects: str, tmp_path: Path):
    assert check(tmp_path, f"{objects}/run", kills=1, seed=1) > 0


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_many_kills_on_an_object_store(objects: str, tmp_path: Path):
    done, seed = 0, 100
    while done < int(os.environ.get("R1CURATE_KILLS", "30")):
        done += check(tmp_path / str(seed), f"{objects}/{seed}", kills=10, seed=seed)
        seed += 1
