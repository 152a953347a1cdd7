"""The one place that shows a person something: results on standard output, progress and notes on standard error.

Progress is a bar with rate and time left on a terminal, one log line every so often elsewhere.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
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

LOG_EVERY_S = 30.0

_err = Console(stderr=True, highlight=False)


def emit(*renderables: object) -> None:
    """Print results: text or rich tables, to standard output."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for renderable in renderables:
        console.print(renderable, markup=not isinstance(renderable, str))


def note(text: str) -> None:
    """Print one line of what is going on, to standard error."""
    _err.print(text, markup=False, soft_wrap=True)


class Meter(Protocol):
    """What long work reports to."""

    def advance(self, count: int = 1, remark: str | None = None) -> None:
        """Count finished pieces; `remark` replaces the text beside the bar."""
        ...


class _RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text("" if task.speed is None else f"{task.speed:.1f}/s")


class _Bar:
    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def advance(self, count: int = 1, remark: str | None = None) -> None:
        self._progress.update(self._task, advance=count)
        if remark is not None:
            self._progress.update(self._task, remark=remark)


class _Log:
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
        note(f"{self._title}: {self._done}/{self._total or '?'} ({rate:.1f}/s{left}) {remark or ''}".rstrip())


@contextmanager
def meter(title: str, total: int | None, done: int = 0) -> Iterator[Meter]:
    """A progress bar over `total` pieces, of which `done` were finished before."""
    if not _err.is_terminal:
        yield _Log(title, None if total is None else total - done)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TextColumn("{task.fields[remark]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_err, transient=True) as progress:
        yield _Bar(progress, progress.add_task(title, total=total, completed=done, remark=""))
