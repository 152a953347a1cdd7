"""A sampler's side of the leases: it asks for prompts before it runs dry, and tells what is done once that is on the disk."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final

from curate.sampling.budget import Counts, Share, add_counts
from curate.sampling.leases import Known, Reply, Report
from curate.sampling.prompt_source import PromptSource
from curate.sampling.sampler import Sampler
from filters.types import Prompt

EVERY_S: Final = 5.0
"""Between two reports of a sampler that needs nothing."""
UNFED_S: Final = 2.0
"""Between two of one that asked in vain: there may be more where another is lost."""
SOON_S: Final = 0.1
"""Between two of one that does."""
AHEAD: Final = 1
"""Prompts that wait beside those that are sampled, so that the engine never drains."""

Exchange = Callable[[Report], Awaitable[Reply]]


class LeasedPrompts(PromptSource):
    """Prompts that are leased a few at a time.

    exchange: hands a report to the book and gives its reply. read: finds prompts by id. wave: samples that a prompt asks
    for at once.
    """

    def __init__(
        self, exchange: Exchange, read: Callable[[Sequence[str]], Mapping[str, Prompt]], wave: int
    ) -> None:
        self._exchange, self._read, self._wave = exchange, read, wave
        self._ready: deque[Prompt] = deque()
        self._finished: list[str] = []
        self._hungry = asyncio.Event()
        self._open, self._fed = True, True
        self.known: dict[str, Known] = {}
        self.share = Share(samples=0, tokens=0, whole=False)

    @property
    def is_open(self) -> bool:
        """Until the book says that there is nothing more to do."""
        return self._open

    def take(self) -> Prompt | None:
        """The next of those that were leased."""
        if self._ready:
            return self._ready.popleft()
        self._hungry.set()
        return None

    def finish(self, prompt: Prompt) -> None:
        """Told with the next report."""
        self._finished.append(prompt.id)
        self.known.pop(prompt.id, None)

    async def follow(self, sampler: Sampler, sync: Callable[[], None]) -> None:
        """Report until there is nothing more to do. sync: forces what the sampler has written to the disk."""
        while self._open:
            await self._report(sampler, sync)
            if not self._open:
                break
            if not self._fed:
                await asyncio.sleep(UNFED_S)
                continue
            with suppress(TimeoutError):  # `wait_for` may swallow a cancellation (Python 3.11)
                async with asyncio.timeout(EVERY_S):
                    await self._hungry.wait()
            await asyncio.sleep(SOON_S)

    async def _report(self, sampler: Sampler, sync: Callable[[], None]) -> None:
        self._hungry.clear()
        finished, self._finished = tuple(self._finished), []
        # What is told is on the disk: it is there, too, where this sampler is lost.
        counts = add_counts([sampler.counts])
        await asyncio.to_thread(sync)
        reply = await self._exchange(self._describe(sampler, counts, finished))
        prompts = await asyncio.to_thread(self._read, [lease.prompt_id for lease in reply.leases])
        for lease in reply.leases:
            self.known[lease.prompt_id] = lease.known
            self._ready.append(prompts[lease.prompt_id])
        self.share.samples, self.share.tokens = reply.samples, reply.tokens
        self._fed, self._open = bool(reply.leases), not reply.done
        sampler.end() if reply.abort else sampler.wake()

    def _describe(self, sampler: Sampler, counts: Counts, finished: tuple[str, ...]) -> Report:
        load = sampler.measure_load()
        room = max(0, load.free - load.waiting)
        wanted = max(0, -(-room // self._wave) + AHEAD - len(self._ready))
        # With prompts at hand, or with those that may come with the reply.
        more = load.free if load.waiting or self._ready or self._fed else 0
        samples = sampler.counts.paid + load.tasks
        # What others may be given from now on is not spent here before the reply comes.
        self.share.give_back(samples, load.tokens, more, load.longest)
        return Report(counts, finished, wanted, load.tasks, samples, load.tokens, more)


async def sample_leased(source: LeasedPrompts, sampler: Sampler, sync: Callable[[], None]) -> Counts:
    """Sample what is leased until there is nothing more to do; what was done in all. Raises what ends the sampler."""
    following = asyncio.create_task(source.follow(sampler, sync))

    def end(task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            sampler.end(error)

    following.add_done_callback(end)
    try:
        return await sampler.run(source)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
