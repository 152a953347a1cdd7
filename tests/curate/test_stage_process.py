"""A stage has a process of its own: what it does there ends with it, and how it ended comes back."""

import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from curate.console import LOGGERS
from curate.engines.process_group import list_descendants
from curate.stage_process import StageProcesses, run_alone
from filters.errors import UserError, WorkUndone
from tests.curate import stages_for_tests as stages

DRIVER = """
import sys
from curate.console import LOGGERS
from curate.engines.process_group import list_descendants
from curate.stage_process import run_alone
from tests.curate import stages_for_tests as stages
if sys.argv[3:]:
    import os, time
    if os.fork() == 0:  # before there is a host, and
        time.sleep(20)
        os._exit(0)
    import threading
    def fork_again():  # once there is one: the child holds its connection
        time.sleep(1)
        if os.fork() == 0:
            time.sleep(20)
            os._exit(0)
    threading.Thread(target=fork_again).start()
run_alone(getattr(stages, sys.argv[1]), sys.argv[2], "the stage")
"""


@pytest.fixture(scope="module")
def processes() -> Iterator[StageProcesses]:
    with closing(StageProcesses()) as made:
        yield made


def is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def wait_for(what: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()


def test_what_a_stage_leaves_behind_ends_with_it(processes, tmp_path: Path):
    pids = tmp_path / "pids"
    processes.run(stages.spoil, str(pids), "spoil")
    assert [is_alive(int(pid)) for pid in pids.read_text().split()] == [False, False]
    found = processes.run(stages.look, {"n": 1}, "look")
    assert found.pop("pid") != os.getpid()
    assert found == {
        "asked": {"n": 1},
        "folder": str(Path.cwd()),
        "spoiled": None,
        "torch": False,
        "threads": 1,
    }
    assert stages.SPOILED not in os.environ


def test_a_stage_is_where_its_driver_is(processes, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(stages.SPOILED, "by the driver")
    found = processes.run(stages.look, 1, "look")
    assert (found["folder"], found["spoiled"]) == (str(tmp_path), "by the driver")


@pytest.mark.parametrize(
    ("stage", "kind", "said", "code"),
    [
        (stages.refuse, UserError, "no such thing: name another.", 2),
        (stages.refuse_oddly, UserError, "1 and 2", 2),
        (stages.leave_undone, WorkUndone, "half of it is left.", 1),
    ],
)
def test_a_refusal_comes_back_as_it_was_said(processes, stage, kind, said, code):
    with pytest.raises(kind) as told:
        processes.run(stage, None, "the stage")
    assert (str(told.value), told.value.exit_code) == (said, code)


def test_a_fault_comes_back_with_where_it_was(processes):
    with pytest.raises(ZeroDivisionError, match="somewhere deep") as told:
        processes.run(stages.fail, None, "the stage")
    assert "stages_for_tests.py" in str(told.value.__cause__)


def test_a_result_that_cannot_be_given_is_a_fault(processes):
    with pytest.raises(RuntimeError, match="pickle"):
        processes.run(stages.give_what_cannot_be_given, None, "the stage")


@pytest.mark.parametrize(
    ("stage", "asked", "said"),
    [
        (stages.die, signal.SIGKILL, "was ended by SIGKILL, as the system does where memory runs out"),
        (stages.die, signal.SIGSEGV, "was ended by SIGSEGV. Finished work is kept"),
        (stages.leave, None, "ended with code 3. Finished work is kept; run the same command again"),
    ],
)
def test_a_stage_that_dies_is_one_sentence_and_the_next_one_runs(processes, stage, asked, said):
    with pytest.raises(WorkUndone, match="grpo teacher: its process ") as told:
        processes.run(stage, asked, "grpo teacher")
    assert said in str(told.value)
    assert processes.run(stages.look, 2, "look")["asked"] == 2


def test_a_host_that_dies_is_one_sentence_and_a_new_one_takes_its_place(tmp_path: Path):
    with closing(StageProcesses()) as processes:
        processes.run(stages.look, 1, "look")
        processes._host.kill()
        with pytest.raises(WorkUndone, match="mix: its process was ended by SIGKILL"):
            processes.run(stages.look, 1, "mix")
        assert processes.run(stages.look, 3, "look")["asked"] == 3


def test_log_messages_reach_the_logging_of_a_script(processes, monkeypatch):
    seen: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = seen.append
    for name in LOGGERS:
        monkeypatch.setattr(logging.getLogger(name), "handlers", [handler] if name == "curate" else [])
    processes.run(stages.log, None, "the stage")
    assert [(r.name, r.getMessage()) for r in seen] == [("curate.somewhere", "a word on the way")]


def test_log_messages_of_several_threads_are_whole(processes, monkeypatch):
    seen: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(record.getMessage())
    for name in LOGGERS:
        monkeypatch.setattr(logging.getLogger(name), "handlers", [handler] if name == "curate" else [])
    processes.run(stages.log_from_threads, None, "the stage")
    assert sorted(seen) == sorted(f"{number}: " + "x" * 100_000 for number in range(4) for _ in range(20))


def test_an_argument_that_cannot_be_given_spoils_nothing(processes):
    with pytest.raises((AttributeError, TypeError, pickle.PicklingError)):
        processes.run(stages.look, lambda: None, "the stage")
    assert processes.run(stages.look, 7, "look")["asked"] == 7


def test_threads_of_the_host_are_not_forked_over(monkeypatch, tmp_path: Path):
    """A host that has come to hold a thread, for whatever reason, starts stages afresh."""
    site = tmp_path / "sitecustomize.py"
    site.write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n"
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    with closing(StageProcesses()) as processes:
        found = processes.run(stages.look, 1, "look")
    # A fork would know of its own thread alone; a fresh process has run sitecustomize.
    assert found["threads"] == 2


def start_driver(stage: str, place: Path, *further: str) -> tuple[subprocess.Popen[str], list[int]]:
    process = subprocess.Popen(
        [sys.executable, "-c", DRIVER, stage, str(place), *further],
        stderr=subprocess.PIPE, text=True, process_group=0,
    )  # fmt: skip
    assert wait_for(lambda: place.exists() and len(place.read_text().split()) == 3)
    return process, [int(pid) for pid in place.read_text().split()]


def test_a_driver_that_is_killed_takes_all_with_it(tmp_path: Path):
    driver, below = start_driver("ignore_interrupts", tmp_path / "pids")
    driver.kill()
    driver.wait()
    assert wait_for(lambda: not any(map(is_alive, below)), 15)


def test_a_driver_that_is_killed_takes_all_with_it_though_its_forks_live(tmp_path: Path):
    driver, below = start_driver("work_long", tmp_path / "pids", "fork")
    time.sleep(1.5)
    driver.kill()
    driver.wait()
    assert wait_for(lambda: not any(map(is_alive, below)), 15)
    assert (tmp_path / "pids.interrupted").exists()


def read_state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def test_a_driver_that_is_paused_pauses_its_stage(tmp_path: Path):
    driver, (stage, *below) = start_driver("work_long", tmp_path / "pids")
    for _ in range(2):
        os.kill(driver.pid, signal.SIGTSTP)
        assert wait_for(lambda: read_state(driver.pid) == read_state(stage) == "T", 10)
        os.kill(driver.pid, signal.SIGCONT)
        assert wait_for(lambda: "T" not in (read_state(driver.pid), read_state(stage)), 10)
    os.kill(driver.pid, signal.SIGINT)
    _, told = driver.communicate(timeout=30)
    assert told.rstrip().endswith("KeyboardInterrupt")
    assert not any(map(is_alive, [stage, *below]))


@pytest.mark.parametrize("to_group", [True, False])
def test_an_interrupt_ends_the_stage_and_then_its_driver(tmp_path: Path, to_group: bool):
    driver, below = start_driver("work_long", tmp_path / "pids")
    (os.killpg if to_group else os.kill)(driver.pid, signal.SIGINT)
    _, told = driver.communicate(timeout=30)
    assert told.rstrip().endswith("KeyboardInterrupt")
    assert (tmp_path / "pids.interrupted").exists(), "the stage was told, and not only killed"
    assert not any(map(is_alive, below))


def test_a_stage_that_takes_no_interrupt_is_killed_by_the_third(tmp_path: Path):
    driver, below = start_driver("ignore_interrupts", tmp_path / "pids")
    for _ in range(3):
        os.kill(driver.pid, signal.SIGINT)
        time.sleep(0.3)
    driver.communicate(timeout=30)
    assert not any(map(is_alive, below))


def test_one_stage_alone_leaves_no_host():
    before = list_descendants()
    assert run_alone(stages.look, 5, "look")["asked"] == 5
    assert list_descendants() == before
