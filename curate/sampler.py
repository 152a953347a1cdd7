"""The sampler: keeps one engine full, verifies answers in other processes meanwhile, and keeps every sample.

Each sample is its own request with its own seed, so any of them can be made alone, again or later, and
comes out the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from curate.checks import CheckSpec
from curate.console import Meter
from curate.engines.errors import EngineDied
from curate.journal import SampleWriter
from curate.pool import CheckPool
from curate.tables import Record
from filters.engine import Completion, Engine, EngineError, Request, SamplingOptions
from filters.vocabulary import Prompt, Sample, UserError, Verdict, digest

HOPELESS: Final = 32
"""When the first so many requests all fail, the run stops and says why: more would fail the same way."""


@dataclass
class Counts:
    """What one run of the sampler did."""

    whole: int = 0
    failed: int = 0
    tokens: int = 0


def sample_id(prompt: Prompt, identity: str, sampling: SamplingOptions, index: int) -> str:
    """A sample's content key: the same request is never paid for twice."""
    return digest(prompt.id, identity, sampling.model_dump(mode="json"), index)


def seed_of(sampling: SamplingOptions, prompt: Prompt, index: int) -> int:
    """A sample's own seed, of 31 bits: engines take no more."""
    return int(digest(sampling.seed, prompt.id, index)[:8], 16) & 0x7FFFFFFF


@dataclass(frozen=True, slots=True)
class Wanted:
    """One sample to make."""

    id: str
    prompt: Prompt
    index: int


def wanted(
    prompts: Iterable[Prompt], samples: int, identity: str, sampling: SamplingOptions
) -> Iterator[Wanted]:
    """All samples asked for: a prompt's stand together, so that an engine can share its prefix."""
    for prompt in prompts:
        for index in range(samples):
            yield Wanted(sample_id(prompt, identity, sampling, index), prompt, index)


class Sampler:
    """Makes samples with one engine and writes them, with their verdicts, to one writer."""

    def __init__(
        self,
        engine: Engine,
        sampling: SamplingOptions,
        writer: SampleWriter,
        specs: Sequence[CheckSpec],
        progress: Meter,
        workers: int | None = None,
    ) -> None:
        self._engine, self._sampling, self._writer, self._progress = engine, sampling, writer, progress
        self._pool = CheckPool(specs, workers)
        self._checked = bool(specs)
        self.counts = Counts()

    async def run(self, work: Iterable[Wanted]) -> Counts:
        """Make what is not there yet, as many requests in flight as keep the engine full."""
        slots = asyncio.Semaphore(self._engine.concurrency)
        # Verification may lag behind sampling, but not without bound: its texts are held in memory.
        most = 2 * self._engine.concurrency + 64
        tasks: set[asyncio.Task[None]] = set()
        try:
            for item in work:
                if len(tasks) >= most:
                    await _settle(tasks)
                if item.id not in self._writer.done:
                    tasks.add(asyncio.create_task(self._one(item, slots)))
            while tasks:
                await _settle(tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._pool.close()
        return self.counts

    async def _one(self, item: Wanted, slots: asyncio.Semaphore) -> None:
        seed = seed_of(self._sampling, item.prompt, item.index)
        try:
            async with slots:
                made = await self._engine.complete(Request(item.prompt.messages, self._sampling, seed))
        except EngineDied as error:
            raise UserError(
                f"The engine ended ({error}). What was sampled is kept; the same command goes on from there."
            ) from error
        except EngineError as error:
            self._failed(item, seed, error)
            return
        sample = Sample(item.id, item.prompt, made.text, item.index, made.tokens, made.finish)
        verdicts = await self._verdicts(sample)
        self._writer.add(Record(sample, "whole", made.prompt_tokens, seed), verdicts)
        self._count(made)

    async def _verdicts(self, sample: Sample) -> dict[str, Verdict]:
        if not self._checked:
            return {}
        judged = await asyncio.wrap_future(self._pool.submit([sample]))
        return {label: verdicts[0] for label, verdicts in judged.items()}

    def _failed(self, item: Wanted, seed: int, error: EngineError) -> None:
        sample = Sample(item.id, item.prompt, "", item.index, None, "error")
        self._writer.add(Record(sample, "failed", None, seed, str(error)), {})
        self.counts.failed += 1
        self._progress.advance()
        if self.counts.failed >= HOPELESS and not self.counts.whole:
            raise UserError(f"The first {HOPELESS} requests all failed, the last with: {error}")

    def _count(self, made: Completion) -> None:
        self.counts.whole += 1
        self.counts.tokens += made.tokens
        self._progress.advance()


async def _settle(tasks: set[asyncio.Task[None]]) -> None:
    """Wait until some tasks are done; what one of them raised is raised here."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    tasks -= done
    for error in [task.exception() for task in done]:  # all are retrieved before the first is raised
        if error is not None:
            raise error
