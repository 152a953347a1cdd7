"""One writer at a time: whoever comes second is told who the first one is, also over a kill."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from curate.store.locks import hold_lock
from filters.errors import UserError

HOLDER = """
import sys, time
from pathlib import Path
from curate.store.locks import hold_lock
with hold_lock(Path(sys.argv[1]), "it", shared=sys.argv[2] == "shared"):
    print("held", flush=True)
    time.sleep(600)
"""


def start_holder(path: Path, kind: str = "own") -> subprocess.Popen[str]:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), kind], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    return holder


def test_the_second_one_is_told_who_the_first_is_until_that_ends(tmp_path: Path):
    path = tmp_path / "a" / "it.lock"
    holder = start_holder(path)
    try:
        with pytest.raises(UserError) as told, hold_lock(path, "the samples 't'"):
            pass
        with pytest.raises(UserError, match="Another process is writing"), hold_lock(path, "it", shared=True):
            pass
    finally:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
    said = str(told.value)
    assert said.startswith("Another process is writing to the samples 't' (process ")
    assert f"process {holder.pid} on " in said
    assert said.endswith("; wait for it or stop it.")
    with hold_lock(path, "it"):
        pass


def test_readers_share_and_keep_writers_out(tmp_path: Path):
    path = tmp_path / "it.lock"
    with hold_lock(path, "it"):
        pass  # who is named in the file from now on is not who holds it then
    holder = start_holder(path, "shared")
    try:
        with hold_lock(path, "it", shared=True):
            pass
        with pytest.raises(UserError, match="Another process is writing to it; wait"), hold_lock(path, "it"):
            pass
    finally:
        holder.kill()
        holder.wait()


def test_one_thread_may_take_it_again_and_another_may_not(tmp_path: Path):
    path, told = tmp_path / "it.lock", []

    def take() -> None:
        try:
            with hold_lock(path, "it"):
                told.append("taken")
        except UserError as error:
            told.append(str(error))

    with hold_lock(path, "it"):
        with hold_lock(path, "it"):
            pass
        thread = threading.Thread(target=take)
        thread.start()
        thread.join()
    take()
    assert told[0].startswith("Another process is writing to it")
    assert told[1:] == ["taken"]


def test_one_that_waits_gets_it_when_the_other_is_done(tmp_path: Path):
    path = tmp_path / "it.lock"
    holder = start_holder(path)
    threading.Timer(0.5, holder.kill).start()
    with hold_lock(path, "it", wait=True):
        assert holder.wait() == -signal.SIGKILL


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS])
def test_a_file_system_that_cannot_lock_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
):
    def unable(file: object, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", unable)
    with (
        pytest.raises(UserError, match=r"cannot lock files \(.*\), so two commands at once"),
        hold_lock(tmp_path / "it.lock", "it"),
    ):
        pass
