"""What an executor is: where check work runs, behind one small interface.

Another one (a cluster's, say) is a module beside this one and a line in `open_executor`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Protocol

from curate.checking.worker_messages import Verdicts
from filters.types import Sample


class Executor(Protocol):
    """Runs checks on batches of samples; a hang or a crash costs one sample of one check, never the batch.

    labels: the checks it was opened with, in order. workers: batches it works on at once.
    """

    labels: Sequence[str]
    workers: int

    def submit(self, batch: Sequence[Sample], labels: Sequence[str] | None = None) -> Future[Verdicts]:
        """Judge a batch by the checks with these labels (all, unless given): label -> verdicts in its order."""
        ...

    def judge_in_order(
        self, work: Iterable[list[Sample]], labels: Sequence[str]
    ) -> Iterator[tuple[list[Sample], Verdicts]]:
        """Judge batches, many at once, and yield each with its verdicts, in their order."""
        ...

    def close(self) -> None:
        """End the workers."""
        ...
