"""A pool of check workers with deadlines: a hang or a crash costs one sample of one check, never the batch.

A batch that overruns, or whose worker dies, is given again sample by sample and check by check in fresh
workers; only what fails alone is undecided. A check that says that a sample can take long gets them one by one
from the start. For a check whose scope is a prompt, the samples of one prompt stay together. A check that holds a neural model runs in this process, once and one batch at a time.
"""

from __future__ import annotations

import os
import queue
import socket
import subprocess
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from threading import Lock
from types import TracebackType
from typing import Final

from curate.checking.worker_messages import Verdicts, pack_samples, unpack_verdicts
from filters.check import LONGEST_S
from filters.child_python import make_command, make_environment
from filters.spec import CheckSpec
from filters.take_verdicts import take_verdicts
from filters.types import Sample, Verdict

CORES: Final = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
"""Cores that this process was given, by a batch system perhaps; counted before an engine binds it to fewer."""
BATCH_LIMIT_S: Final = 30.0
"""What all checks may take on one batch before it is given again one by one."""
START_LIMIT_S: Final = 120.0
"""What a worker may take to import its checks on a busy machine."""


class _LostError(Exception):
    """The worker did not answer: str says how."""


class _Worker:
    """One worker process and the socket to it."""

    def __init__(self, specs: Sequence[CheckSpec]) -> None:
        ours, theirs = socket.socketpair()
        self._connection = Connection(ours.detach())
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own module
                make_command("curate.checking.worker", str(theirs.fileno())),
                pass_fds=[theirs.fileno()],
                env=make_environment(POLARS_MAX_THREADS="1", OMP_NUM_THREADS="1"),
                # Ctrl-C does not reach it, also while it starts: the caller decides when a worker ends.
                process_group=0,
            )
        self._connection.send(list(specs))
        try:
            self._answer(START_LIMIT_S)
        except _LostError as error:
            raise RuntimeError(f"A check worker did not start; {error}.") from None

    def check(self, labels: Sequence[str], batch: Sequence[Sample], limit_s: float) -> Verdicts:
        try:
            self._connection.send((list(labels), pack_samples(batch)))
        except (BrokenPipeError, ConnectionResetError):
            raise _LostError(self._describe_death()) from None
        answer = self._answer(limit_s)
        assert isinstance(answer, dict)
        return unpack_verdicts(answer)

    def _answer(self, limit_s: float) -> object:
        try:
            if not self._connection.poll(limit_s):
                raise _LostError(f"timeout: no verdict in {limit_s:g} s")
            return self._connection.recv()
        except (EOFError, ConnectionResetError):
            raise _LostError(self._describe_death()) from None

    def _describe_death(self) -> str:
        return f"crashed: the worker ended with {self._process.wait()}"

    def end(self) -> None:
        """Kill the process; whoever waits for its answer hears of it."""
        self._process.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._connection.close()


class LocalExecutor:
    """Runs checks in `workers` processes; built lazily, so that an unused pool costs nothing."""

    def __init__(self, specs: Sequence[CheckSpec], workers: int | None = None) -> None:
        checks = {spec.label: spec.build() for spec in specs}
        self.workers = workers or CORES
        self.labels: Sequence[str] = list(checks)
        self._resident = {label: check for label, check in checks.items() if check.resident}
        self._residence = Lock()
        self._specs = [spec for spec in specs if spec.label not in self._resident]
        for check in checks.values():
            check.prepare()
        self._longest = {label: check.longest_s for label, check in checks.items()}
        self._together = {label for label, check in checks.items() if check.scope == "prompt"}
        self._threads = ThreadPoolExecutor(self.workers, "checks")
        self._idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
        self._alive: set[_Worker] = set()
        self._closed = False

    def submit(self, batch: Sequence[Sample], labels: Sequence[str] | None = None) -> Future[Verdicts]:
        """Judge a batch by the checks with these labels (all, unless given): label -> verdicts in its order."""
        try:
            return self._threads.submit(self._judge, self.labels if labels is None else labels, batch)
        except RuntimeError:
            if not self._closed:
                raise
        cancelled: Future[Verdicts] = Future()  # it was closed meanwhile
        cancelled.cancel()
        return cancelled

    def judge_in_order(
        self, work: Iterable[list[Sample]], labels: Sequence[str]
    ) -> Iterator[tuple[list[Sample], Verdicts]]:
        """Judge batches in all workers at once, a few ahead, and yield them in their order."""
        ahead: deque[tuple[list[Sample], Future[Verdicts]]] = deque()
        for batch in work:
            ahead.append((batch, self.submit(batch, labels)))
            if len(ahead) > 2 * self.workers:
                first, verdicts = ahead.popleft()
                yield first, verdicts.result()
        while ahead:
            first, verdicts = ahead.popleft()
            yield first, verdicts.result()

    def _judge(self, labels: Sequence[str], batch: Sequence[Sample]) -> Verdicts:
        apart = [label for label in labels if label not in self._resident]
        found = self._run_in_workers(apart, batch) if apart else {}
        for label in labels:
            if label in self._resident:
                with self._residence:
                    found[label] = take_verdicts(self._resident[label].check(batch), len(batch))
        return found

    def _run_in_workers(self, labels: Sequence[str], batch: Sequence[Sample]) -> Verdicts:
        quick = [label for label in labels if self._longest[label] <= LONGEST_S]
        found: Verdicts = {}
        if quick:
            try:
                found = self._run_once(quick, batch, BATCH_LIMIT_S)
            except _LostError:
                found = {label: self._run_singly(label, batch) for label in quick}
        return found | {label: self._run_singly(label, batch) for label in labels if label not in quick}

    def _run_singly(self, label: str, batch: Sequence[Sample]) -> list[Verdict]:
        """The verdicts of one check on a batch, sample by sample, or prompt by prompt."""
        if label not in self._together:
            return [self._run_alone(label, [sample], self._longest[label])[0] for sample in batch]
        groups: dict[str, list[int]] = {}
        for position, sample in enumerate(batch):
            groups.setdefault(sample.prompt.id, []).append(position)
        found: dict[int, Verdict] = {}
        for places in groups.values():
            limit_s = BATCH_LIMIT_S if self._longest[label] <= LONGEST_S else self._longest[label]
            alone = self._run_alone(label, [batch[place] for place in places], limit_s)
            found |= dict(zip(places, alone, strict=True))
        return [found[position] for position in range(len(batch))]

    def _run_alone(self, label: str, samples: Sequence[Sample], limit_s: float) -> list[Verdict]:
        try:
            return self._run_once([label], samples, limit_s)[label]
        except _LostError as lost:
            return [Verdict(None, str(lost))] * len(samples)

    def _run_once(self, labels: Sequence[str], batch: Sequence[Sample], limit_s: float) -> Verdicts:
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            worker = _Worker(self._specs)
            self._alive.add(worker)
        try:
            verdicts = worker.check(labels, batch, limit_s)
        except _LostError:
            self._alive.discard(worker)
            worker.kill()
            if self._closed:
                raise CancelledError from None
            raise
        self._idle.put(worker)
        return verdicts

    def close(self) -> None:
        """End the workers, also what they are busy with: whoever still waits for it gets a CancelledError."""
        self._closed = True
        for worker in list(self._alive):
            worker.end()
        self._threads.shutdown(cancel_futures=True)
        for worker in self._alive:
            worker.kill()
        self._alive.clear()

    def __enter__(self) -> LocalExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
