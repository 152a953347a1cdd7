"""Samples reach the check workers in batches that grow with what waits, and each gets its own verdicts."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Future

import pytest

from curate.checking.batching import BATCH, LATE_S, VerdictBatcher
from curate.checking.executors.local import LocalExecutor
from curate.checking.worker_messages import Verdicts
from filters.types import Prompt, Sample, Verdict
from tests.curate.checking.test_local_executor import spec

PROMPT = Prompt.make("?")


class Held(LocalExecutor):
    """Judges when it is told to, so that a test says how busy the workers are."""

    def __init__(self, workers: int) -> None:
        super().__init__([spec("Moody")], workers)
        self.given: list[tuple[list[Sample], Future[Verdicts]]] = []

    def submit(self, batch: Sequence[Sample], labels: Sequence[str] | None = None) -> Future[Verdicts]:
        self.given.append((list(batch), Future()))
        return self.given[-1][1]

    def answer(self, number: int) -> None:
        batch, judged = self.given[number]
        judged.set_result({"moody": [Verdict(True, f"fine: {sample.id}") for sample in batch]})

    @property
    def sizes(self) -> list[int]:
        return [len(batch) for batch, _ in self.given]


def ask(verifier: VerdictBatcher, count: int) -> list[asyncio.Task[dict[str, Verdict]]]:
    samples = [Sample(f"s{number}", PROMPT, "ok", number) for number in range(count)]
    return [asyncio.create_task(verifier.judge(sample)) for sample in samples]


async def turn() -> None:
    """What is ready runs; what waits for a time does not."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_comes_while_a_worker_is_busy_goes_together():
    async def go() -> None:
        pool = Held(workers=1)
        verifier = VerdictBatcher(pool)
        first = ask(verifier, 1)
        await turn()
        later = ask(verifier, BATCH + 5)
        await turn()
        assert pool.sizes == [1]
        for number in range(3):
            pool.answer(number)
            await turn()
        assert pool.sizes == [1, BATCH, 5]
        for task in (*first, *later):
            assert (await task)["moody"].ok
        assert [(await task)["moody"].reason for task in later][-1] == f"fine: s{BATCH + 4}"

    asyncio.run(go())


def test_another_worker_is_brought_in_where_much_waits_or_long():
    async def go() -> None:
        pool = Held(workers=3)
        verifier = VerdictBatcher(pool)
        ask(verifier, 1)
        await turn()
        ask(verifier, BATCH)
        await turn()
        assert pool.sizes == [1, BATCH], "much waits"
        ask(verifier, 2)
        await turn()
        assert pool.sizes == [1, BATCH]
        await asyncio.sleep(2 * LATE_S)
        assert pool.sizes == [1, BATCH, 2], "it has waited long"

    asyncio.run(go())


def test_where_nothing_hangs_on_a_verdict_a_batch_waits_until_it_is_full_or_late():
    async def go() -> None:
        pool = Held(workers=2)
        verifier = VerdictBatcher(pool, patient=True)
        ask(verifier, BATCH - 1)
        await turn()
        assert pool.sizes == []
        ask(verifier, 4)
        await turn()
        assert pool.sizes == [BATCH]
        await asyncio.sleep(2 * LATE_S)
        assert pool.sizes == [BATCH, 3]

    asyncio.run(go())


def test_a_pool_that_cannot_judge_says_so_to_all_that_wait():
    async def go() -> None:
        pool = Held(workers=1)
        tasks = ask(VerdictBatcher(pool), 3)
        await turn()
        pool.given[0][1].set_exception(RuntimeError("no worker starts"))
        for task in tasks:
            with pytest.raises(RuntimeError, match="no worker starts"):
                await task

    asyncio.run(go())
