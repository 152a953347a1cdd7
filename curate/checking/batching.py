"""Between the sampler and the check workers: samples are handed over in batches that grow with what waits.

One sample a batch would cost the sampler more than its checks cost the workers, and would start every worker for
work that one of them does. So a batch takes all that has come while a worker was busy, and another worker is
given work only where much waits, or something has waited long. Where no request hangs on a verdict, the first batch
waits for company as well.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Final

from curate.checking.executors.base import Executor
from curate.checking.worker_messages import Verdicts
from filters.types import Sample, Verdict

BATCH: Final = 32
"""Samples handed over at once; so many also bring in a worker more."""
LATE_S: Final = 0.25
"""A sample that has waited so long, behind a slow one or for others, goes now."""


class VerdictBatcher:
    """Verdicts on single samples, from an executor that is given batches. Belongs to one event loop.

    patient: nothing hangs on a verdict, so a batch is only begun when it is full or late.
    """

    def __init__(self, executor: Executor, patient: bool = False) -> None:
        self._executor, self._patient = executor, patient
        self._waiting: list[tuple[Sample, asyncio.Future[dict[str, Verdict]]]] = []
        self._busy = 0
        self._called = self._late = False

    async def judge(self, sample: Sample) -> dict[str, Verdict]:
        """The verdicts of all the executor's checks on one sample, by label."""
        if not self._executor.labels:
            return {}
        loop = asyncio.get_running_loop()
        future: asyncio.Future[dict[str, Verdict]] = loop.create_future()
        self._waiting.append((sample, future))
        if not self._called:
            # Those that come in the same turn of the loop go together.
            self._called = True
            loop.call_soon(self._hand_over)
        return await future

    def _hand_over(self, late: bool = False) -> None:
        self._called = False
        while self._waiting and self._busy < self._executor.workers:
            if (self._busy or self._patient) and len(self._waiting) < BATCH and not late:
                break
            late = False
            self._submit()
        if self._waiting and not self._late and self._busy < self._executor.workers:
            self._late = True
            asyncio.get_running_loop().call_later(LATE_S, self._hurry)

    def _hurry(self) -> None:
        self._late = False
        self._hand_over(late=True)

    def _submit(self) -> None:
        batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
        self._busy += 1
        loop = asyncio.get_running_loop()
        judged = self._executor.submit([sample for sample, _ in batch])

        def hand_back(done: Future[Verdicts]) -> None:
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(self._settle, batch, done)

        judged.add_done_callback(hand_back)

    def _settle(
        self, batch: list[tuple[Sample, asyncio.Future[dict[str, Verdict]]]], judged: Future[Verdicts]
    ) -> None:
        self._busy -= 1
        error = CancelledError() if judged.cancelled() else judged.exception()
        for place, (_, future) in enumerate(batch):
            if future.done():
                continue
            if error is not None:
                future.set_exception(error)
            else:
                future.set_result({label: given[place] for label, given in judged.result().items()})
        self._hand_over()
