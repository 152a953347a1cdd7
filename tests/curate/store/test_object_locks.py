"""A lock on an object store has one holder, is free soon after its holder is gone, and is not kept by one that only slept."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from curate.store import object_locks
from curate.store.copies import find_folder
from curate.store.layout import Run
from curate.store.object_locks import LostLockError, ObjectLock, is_alive, take_lock
from curate.store.object_store import ObjectStore
from curate.store.storage import STORAGE
from curate.store.whole_files import write_json
from filters.errors import UserError

HOLD = """
import sys, time
from curate.store.copies import find_folder
from curate.store.layout import Run
from curate.store.storage import STORAGE
with STORAGE.lock(Run(find_folder(sys.argv[1])).lock("samples", "t"), "the samples"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Signs of life follow each other fast."""
    for name, seconds in {"BEAT_S": 0.1, "SURE_S": 0.3, "GONE_S": 1.0, "POLL_S": 0.05}.items():
        monkeypatch.setattr(object_locks, name, seconds)


@pytest.fixture
def other(objects: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock of `objects`/run."""
    command = [sys.executable, "-c", HOLD, f"{objects}/run"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_one_holds_it_and_the_second_is_told_who(objects: str, other: subprocess.Popen[str]):
    lock = Run(find_folder(f"{objects}/run")).lock("samples", "t")
    with (
        pytest.raises(UserError, match=rf"writing to it \(process {other.pid} on .* since .*: -c s3"),
        STORAGE.lock(lock, "it"),
    ):
        raise AssertionError
    with (
        pytest.raises(UserError, match="Another process is writing to it"),
        STORAGE.lock(lock, "it", shared=True),
    ):
        raise AssertionError
    other.kill()
    other.wait()
    with STORAGE.lock(lock, "it"), STORAGE.lock(lock, "it"):  # what it calls may need the same
        pass
    with STORAGE.lock(lock, "it", shared=True):
        pass


def test_whoever_waits_has_it_next(objects: str, quick: None):
    store, order = ObjectStore(f"{objects}/run"), list[int]()

    def work(number: int) -> None:
        lock = take_lock(store, "samples-t", "it", wait=True)
        order.append(number)
        time.sleep(0.2)
        order.append(number)
        lock.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order[0::2] == order[1::2] and sorted(order[0::2]) == [0, 1, 2]
    assert len(store.list_names(".locks/samples-t")) == 1, "old numbers are removed"


def test_one_that_only_slept_has_lost_it(objects: str, quick: None, monkeypatch: pytest.MonkeyPatch):
    """Its heart stops beating, as that of a machine that sleeps: others may take the lock, and it commits nothing more."""
    store, run = ObjectStore(f"{objects}/run"), Run(find_folder(f"{objects}/run"))
    monkeypatch.setattr(object_locks, "is_alive", lambda holder: None)
    beating, sleeping = ObjectLock._run, threading.Event()
    monkeypatch.setattr(ObjectLock, "_run", lambda lock: sleeping.wait())
    with STORAGE.lock(run.lock("samples", "t"), "it"):
        write_json(run.path / "before.json", 1)
        monkeypatch.setattr(ObjectLock, "_run", beating)
        taken = take_lock(store, "samples-t", "it", wait=False)
        sleeping.set()
        with pytest.raises(LostLockError, match="has taken over it"):
            write_json(run.path / "after.json", 1)
    assert store.list_names("") == [".locks", "before.json"]
    taken.require()
    time.sleep(0.5)
    taken.require()
    taken.close()


def test_whose_process_is_gone_is_known_on_its_own_machine_alone(objects: str):
    mine = object_locks.describe_process()
    assert is_alive(mine)
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    assert is_alive({**mine, "id": child}) is False
    assert is_alive({**mine, "started": "1"}) is False, "the number is another process's by now"
    assert is_alive({**mine, "id": child, "boot": "another machine's"}) is None
    assert is_alive({**mine, "id": child, "space": "another container's"}) is None
    assert is_alive({}) is None


def test_a_store_that_cannot_tell_two_writers_apart_is_refused(objects: str, monkeypatch: pytest.MonkeyPatch):
    run = Run(find_folder(f"{objects}/run"))
    monkeypatch.setattr(ObjectStore, "create", lambda *given: True)
    with (
        pytest.raises(UserError, match="lets two writers create the same object"),
        STORAGE.lock(run.lock("samples", "t"), "it"),
    ):
        raise AssertionError
    assert not Path(run.path / "samples").exists()
