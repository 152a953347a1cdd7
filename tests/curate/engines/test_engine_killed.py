"""Real engines killed beneath a real run: it goes on or ends, nothing is lost or doubled, and Ctrl-C always ends it.

`R1CURATE_KILLS=20 pytest -n 0 -s -m slow tests/curate/engines/test_engine_killed.py` kills as often as said in each of the two
shapes, and says what each took. Each moment is drawn from `R1CURATE_SEED`. Where the machine has so much else to do that
an engine alone takes longer to load than `LOADING_S`, the limits grow by as much.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import recipes
from curate.store.layout import Run
from curate.store.parquet import scan_parts

MINI = Path(recipes.__file__).parent / "mini"
PROMPTS, SAMPLES = 100, 8
HEAD_BYTES = 200  # of a journal without a sample
KILLS = int(os.environ.get("R1CURATE_KILLS", "10"))
SIGNALS = (signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV)
GOES_ON_S, CTRL_C_S, LOADING_S = 60, 10, 25

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def choices() -> random.Random:
    return random.Random(os.environ.get("R1CURATE_SEED", "1"))


class Generating:
    """One `r1curate generate`, and all processes it started: each carries a mark in its environment."""

    def __init__(self, run: Path, replicas: int, own_process: bool = True) -> None:
        self.mark, self.run, self.sessions = uuid.uuid4().hex, run, set[str]()
        command = [
            *(sys.executable, "-m", "curate.cli", "generate", "--prompts", str(MINI / "data/train.jsonl")),
            *("--limit", str(PROMPTS), "--samples", str(SAMPLES), "--max-tokens", "192", "--workers", "1"),
            *("--model", str(MINI / "models/teacher"), "--set", "engine.concurrency=8"),
            *("--set", f"engine.replicas={replicas}", "--run", str(run)),
        ]  # fmt: skip
        own = {"VLLM_ENABLE_V1_MULTIPROCESSING": str(int(own_process)), "R1CURATE_TEST_MARK": self.mark}
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "OMP_NUM_THREADS": "1", **own},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def all(self) -> Iterator[tuple[int, str]]:
        """The living processes with this run's mark, or of a session of one: pid and command line.

        A process that gives itself a title writes over its environment.
        """
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                state, _, _, session = (folder / "stat").read_text().rpartition(")")[2].split()[:4]
                if self.mark.encode() in (folder / "environ").read_bytes():
                    self.sessions.add(session)
                if session in self.sessions and state != "Z":
                    yield int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()

    def find(self, *words: str) -> set[int]:
        """The processes whose command lines hold one of these."""
        return {pid for pid, line in self.all() if any(word in line for word in words)}

    def engines(self) -> set[int]:
        return self.find("EngineCore", "replica_process")

    def written(self) -> int:
        """Bytes that samples take on disk."""
        found = [*self.run.glob("samples/*/journal*"), *self.run.glob("samples/*/part*")]
        return max(0, sum(path.stat().st_size for path in found if path.exists()) - HEAD_BYTES)


@contextmanager
def generating(run: Path, replicas: int, **options: bool) -> Iterator[Generating]:
    one = Generating(run, replicas, **options)
    try:
        yield one
    finally:
        for pid, _ in list(one.all()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        one.process.wait()


def wait_for(true: Callable[[], object], limit_s: float) -> float:
    """Seconds until it was true, at most the limit."""
    began = time.monotonic()
    while not true() and time.monotonic() - began < limit_s:
        time.sleep(0.05)
    return time.monotonic() - began


def await_first_sample(run: Path, replicas: int) -> float:
    """Seconds from the start to the first sample of a run that is left alone."""
    with generating(run, replicas) as one:
        took = wait_for(lambda: one.ended or one.written(), 300)
        assert one.written()
        return took


def kill_one(
    one: Generating, chosen: random.Random, number: signal.Signals, limit_s: float
) -> tuple[str, float]:
    """Kill one of the engine's processes at some moment; which, and how long the run took to go on or to end.

    It goes on where it has written more with as many cores as before, one of which is new.
    """
    wait_for(lambda: one.ended or one.find("EngineCore"), limit_s)
    time.sleep(chosen.choice((chosen.uniform(0, 2), chosen.uniform(2, limit_s / 2))))
    before = one.engines()
    if one.ended or not before:
        return "none", 0.0
    victim = chosen.choice(sorted(before))
    kind = "core" if victim in one.find("EngineCore") else "replica"
    with suppress(ProcessLookupError):
        os.kill(victim, number)
    took = wait_for(lambda: one.ended or one.find("EngineCore") - before, limit_s)
    written = one.written()
    return kind, took + wait_for(lambda: one.ended or one.written() > written, limit_s)


def check_complete(run: Path) -> None:
    rows = scan_parts(Run(run).samples("teacher")).collect()
    assert len(rows) == rows["sample_id"].n_unique() == PROMPTS * SAMPLES
    by_prompt: dict[str, list[int]] = {}
    for prompt, index in zip(rows["prompt_id"], rows["index"], strict=True):
        by_prompt.setdefault(prompt, []).append(index)
    assert len(by_prompt) == PROMPTS
    assert all(sorted(found) == list(range(SAMPLES)) for found in by_prompt.values())


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_killed_engine_costs_nothing_and_ends_nothing_for_ever(tmp_path: Path, replicas: int) -> None:
    chosen, took, codes, tries = choices(), list[tuple[str, str, float]](), Counter[int](), 0
    loading_s = await_first_sample(tmp_path / "alone", replicas)
    limit_s = GOES_ON_S * max(1.0, loading_s / LOADING_S)
    sys.stderr.write(f"{replicas}: first sample after {loading_s:.1f} s, limit {limit_s:.1f} s\n")
    while len(took) < KILLS:
        tries += 1
        run, code = tmp_path / str(tries), -1
        while code != 0:
            with generating(run, replicas) as one:
                for _ in range(min(3, KILLS - len(took))):
                    number = SIGNALS[len(took) % len(SIGNALS)]
                    kind, seconds = kill_one(one, chosen, number, limit_s)
                    if kind != "none":
                        took.append((number.name, kind, seconds))
                        sys.stderr.write(f"{replicas}: {took[-1]}, exit code {one.process.poll()}\n")
                        assert seconds < limit_s
                _, errors = one.process.communicate(timeout=10 * limit_s)
                assert list(one.all()) == []
            code = one.process.returncode
            codes[code] += 1
            assert code == 0 or (code in (1, 2) and "Traceback" not in errors), errors
        check_complete(run)
    sys.stderr.write(
        f"{replicas}: longest {max(seconds for *_, seconds in took):.1f} s, exit codes {codes}\n"
    )


def in_loading(one: Generating, chosen: random.Random) -> None:
    wait_for(lambda: one.find("replica_process") or one.ended, 60)
    time.sleep(chosen.uniform(0, 8))


def in_sampling(one: Generating, chosen: random.Random) -> None:
    wait_for(lambda: one.written() or one.ended, 300)
    time.sleep(chosen.uniform(0, 4))


def after_a_kill(one: Generating, chosen: random.Random) -> None:
    in_sampling(one, chosen)
    os.kill(chosen.choice(sorted(one.engines())), signal.SIGKILL)
    time.sleep(chosen.uniform(0, 3))


def while_loading_here(one: Generating, chosen: random.Random) -> None:
    time.sleep(chosen.uniform(3, 12))


SHAPES = [
    *((moment, replicas, True) for moment in (in_loading, in_sampling, after_a_kill) for replicas in (1, 2)),
    *((moment, 1, False) for moment in (while_loading_here, in_sampling)),
]


@pytest.mark.parametrize(("moment", "replicas", "own_process"), SHAPES)
def test_ctrl_c_always_ends_it(
    tmp_path: Path,
    moment: Callable[[Generating, random.Random], None],
    replicas: int,
    own_process: bool,
) -> None:
    chosen = choices()
    for number in range(3):
        with generating(tmp_path / str(number), replicas, own_process=own_process) as one:
            moment(one, chosen)
            os.killpg(one.process.pid, signal.SIGINT)
            took = wait_for(lambda: one.ended, 30)
            sys.stderr.write(f"{moment.__name__} {replicas} {own_process}: {took:.1f} s\n")
            assert took < CTRL_C_S
            _, errors = one.process.communicate()
            assert one.process.returncode == 130, errors
            assert "Traceback" not in errors, errors
            assert wait_for(lambda: not list(one.all()), 5) < 5, list(one.all())


@pytest.mark.parametrize("moment", [in_loading, in_sampling])
def test_nothing_is_left_of_a_run_that_is_killed(
    tmp_path: Path, moment: Callable[[Generating, random.Random], None]
) -> None:
    with generating(tmp_path, 2) as one:
        moment(one, choices())
        one.process.kill()
        assert wait_for(lambda: not list(one.all()), 10) < 10, list(one.all())
