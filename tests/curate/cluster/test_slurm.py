"""A job array makes what one machine makes, whichever of its tasks are killed; a fake sbatch runs them as processes."""

from __future__ import annotations

import fcntl
import io
import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.cli import app
from curate.cluster.slurm import Given, find_rank
from curate.store import locks
from curate.store.job_array import JobArray, write_array
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.verdict_index import index_verdicts
from curate.store.whole_files import read_json
from filters.errors import UserError

ROOT = Path(__file__).parents[3]
SBATCH = f"""#!{sys.executable}
import os, re, subprocess, sys
*options, script = sys.argv[1:]
settings = dict(re.findall(r"^#SBATCH --([a-z-]+)=(.*)$", open(script).read(), re.M))
tasks = [{{}}]
if "array" in settings:
    first, last = map(int, (os.environ.get("FAKE_BOUNDS") or settings["array"]).split("-"))
    about = {{"SLURM_ARRAY_TASK_MIN": first, "SLURM_ARRAY_TASK_MAX": last, "SLURM_ARRAY_TASK_COUNT": last - first + 1}}
    tasks = [{{**about, "SLURM_ARRAY_TASK_ID": n}} for n in range(first, last + 1)]
else:
    assert options == ["--dependency=afterany:77"], options
started = []
for task in tasks:
    said = open(settings["output"].replace("%a", str(task.get("SLURM_ARRAY_TASK_ID"))), "ab")
    env = {{**os.environ, **{{name: str(value) for name, value in task.items()}}}}
    started.append(subprocess.Popen(["bash", script], stdout=said, stderr=said, env=env))
codes = [process.wait() for process in started]
with open("codes", "a") as file:
    file.write(f"{{codes}}\\n")
print("77;cluster" if "--parsable" in options else "Submitted batch job 78")
"""
PROMPTS, SAMPLES = 9, 4
JOBS = ("slurm:rank", "slurm:rest")


class World:
    """A folder, whose name is not a simple one, with prompts and a script of answers; commands run in it."""

    def __init__(self, folder: Path, monkeypatch) -> None:
        self.folder = folder / "it's a $folder"
        self.folder.mkdir()
        monkeypatch.chdir(self.folder)
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        monkeypatch.setenv("COLUMNS", "200")
        self._patch = monkeypatch
        self.ask(PROMPTS)
        self.slow(0.0)

    def ask(self, prompts: int) -> None:
        """How many prompts there are."""
        rows = [{"prompt": f"What is {n} + 1?", "answer": str(n + 1)} for n in range(prompts)]
        write(Path("my prompts.jsonl"), rows)

    def slow(self, delay_s: float) -> None:
        """How long an answer takes."""
        texts = [f"<think>\nI add one, {n}.\n</think>\n\nThe answer is \\boxed{{{n}}}." for n in range(7)]
        answers = [{"text": text, "tokens": 12, "delay_s": delay_s} for text in texts]
        write(Path("script.jsonl"), [{"prompt": "*", "responses": answers}])

    def call(self, *arguments: object) -> tuple[int, str]:
        """A command line in this process: its exit code, and what it said."""
        self._patch.setattr(sys, "argv", ["r1curate", *map(str, arguments)])
        code, out, err = 0, io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                app.main()
            except SystemExit as stop:
                code = int(stop.code or 0)
        return code, out.getvalue() + err.getvalue()

    def generate(self, run: str, on: str, *more: object) -> tuple[int, str]:
        return self.call(
            *("generate", "--run", run, "--on", name_job(run, on), "--prompts", "my prompts.jsonl", "--samples", SAMPLES),
            *("--engine", "scripted", "--model", "script.jsonl", "--workers", 1, "--set", "engine.concurrency=3"),
            *more,
        )  # fmt: skip

    def be_task(self, task: int, first: int, tasks: int) -> None:
        for name, value in environment(task, first, tasks).items():
            self._patch.setenv(name, value)

    def start_rank(self, run: str, rank: int, ranks: int) -> subprocess.Popen[bytes]:
        """A task of the array as a process, as Slurm starts it."""
        script = self.folder / run / "jobs" / "generate-teacher" / "array.sh"
        return subprocess.Popen(
            ["bash", script], env={**os.environ, **environment(rank, 0, ranks)}, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip


def name_job(run: str, on: str, jobs: str = "generate-teacher") -> str:
    """A job of the array that stands."""
    about = read_json(Path(run, "jobs", jobs, "array.json")) or {"id": "01234567"}
    return f"{on}:{about['id']}" if on in JOBS else on


def environment(task: int, first: int, tasks: int) -> dict[str, str]:
    return {
        "SLURM_ARRAY_TASK_ID": str(task),
        "SLURM_ARRAY_TASK_MIN": str(first),
        "SLURM_ARRAY_TASK_COUNT": str(tasks),
    }


def write(path: Path, rows: list) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def world(tmp_path: Path, monkeypatch) -> World:
    return World(tmp_path, monkeypatch)


def read_all(run: str, labels: tuple[str, ...] = ("math_answer",)) -> dict[tuple[str, int], tuple]:
    """All samples by prompt and index, with their verdicts. Refuses what is there twice."""
    parts = list_parts(Run(Path(run)).samples("teacher"))
    rows = scan_files(parts).select("prompt_id", "index", "sample_id", "response").collect().rows()
    known = index_verdicts(Run(Path(run)), "teacher", labels)
    found = {(id_, index): (sample, text, known[id_][index]) for id_, index, sample, text in rows}
    assert len(found) == len(rows)
    return found


def wait_for_samples(run: str, rank: int, before: Path | None = None) -> Path:
    """The journal of a rank once a sample is in it; before: of an earlier attempt."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in set(Path(run).glob(f"samples/teacher/journal-s*r{rank}a*")) - {before}:
            if b"response" in path.read_bytes():
                return path
        time.sleep(0.02)
    raise AssertionError("no sample came")


def test_an_array_makes_what_one_machine_makes(world: World, monkeypatch):
    sbatch = world.folder / "bin" / "sbatch"
    sbatch.parent.mkdir()
    sbatch.write_text(SBATCH)
    sbatch.chmod(0o755)
    assert world.generate("here", "local")[0] == 0
    code, said = world.generate("there", "slurm:2", "--sbatch", "--partition=gpu --gpus=1", "--sbatch=--mem=8G")  # fmt: skip
    assert code == 0 and "9 prompts want samples, among 2 ranks." in said
    assert list_parts(Run(Path("there")).samples("teacher")) == []
    monkeypatch.setenv("PATH", f"{sbatch.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("FAKE_BOUNDS", "5-6")
    submit = said.strip().splitlines()[-1]
    told = subprocess.run(shlex.split(submit), check=True, capture_output=True, text=True, timeout=120)
    assert told.stdout == "array 77\nSubmitted batch job 78\n"
    jobs = Path("there/jobs/generate-teacher")
    assert (jobs / "codes").read_text() == "[0, 0]\n[0]\n"
    assert "Rank 1 of 2: 16 samples" in (jobs / "rank-6.log").read_text()
    assert "teacher: verdicts" in (jobs / "finish.log").read_text()
    assert read_all("there") == read_all("here")
    assert len(list_parts(Run(Path("there")).samples("teacher"))) == 2
    assert not Run(Path("there")).is_unfinished("teacher")
    about = [json.loads(Path(run, "samples/teacher/generation.json").read_text()) for run in ("here", "there")]  # fmt: skip
    assert about[0] == about[1]


def test_a_rank_that_is_killed_and_queued_again_loses_and_doubles_nothing(world: World):
    world.slow(0.1)
    world.generate("here", "local")
    assert world.generate("there", "slurm:2")[0] == 0
    first = world.start_rank("there", 0, 2)
    left = wait_for_samples("there", 0)
    # While it works a command that writes alone is refused, and is not told the name of one that has ended.
    code, said = world.generate("there", "local")
    assert code == 2 and "Another process is writing to the samples 'teacher' in 'there'; wait" in said
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    # What it left is taken over by its next attempt; its twin waits, and finds all done.
    second = world.start_rank("there", 0, 2)
    wait_for_samples("there", 0, before=left)
    assert not left.exists()
    world.be_task(0, 0, 2)
    code, said = world.generate("there", "slurm:rank")
    assert code == 0 and "Rank 0 of 2: all its samples are there." in said
    assert second.wait() == 0
    assert len(read_all("there")) == 5 * SAMPLES
    assert world.generate("there", "local")[0] == 0
    assert read_all("there") == read_all("here")
    assert not Run(Path("there")).is_unfinished("teacher")


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_ranks_may_be_killed_at_any_moment(world: World):
    rng = random.Random(time.time_ns())
    world.slow(0.1)
    world.generate("here", "local")
    for number in range(20):
        run = f"run {number}"
        assert world.generate(run, "slurm:2")[0] == 0
        ranks = [world.start_rank(run, rank, 2) for rank in range(2)]
        time.sleep(rng.uniform(0.5, 5))
        os.killpg(ranks[0].pid, signal.SIGKILL)
        ranks[0].wait()
        if rng.random() < 0.5:
            assert world.start_rank(run, 0, 2).wait() == 0
        assert ranks[1].wait() == 0
        assert world.generate(run, "local")[0] == 0
        assert read_all(run) == read_all("here")
        assert not Run(Path(run)).is_unfinished("teacher")


def test_ranks_and_the_last_job_spend_one_budget(world: World):
    budget = ("--budget-samples", 11)
    assert world.generate("run", "slurm:3", *budget)[0] == 0
    for rank, there in ((0, 4), (1, 8), (1, 8)):  # the second one was queued again
        world.be_task(rank, 0, 3)
        assert world.generate("run", "slurm:rank", *budget)[0] == 0
        assert len(read_all("run")) == there
    for _ in range(2):
        code, said = world.generate("run", "slurm:rest", *budget)
        assert code == 0 and "The budget of samples is spent" in said
        assert len(read_all("run")) == 11


def test_a_budget_without_a_sample_for_each_rank_is_refused(world: World):
    code, said = world.generate("run", "slurm:4", "--budget-tokens", 250, "--max-tokens", 100)
    assert code == 2 and "250 tokens has no sample of at most 100 tokens for each of 4 ranks: give --on slurm:2" in said  # fmt: skip
    assert not Path("run/jobs").exists()


def test_what_lost_ranks_lack_is_dealt_out_anew(world: World):
    """All of it was of one rank; prompts that come later are the last job's, and told."""
    world.be_task(0, 0, 2)
    for on in ("slurm:2", "slurm:rank"):
        assert world.generate("run", on)[0] == 0
    code, said = world.generate("run", "slurm:2")
    assert code == 0 and "4 prompts want samples, among 2 ranks." in said
    world.ask(PROMPTS + 2)
    code, said = world.generate("run", "slurm:rank")
    assert code == 0 and f"Rank 0 of 2: {2 * SAMPLES} samples" in said
    code, said = world.generate("run", "slurm:rest")
    assert code == 0 and "2 prompts came after the jobs were written" in said
    assert len(read_all("run")) == (PROMPTS + 2) * SAMPLES
    # The run knows how fast they were: the array that was replaced, and this one with its last job.
    lines = [json.loads(line) for line in Run(Path("run")).metrics("teacher").read_text().splitlines()]
    assert [line["samples"] for line in lines] == [5 * SAMPLES, 6 * SAMPLES]
    assert [line["tokens"] for line in lines] == [12 * line["samples"] for line in lines]


def read_files() -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in Path("run").rglob("*") if path.suffix not in (".lock", "")}


def test_jobs_of_an_array_that_another_has_replaced_do_nothing(world: World, parts: Path):
    shutil.copytree(parts, "run")
    world.be_task(0, 0, 1)
    more, less = ("--samples", 5, "--budget-samples", 4), ("--samples", 5, "--budget-samples", 2)
    assert world.generate("run", "slurm:1", *more)[0] == 0
    sampling = [name_job("run", job) for job in JOBS]
    assert world.generate("run", "slurm:1", *less)[0] == 0
    assert world.call("verify", "run", "--on", "slurm:1", *CHECKS)[0] == 0
    checking = [name_job("run", job, "verify") for job in JOBS]
    assert world.call("verify", "run", "--on", "slurm:1", *CHECKS[:2])[0] == 0
    before = read_files()
    told = [world.generate("run", job, *more) for job in sampling]
    told += [world.call("verify", "run", "--on", job, *CHECKS) for job in checking]
    for code, said in told:
        assert code == 2 and "were written anew since this one was submitted: submit the new ones." in said
    assert read_files() == before


@pytest.mark.parametrize(("command", "job"), [("generate", "slurm:rank"), ("verify", "slurm:rest")])
def test_jobs_of_an_array_wait_for_whoever_keeps_them_from_writing(
    world: World, parts: Path, monkeypatch, command: str, job: str
):
    shutil.copytree(parts, "run")
    world.be_task(0, 0, 1)

    def call(on: str) -> tuple[int, str]:
        if command == "generate":
            return world.generate("run", on)
        return world.call(command, "run", "--on", name_job("run", on, command), *CHECKS[:2], *CHECKS[4:])

    assert call("slurm:1")[0] == 0
    (folder,) = Path("run/jobs").iterdir()
    lock = Run(Path("run")).lock("samples" if command == "generate" else "verdicts", "teacher")

    def call_while_locked(replaced: bool) -> tuple[int, str]:
        """The lock is let go of while the job waits for it."""
        other, waited = lock.open("a+"), []
        fcntl.flock(other, fcntl.LOCK_EX if job == "slurm:rank" else fcntl.LOCK_SH)

        def sleep(seconds: float) -> None:
            waited.append(seconds)
            if replaced:
                write_array(folder, JobArray(1, "another"))
            other.close()

        monkeypatch.setattr(locks, "time", SimpleNamespace(sleep=sleep))
        code, said = call(job)
        assert len(waited) == 1
        return code, said

    assert call_while_locked(replaced=False)[0] == 0
    code, said = call_while_locked(replaced=True)
    assert code == 2 and "were written anew" in said


def test_a_job_whose_model_has_changed_says_so(world: World):
    assert world.generate("run", "slurm:1")[0] == 0
    world.slow(0.001)
    world.be_task(0, 0, 1)
    before = read_files()
    for job in JOBS:
        code, said = world.generate("run", job)
        assert code == 2 and "is not what it was when this job was written (identity '" in said
    assert read_files() == before


@pytest.fixture(scope="module")
def parts(tmp_path_factory) -> Path:
    """A run with three parts."""
    folder = tmp_path_factory.mktemp("parts")
    with pytest.MonkeyPatch.context() as patch:
        world = World(folder, patch)
        for samples in range(1, 4):
            assert world.generate("run", "local", "--samples", samples)[0] == 0
        return world.folder / "run"


CHECKS = ("--check", "format", "--check", "agreement", "--workers", 1)


@pytest.mark.parametrize("command", ["verify", "filter"])
def test_ranks_judge_their_own_parts_and_the_last_job_what_is_no_ranks_work(
    world: World, parts: Path, command: str
):
    shutil.copytree(parts, "run")
    code, said = world.call(command, "run", "--on", "slurm:2", *CHECKS)
    assert code == 0 and "3 parts are to be judged, among 2 ranks." in said
    for rank, rows in ((0, 18), (1, 9)):
        world.be_task(rank + 5, 5, 2)
        code, said = world.call(command, "run", "--on", name_job("run", "slurm:rank", command), *CHECKS)
        assert code == 0 and f"Rank {rank} of 2: {rows} samples are judged." in said
    verdicts = Path("run/verdicts/teacher")
    made = {path: path.stat().st_mtime_ns for path in (verdicts / "format").glob("*.parquet")}
    assert len(made) == 3 and not (verdicts / "agreement").exists()
    assert world.call(command, "run", "--on", name_job("run", "slurm:rest", command), *CHECKS)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in made} == made, "nothing is judged again"
    assert Counter(row[2] for row in read_all("run", ("format",)).values()) == {True: 27}
    assert len(list((verdicts / "agreement").glob("*.parquet"))) == 3


def test_a_part_that_cannot_be_judged_is_told_and_stops_no_other(world: World, parts: Path):
    shutil.copytree(parts, "run")
    assert world.call("verify", "run", "--on", "slurm:1", *CHECKS)[0] == 0
    bad = list_parts(Run(Path("run")).samples("teacher"))[0]
    whole = bad.read_bytes()
    bad.write_bytes(whole[:4] + b"\xff" * 400 + whole[404:])
    world.be_task(0, 0, 1)
    code, said = world.call("verify", "run", "--on", name_job("run", "slurm:rank", "verify"), *CHECKS)
    assert code == 1 and "1 of 3 parts could not be judged, the first, 'run/samples/teacher/part-00000.parquet'" in said  # fmt: skip
    assert len(list(Path("run/verdicts/teacher/format").glob("*.parquet"))) == 2


@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(1, 9))
def test_the_tasks_of_an_array_are_its_ranks_whatever_its_bounds(first, tasks, step):
    given = [{**environment(first + n * step, first, tasks), "SLURM_ARRAY_TASK_STEP": str(step)} for n in range(tasks)]  # fmt: skip
    assert [find_rank(tasks, each) for each in given] == list(range(tasks))


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "this process is none"),
        ({**environment(0, 0, 3), "SLURM_ARRAY_TASK_MIN": "x"}, "this process is none"),
        (environment(0, 0, 2), "This array has 2 tasks, of which this is 0, and the command was prepared for 3"),
        (environment(9, 0, 3), "submit the whole array"),
        ({**environment(3, 0, 3), "SLURM_ARRAY_TASK_STEP": "2"}, "submit the whole array"),
    ],
)  # fmt: skip
def test_a_process_that_is_no_rank_is_refused(given, why):
    with pytest.raises(UserError, match=why):
        find_rank(3, given)


def test_a_rank_of_another_command_is_refused(world: World):
    assert world.generate("run", "slurm:1")[0] == 0
    world.be_task(0, 0, 1)
    code, said = world.generate("run", "slurm:rank", "--seed", 1)
    assert code == 2 and "is for another command: give this one with --on slurm:N" in said
    assert world.generate("empty", "slurm:rank") == (
        2, "r1curate: There is no job array in 'empty/jobs/generate-teacher': give the command with --on slurm:N first.\n",
    )  # fmt: skip


def test_a_command_line_is_told_without_where_it_runs():
    line = ["verify", "--on", "slurm:3", "a", "--sbatch=--x=1", "--check", "b", "--on=c", "--", "--on", "d"]
    assert Given("verify", "slurm:3", (), line).strip() == ["verify", "a", "--check", "b", "--", "--on", "d"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("filter", "run", "--on", "slurm:2", "--audit", 3), "a job has nobody to ask"),
        (("verify", "run", "--on", "slurm:2", "--retry-undecided"), "--retry-undecided is not for --on slurm:N"),
        (("verify", "my prompts.jsonl", "--on", "slurm:2"), "'my prompts.jsonl' is none"),
        (("verify", "--on", "slurm:2"), "needs a run folder"),
        (("verify", "run", "--on", "slurm:2", "--sbatch", "--array=1-2"), "leave out --array=1-2"),
        (("verify", "run", "--sbatch", "--mem=8G"), "--sbatch is for the jobs that --on slurm:N writes"),
        (("verify", "run", "--on", "slurm:0"), "or slurm:N for an array of N jobs"),
    ],
)  # fmt: skip
def test_what_an_array_cannot_do_is_refused(world: World, arguments, why):
    Path("run/samples/teacher").mkdir(parents=True)
    code, said = world.call(*arguments)
    assert code == 2 and why in said
    assert not Path("run/jobs").exists()


def test_evaluations_are_sampled_by_ranks_and_counted_by_the_last_job(world: World):
    asked = (
        *("evaluate", "--run", "run", "--name", "x", "--prompts", "my prompts.jsonl", "--samples", 2, "--workers", 1),
        *("--engine", "scripted", "--model", "script.jsonl"),
    )  # fmt: skip
    assert world.call(*asked, "--on", "slurm:1")[0] == 0
    world.be_task(0, 0, 1)
    code, said = world.call(*asked, "--on", name_job("run", "slurm:rank", "evaluate-eval-x"))
    assert code == 0 and "Rank 0 of 1: 18 samples" in said
    assert not Path("run/evals").exists()
    code, said = world.call(*asked, "--on", name_job("run", "slurm:rest", "evaluate-eval-x"))
    assert code == 0 and "tokens/s" not in said
    assert json.loads(Path("run/evals/x/metrics.json").read_text())["samples"]["whole"] == 18


def test_a_recipe_with_an_array_is_refused(world: World):
    stage = {"generate": {"prompts": "my prompts.jsonl", "on": "slurm:2"}}
    Path("recipe.yaml").write_text(json.dumps({"name": "r", "stages": [stage]}))
    code, said = world.call("run", "recipe.yaml", "--dry-run")
    assert code == 2 and "on: slurm:2 is not for recipes, which run each stage to its end" in said
