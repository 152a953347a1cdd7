"""The sampler: one event-driven scheduler beside one engine.

It takes prompts a few at a time and keeps the engine full: whenever a request ends, the next one starts,
with no barrier at the edge of a prompt or a shard. Answers are verified in other processes meanwhile, and
decide which samples a prompt still needs. Each sample is its own request with its own seed, so any of them
can be made alone, again or later, and comes out the same.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from curate.checking.batching import VerdictBatcher
from curate.checking.executors.base import Executor
from curate.checking.executors.local import LocalExecutor
from curate.sampling.budget import Budget, Counts
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.sampling.watchdog import WatchdogOptions, Watcher
from curate.store.journal import SampleWriter
from filters.digest import digest
from filters.engine import Completion, Engine, EngineError, Request, SamplingOptions
from filters.errors import UserError
from filters.types import Prompt, Sample, Status, Verdict

HOPELESS: Final = 32
"""When the first requests, this many, all fail, the run stops and says why: more would fail the same way."""


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

    def sample(self, text: str, tokens: int | None, finish: str) -> Sample:
        return Sample(self.key, self.active.prompt, text, self.index, tokens, finish)

    def so_far(self) -> Completion | None:
        """What has been made of it, where it is watched."""
        watcher = self.watcher
        return None if watcher is None else Completion(watcher.text, "stopped", 0, watcher.tokens)


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
        budget: Budget | None = None,
        watchdog: WatchdogOptions | None = None,
    ) -> None:
        self._engine, self._sampling, self._rule, self._writer = engine, sampling, rule, writer
        self._verifier = VerdictBatcher(executor, patient=rule.accept is None)
        self._known, self._budget = known, budget or Budget()
        self._watchdog = watchdog or WatchdogOptions()
        self._watch_executor = LocalExecutor(self._watchdog.check, executor.workers)
        self._waiting: deque[tuple[_Active, int]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()
        self._error: BaseException | None = None
        self._prompts: Iterator[Prompt] = iter(())
        self._flying = 0
        self._ending = False
        self._started = time.monotonic()
        self.counts = Counts()

    async def run(self, prompts: Iterable[Prompt]) -> Counts:
        """Make what the stopping rule still asks for, as many requests in flight as keep the engine full."""
        self._prompts = iter(prompts)
        self._started = time.monotonic()
        try:
            self._fill()
            while self._tasks and self._error is None:
                self._woken.clear()
                await self._woken.wait()
                self._fill()
            if self._error is not None:
                raise self._error
        finally:
            self._ending = True
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._watch_executor.close()
        self.counts.seconds = time.monotonic() - self._started
        return self.counts

    def _fill(self) -> None:
        """Start requests until the engine is full, a new prompt only where the active ones want no more.

        Verification may lag behind, but not without bound: its texts are held in memory.
        """
        most = 2 * self._engine.concurrency + 64
        while (
            not self._ending
            and self._flying < self._engine.concurrency
            and len(self._tasks) < most
            and not self._check_budget()
        ):
            if not self._waiting and not self._take_prompt():
                return
            active, index = self._waiting.popleft()
            if index in active.progress.running:
                self._flying += 1
                task = asyncio.create_task(self._make_one(active, index))
                active.tasks[index] = task
                self._tasks.add(task)
                task.add_done_callback(self._finish_task)

    def _finish_task(self, task: asyncio.Task[None]) -> None:
        """Let go of a task that ended; the first error ends the run. Waiting on all tasks would cost their number."""
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        self._error = self._error or error
        self._woken.set()

    def _take_prompt(self) -> bool:
        """Take prompts until one of them wants a sample; False where there are no more prompts."""
        for prompt in self._prompts:
            active = _Active(prompt, PromptProgress(self._rule, self._known.get(prompt.id, {})))
            if self._advance(active):
                return True
        return False

    def _advance(self, active: _Active) -> bool:
        """Queue a prompt's next wave, ahead of other prompts'; count the prompt where it wants no more."""
        wave = active.progress.next_wave()
        self._waiting.extendleft((active, index) for index in reversed(wave))
        self.counts.prompts += not wave and not active.progress.running
        return bool(wave)

    def _check_budget(self) -> str:
        budget, counts = self._budget, self.counts
        if budget.samples is not None and counts.whole + self._flying >= budget.samples:
            counts.spent = "samples"
        elif budget.tokens is not None and counts.tokens >= budget.tokens:
            counts.spent = "tokens"
        elif budget.minutes is not None and time.monotonic() - self._started >= 60 * budget.minutes:
            counts.spent = "minutes"
        return counts.spent

    async def _make_one(self, active: _Active, index: int) -> None:
        """Make one sample, verify it, keep it, and see what its prompt needs now."""
        key = make_sample_id(active.prompt, self._engine.identity, self._sampling, index)
        attempt = _Attempt(key, active, index, derive_seed(self._sampling, active.prompt, index), None)
        if self._watchdog.active or self._rule.accept is not None:
            attempt.watcher = Watcher(self._watchdog, self._watch_executor, key, active.prompt)
        made = await self._complete(attempt)
        if made is None:
            return
        sample = attempt.sample(made.text, made.tokens, made.finish)
        verdicts = await self._verifier.judge(sample)
        self._writer.add(sample, verdicts, "whole", made.prompt_tokens, attempt.seed if made.seeded else None)
        ok = _is_accepted(verdicts.values())
        if ok is not True:
            self.counts.reasons[next(v.rule for v in verdicts.values() if v.ok is ok)] += 1
        self.counts.whole += 1
        self.counts.accepted += ok is True
        self.counts.tokens += made.tokens or 0
        self._settle(active, index, ok)

    async def _complete(self, attempt: _Attempt) -> Completion | None:
        """The completion, or None where it failed, was stopped or cancelled, which is kept as well."""
        active, index = attempt.active, attempt.index
        try:
            request = Request(
                active.prompt.messages, self._sampling, attempt.seed, attempt.watcher, self._watchdog.pattern
            )
            made = await self._engine.complete(request)
            if made.finish not in ("stopped", "repetition"):
                return made
            self._keep_partial(attempt, "stopped", made, self._stop_reason(attempt, made.finish))
            self._settle(active, index, False)
        except EngineError as error:
            self._keep_partial(attempt, "failed", None, str(error))
            self.counts.error = str(error)
            self._give_up(error)
            self._settle(active, index, None)
        except asyncio.CancelledError:
            if index in active.progress.running:
                raise  # the whole run is ending
            self._keep_partial(attempt, "cancelled", attempt.so_far())
        finally:
            self._flying -= 1
            active.tasks.pop(index, None)  # from here on the sample is paid for: it is kept, needed or not
            self._woken.set()
        return None

    def _stop_reason(self, attempt: _Attempt, finish: str) -> str | None:
        """The reason of what stopped a chain: the watch's own, or the engine's detection of loops."""
        if finish == "repetition":
            return self._watchdog.loop_reason
        return attempt.watcher.reason if attempt.watcher else None

    def _keep_partial(
        self, attempt: _Attempt, status: Status, made: Completion | None, error: str | None = None
    ) -> None:
        """Write a sample that is not whole, apart from those that are, with what it cost."""
        finish = "error" if status == "failed" else "abort" if made is None else made.finish
        text, tokens = (made.text, made.tokens) if made else ("", None)
        sample = attempt.sample(text, tokens, "abort" if finish == "stopped" else finish)
        self._writer.add(sample, {}, status, None, attempt.seed, error)
        self.counts.partial[status] = self.counts.partial.get(status, 0) + 1
        self.counts.tokens += tokens or 0

    def _settle(self, active: _Active, index: int, ok: bool | None) -> None:
        for needless in active.progress.settle(index, ok):
            if task := active.tasks.pop(needless, None):
                task.cancel()
        if not active.progress.running:
            self._advance(active)

    def _give_up(self, error: EngineError) -> None:
        """End a run in which nothing has worked yet."""
        if self.counts.partial["failed"] >= HOPELESS and not self.counts.whole:
            raise UserError(f"The first {HOPELESS} requests all failed, the last with: {error}")


def _is_accepted(verdicts: Iterable[Verdict]) -> bool | None:
    """True where all are, false where one is; a sample that no check looked at is accepted."""
    given = [verdict.ok for verdict in verdicts]
    return False if False in given else None if None in given else True
