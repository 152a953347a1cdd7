"""Locks on an object store: a numbered object that is created once, and tells every few seconds that its holder lives.

Whoever comes second watches it: one that tells nothing new for a while is left by a holder that is gone, and the next
number is free to be created. Who was only asleep finds that number when it wakes, and commits nothing any more.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from curate.store.lock_holders import describe_conflict, describe_holder, describe_wait, format_holder
from curate.store.object_store import ObjectStore
from filters.errors import UserError, WorkUndone

logger = logging.getLogger(__name__)

BEAT_S: Final = 5.0
"""Between two signs of life."""
SURE_S: Final = 15.0
"""A holder that could not tell that it lives for so long makes sure that the lock is still its own before it commits."""
GONE_S: Final = 45.0
"""A lock without a sign of life for so long may be taken."""
POLL_S: Final = 1.0
FOLDER: Final = ".locks"
PROBE: Final = ".locks/probe"


class LostLockError(WorkUndone):
    """Another process has taken a lock that this one held, as it seemed to be gone."""


class ObjectLock:
    """A lock that this process holds; `close` gives it back."""

    def __init__(self, store: ObjectStore, name: str, number: int, what: str) -> None:
        self._store, self._name, self._number, self._what = store, name, number, what
        self._sure = read_clock()
        self._lost = False
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lock", daemon=True)
        self._thread.start()

    def require(self) -> None:
        """Raises LostLockError where the lock is another's by now."""
        if read_clock() - self._sure > SURE_S:
            self._look()
        if self._lost:
            raise LostLockError(
                f"Another process has taken over {self._what}: this one gave no sign of life for long. What it has "
                "committed counts; run the same command again to go on."
            )

    def close(self) -> None:
        """Give it back."""
        self._closing.set()
        self._thread.join()
        with suppress(UserError):  # then it looks like one that is left
            if not self._lost:
                self._store.write(name_lock(self._name, self._number), b"{}")

    def _run(self) -> None:
        beat = 0
        while not self._closing.wait(BEAT_S):
            beat += 1
            with suppress(UserError):  # `require` notes that it could not tell
                holder = {**describe_holder(), **describe_process(), "beat": beat}
                self._store.write(name_lock(self._name, self._number), json.dumps(holder).encode())
                self._look()

    def _look(self) -> None:
        """Whether a higher number is there. The clock is read before the store is asked."""
        now = read_clock()
        if max(list_numbers(self._store, self._name), default=0) > self._number:
            self._lost = True
        else:
            self._sure = now


def take_lock(store: ObjectStore, name: str, what: str, wait: bool) -> ObjectLock:
    """Take a lock. wait: until it is free. Raises UserError, naming the holder, where another process holds it."""
    require_creates(store)
    told = False
    while True:
        numbers = list_numbers(store, name)
        highest = max(numbers, default=-1)
        holder = find_living_holder(store, name, highest)
        if holder is None:
            about = {**describe_holder(), **describe_process(), "beat": 0, "nonce": uuid.uuid4().hex}
            if store.create(name_lock(name, highest + 1), json.dumps(about).encode()):
                for number in numbers:
                    store.remove(name_lock(name, number))
                return ObjectLock(store, name, highest + 1, what)
            continue
        if not wait:
            raise UserError(describe_conflict(what, format_holder(holder)))
        if not told:
            logger.info(describe_wait(what, format_holder(holder)))
            told = True
        time.sleep(POLL_S)


@contextmanager
def read_beside(store: ObjectStore, name: str, what: str) -> Iterator[None]:
    """Read what nobody writes meanwhile. Raises UserError where somebody does."""
    before = max(list_numbers(store, name), default=-1)
    holder = find_living_holder(store, name, before)
    if holder is not None:
        raise UserError(describe_conflict(what, format_holder(holder)))
    yield
    if max(list_numbers(store, name), default=-1) != before:
        raise UserError(f"Another process has begun to write to {what}; run the same command again.")


def find_living_holder(store: ObjectStore, name: str, number: int) -> dict[str, Any] | None:
    """What the holder of a lock says of itself; None where it was given back, or nobody is left who would."""
    first = _read(store, name, number)
    known = is_alive(first) if first else False
    if known is not None:
        return first if known else None
    since = read_clock()
    while read_clock() - since < GONE_S:
        time.sleep(POLL_S)
        again = _read(store, name, number)
        if again != first:
            return again or None
    return None


def _read(store: ObjectStore, name: str, number: int) -> dict[str, Any]:
    content = store.read(name_lock(name, number)) if number >= 0 else None
    about: dict[str, Any] = json.loads(content) if content else {}
    return about


def list_numbers(store: ObjectStore, name: str) -> list[int]:
    """The numbers that a lock's objects have."""
    return [int(number) for number in store.list_names(f"{FOLDER}/{name}") if number.isdigit()]


def name_lock(name: str, number: int) -> str:
    """The name of a lock's object."""
    return f"{FOLDER}/{name}/{number:010d}"


def require_creates(store: ObjectStore) -> None:
    """Raises UserError where a store lets two writers create the same object: then nothing could be told apart."""
    store.create(PROBE, b"")
    if store.create(PROBE, uuid.uuid4().bytes):
        raise UserError(
            f"The object store '{store.url}' lets two writers create the same object, so two commands at once could not be "
            "told apart; put the run on another one."
        )


def describe_process() -> dict[str, Any]:
    """What tells this process from all others, also of other machines and containers."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    if not boot.exists():
        return {}
    return {
        "boot": boot.read_text("ascii").strip(),
        "space": str(Path("/proc/self/ns/pid").readlink()),
        "id": os.getpid(),
        "started": _read_start(os.getpid()),
    }


def is_alive(holder: dict[str, Any]) -> bool | None:
    """Whether a holder's process runs; None of one on another machine or in another container, which nobody here knows."""
    here = describe_process()
    if not here or any(holder.get(key) != here[key] for key in ("boot", "space")):
        return None
    started: str | None = holder["started"]
    return _read_start(int(holder["id"])) == started


def _read_start(process: int) -> str | None:
    """When a process began, in clock ticks since the machine did; None where there is none, or it only waits to be reaped."""
    try:
        said = Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if said[0] in "ZX" else said[19]


def read_clock() -> float:
    """Seconds that pass also while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
