"""The sampler: one event-driven scheduler beside one engine.

It takes prompts a few at a time and keeps the engine full: whenever a request ends, the next one starts,
with no barrier at the edge of a prompt or a shard. Answers are verified in other processes meanwhile, and
decide which samples a prompt still needs. Each sample is its own request with its own seed, so any of them
can be made alone, again or later, and comes out the same.

A request has a place in the engine from the moment it is started until its task is done with the engine, however that
ends; what came back is paid for and is written, whatever ends the run, without verdicts where there was no time.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from curate.checking.batching import VerdictBatcher
from curate.checking.executors.base import Executor
from curate.checking.executors.local import LocalExecutor
from curate.sampling.budget import Counts, Share
from curate.sampling.ledger import Ledger, Load
from curate.sampling.prompt_source import ListedPrompts, PromptSource
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.sampling.watchdog import WatchdogOptions, Watcher
from curate.store.journal import SampleWriter
from filters.digest import digest
from filters.engine import Completion, Engine, EngineError, Request, RequestRefused, SamplingOptions
from filters.types import Finish, Prompt, Sample, Status


def make_sample_id(prompt: Prompt, identity: str, sampling: SamplingOptions, index: int) -> str:
    """A sample's content key: the same request is never paid for twice."""
    return digest(prompt.id, identity, _dump_sampling(sampling), index)


@lru_cache(16)
def _dump_sampling(sampling: SamplingOptions) -> dict[str, Any]:
    return sampling.model_dump(mode="json")


def derive_seed(sampling: SamplingOptions, prompt: Prompt, index: int) -> int:
    """A sample's own seed, of 31 bits: engines take no more."""
    return int(digest(sampling.seed, prompt.id, index)[:8], 16) & 0x7FFFFFFF


@dataclass(eq=False)
class _Active:
    """A prompt being sampled, and the tasks of its samples that are in the engine, by index."""

    prompt: Prompt
    progress: PromptProgress
    tasks: dict[int, asyncio.Task[None]] = field(default_factory=dict)


@dataclass
class _Attempt:
    """One sample on its way."""

    key: str
    active: _Active
    index: int
    seed: int
    watcher: Watcher | None

    def sample(self, text: str, tokens: int | None, finish: Finish) -> Sample:
        return Sample(self.key, self.active.prompt, text, self.index, tokens, finish)


class Sampler:
    """Makes samples with one engine and writes them, with their verdicts, to one writer.

    known: the verdicts of samples that are there already, by prompt id and index.
    watchdog: what stops a chain while it is sampled; its own executor looks at unfinished chains.
    counts: what has been done so far.
    """

    def __init__(
        self,
        engine: Engine,
        sampling: SamplingOptions,
        rule: StoppingRule,
        writer: SampleWriter,
        executor: Executor,
        known: Mapping[str, Mapping[int, bool | None]],
        share: Share | None = None,
        watchdog: WatchdogOptions | None = None,
    ) -> None:
        self._engine, self._sampling, self._rule, self._writer = engine, sampling, rule, writer
        self._verifier = VerdictBatcher(executor, patient=rule.accept is None)
        self._known = known
        self._watchdog = watchdog or WatchdogOptions()
        self._watch_executor = LocalExecutor(self._watchdog.check, executor.workers)
        self._waiting: deque[tuple[_Active, int]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flying: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._error: BaseException | None = None
        self._ended = False
        self._source: PromptSource = ListedPrompts(())
        self._ledger = Ledger(share or Share(), sampling.max_tokens, len(known) > 0)
        self.counts = self._ledger.counts

    def measure_load(self) -> Load:
        """How busy it is."""
        tasks, free = len(self._tasks), max(0, self._engine.concurrency - len(self._flying))
        ledger = self._ledger
        return Load(tasks, free, len(self._waiting), ledger.spend_at_most(tasks), ledger.longest)

    def end(self, error: BaseException | None = None) -> None:
        """Abort what is in flight and end, as where the time is over; with an error, raise it."""
        self._error, self._ended = self._error or error, True
        self._woken.set()

    def wake(self) -> None:
        """Look again at what may be started: there are more prompts, or there is more to spend."""
        self._woken.set()

    async def run(self, prompts: Iterable[Prompt] | PromptSource) -> Counts:
        """Make what the stopping rule still asks for, as many requests in flight as keep the engine full.

        Raises WorkUndone where requests keep failing, UserError where the engine would refuse any.
        """
        self._source = prompts if isinstance(prompts, PromptSource) else ListedPrompts(prompts)
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._ledger.begin()) as deadline:
                await self._work()
        except TimeoutError:
            if not deadline.expired():
                raise
            self._ledger.end_by_time()
        finally:
            await self._end_tasks()
            self.counts.seconds = time.monotonic() - started
        if self._error is not None:
            raise self._error
        return self.counts

    async def _work(self) -> None:
        """Until all is made, the budget is spent, or something is wrong."""
        self._fill()
        while (self._tasks or self._source.is_open) and not self._ended and self._error is None:
            self._woken.clear()
            await self._woken.wait()
            self._fill()

    async def _end_tasks(self) -> None:
        """Abort what is in the engine; what came back of it already is written all the same."""
        self._error = self._error or self._ledger.failure
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._watch_executor.close()

    def _fill(self) -> None:
        """Start requests until the engine is full, a new prompt only where the active ones want no more.

        Verification may lag behind, but not without bound: its texts are held in memory.
        """
        most = 2 * self._engine.concurrency + 64
        while (
            self._ledger.failure is None
            and len(self._flying) < self._engine.concurrency
            and len(self._tasks) < most
            and self._ledger.allows(len(self._tasks))
        ):
            if not self._waiting and not self._take_prompt():
                return
            active, index = self._waiting.popleft()
            if index in active.progress.running:
                self._start(active, index)

    def _start(self, active: _Active, index: int) -> None:
        task = asyncio.create_task(self._make_one(active, index))
        active.tasks[index] = task
        self._tasks.add(task)
        self._flying.add(task)
        task.add_done_callback(self._finish_task)

    def _finish_task(self, task: asyncio.Task[None]) -> None:
        """Let go of a task that ended; the first error ends the run. Waiting on all tasks would cost their number."""
        self._tasks.discard(task)
        self._flying.discard(task)  # it may have been cancelled before its first step
        error = None if task.cancelled() else task.exception()
        self._error = self._error or error or self._ledger.failure
        self._woken.set()

    def _take_prompt(self) -> bool:
        """Take prompts until one of them wants a sample; False where there are no more prompts, or none now."""
        while (prompt := self._source.take()) is not None:
            active = _Active(prompt, PromptProgress(self._rule, self._known.get(prompt.id, {})))
            if self._advance(active):
                return True
        return False

    def _advance(self, active: _Active) -> bool:
        """Queue a prompt's next wave, ahead of other prompts'; count the prompt where it wants no more."""
        wave = active.progress.next_wave()
        self._waiting.extendleft((active, index) for index in reversed(wave))
        if not wave and not active.progress.running:
            self.counts.prompts += 1
            self._source.finish(active.prompt)
        return bool(wave)

    async def _make_one(self, active: _Active, index: int) -> None:
        """Make one sample, verify it, keep it, and see what its prompt needs now."""
        key = make_sample_id(active.prompt, self._engine.identity, self._sampling, index)
        attempt = _Attempt(key, active, index, derive_seed(self._sampling, active.prompt, index), None)
        if self._watchdog.active or self._rule.accept is not None:
            attempt.watcher = Watcher(self._watchdog, self._watch_executor, key, active.prompt)
        made = await self._complete(attempt)
        if made is not None:
            self._settle(active, index, await self._verify(attempt, made))

    async def _verify(self, attempt: _Attempt, made: Completion) -> bool | None:
        """Keep a whole sample with its verdicts; without them where something ends the run meanwhile."""
        sample = attempt.sample(made.text, made.tokens, made.finish)
        seed = attempt.seed if made.seeded else None
        try:
            verdicts = await self._verifier.judge(sample)
        except BaseException:
            self._writer.add(sample, {}, "whole", made.prompt_tokens, seed)
            self._ledger.count_unverified(made)
            raise
        self._writer.add(sample, verdicts, "whole", made.prompt_tokens, seed)
        return self._ledger.count_whole(made, verdicts.values())

    async def _complete(self, attempt: _Attempt) -> Completion | None:
        """The completion, or None where it failed, was stopped or cancelled, which is kept as well."""
        active, index = attempt.active, attempt.index
        try:
            request = Request(
                active.prompt.messages, self._sampling, attempt.seed, attempt.watcher, self._watchdog.pattern
            )
            made = await self._engine.complete(request)
            if made.finish in ("stop", "length"):
                return made
            self._keep_stopped(attempt, made)
            self._settle(active, index, False)
        except EngineError as error:
            finish: Finish = "refused" if isinstance(error, RequestRefused) else "error"
            self._keep_partial(attempt, "failed", "", None, finish, str(error))
            self._ledger.count_failure(active.prompt.id, error)
            self._settle(active, index, None)
        except asyncio.CancelledError:
            if index in active.progress.running:
                raise  # the whole run is ending
            watcher = attempt.watcher
            text, tokens = ("", None) if watcher is None else (watcher.text, watcher.tokens)
            self._keep_partial(attempt, "cancelled", text, tokens, "cancelled")
        finally:
            self._leave_engine(active, index)
        return None

    def _leave_engine(self, active: _Active, index: int) -> None:
        """Give the place back. From here on the sample is paid for: it is kept, needed or not."""
        if (task := asyncio.current_task()) is not None:
            self._flying.discard(task)
        active.tasks.pop(index, None)
        self._woken.set()

    def _keep_stopped(self, attempt: _Attempt, made: Completion) -> None:
        """Keep a chain that the watch ended, or the engine's own detection of loops."""
        if made.finish == "repetition":
            reason = self._watchdog.loop_reason
        else:
            reason = (attempt.watcher.reason if attempt.watcher else None) or ""
        self._keep_partial(attempt, "stopped", made.text, made.tokens, made.finish, reason)

    def _keep_partial(
        self,
        attempt: _Attempt,
        status: Status,
        text: str,
        tokens: int | None,
        finish: Finish,
        error: str | None = None,
    ) -> None:
        """Write a sample that is not whole, apart from those that are, with what it cost."""
        sample = attempt.sample(text, tokens, finish)
        self._writer.add(sample, {}, status, None, attempt.seed, error)
        self._ledger.count_partial(status, tokens)

    def _settle(self, active: _Active, index: int, ok: bool | None) -> None:
        for needless in active.progress.settle(index, ok):
            if task := active.tasks.pop(needless, None):
                task.cancel()
        if not active.progress.running:
            self._advance(active)
