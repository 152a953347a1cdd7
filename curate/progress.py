"""Progress of long work: a bar with rate and time left on a terminal, a log message every so often elsewhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from curate.console import STDERR

logger = logging.getLogger(__name__)

LOG_EVERY_S: Final = 30.0
"""Seconds between two log messages where there is no terminal."""


class Meter(Protocol):
    """What long work reports to."""

    def advance(self, count: int = 1, remark: str | None = None) -> None:
        """Count finished pieces; `remark` replaces the text beside the bar."""
        ...


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f}/s")


class _BarMeter:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, count: int = 1, remark: str | None = None) -> None:
        self._progress.update(self._task, advance=count)
        if remark is not None:
            self._progress.update(self._task, remark=remark)


class _LogMeter:
    def __init__(self, title: str, total: int | None) -> None:
        self._title, self._total, self._done = title, total, 0
        self._start = self._last = time.monotonic()

    def advance(self, count: int = 1, remark: str | None = None) -> None:
        self._done += count
        now = time.monotonic()
        if now - self._last < LOG_EVERY_S:
            return
        self._last = now
        rate = self._done / (now - self._start)
        left = f", {(self._total - self._done) / rate:.0f} s left" if self._total and rate else ""
        counted = f"{self._done}/{self._total or '?'}"
        logger.info(f"{self._title}: {counted} ({rate:.1f}/s{left}) {remark or ''}".rstrip())


@contextmanager
def open_meter(title: str, total: int | None, done: int = 0) -> Iterator[Meter]:
    """A meter over `total` pieces, of which `done` were finished before."""
    if not STDERR.is_terminal:
        yield _LogMeter(title, None if total is None else total - done)
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TextColumn("{task.fields[remark]}", markup=False),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=STDERR, transient=True) as progress:
        yield _BarMeter(progress, progress.add_task(title, total=total, completed=done, remark=""))
