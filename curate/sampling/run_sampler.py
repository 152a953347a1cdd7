"""One run of the sampler: prompts, engine, checks and journal put together."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from curate.checking.executors.base import Executor
from curate.checking.executors.local import LocalExecutor
from curate.checking.references import warn_unverifiable
from curate.checking.run_checks import refresh_verdicts, run_checks
from curate.engines.factory import open_engine
from curate.engines.restarting import RestartingEngine
from curate.event_loop import run_async
from curate.monitoring.board import Board
from curate.progress import Meter, open_meter
from curate.sampling.budget import Budget, Counts, Share
from curate.sampling.generation import (
    describe_generation,
    describe_stopping,
    forget_failures,
    note_in_force,
    require_same_generation,
    write_generation,
)
from curate.sampling.leased_work import LeasedTask
from curate.sampling.leases import Left
from curate.sampling.pass_rates import write_pass_rates
from curate.sampling.places import Place
from curate.sampling.progress import SamplingProgress
from curate.sampling.prompting import AskOptions, PromptingEngine, describe_prompts
from curate.sampling.sampler import Sampler
from curate.sampling.segment_counts import count_segment, list_segment_parts
from curate.sampling.stopping import PromptProgress, StoppingRule
from curate.sampling.wanting import make_book
from curate.sampling.watchdog import WatchdogOptions
from curate.store.copies import find_address
from curate.store.journal import HEIR, SampleWriter, take_over
from curate.store.layout import Run
from curate.store.prompt_list import PromptList
from curate.store.storage import STORAGE
from curate.store.verdict_index import VerdictIndex, index_verdicts
from curate.store.verdicts import record_checks
from filters.engine import Engine, EngineOptions, SamplingOptions
from filters.errors import UserError
from filters.spec import CheckSpec
from filters.types import Prompt

logger = logging.getLogger(__name__)


def sample_prompts(
    work: SamplingWork, prompts: Iterable[Prompt], place: Place | None = None
) -> Counts | None:
    """Bring the samples to what the rule asks for each of these prompts, with the verdicts of the checks.

    The engine is not loaded where nothing is missing: then None is returned. place: where samples are made and judged,
    where that is not here. Raises UserError where another process writes these samples, or they have other settings;
    WorkUndone where the engine keeps failing.
    """
    run, name = work.run, work.name
    with work.lock():
        listed = work.begin(prompts)
        counts = work.sample(listed) if place is None else work.sample_at(place, listed)
        shards = None if place is None else place.shards
        run_checks(run, name, work.specs, work.workers, command="generate", place=shards, board=work.board)
        # What was refused is done, also where it was asked for again.
        known = work.read_known()
        if work.rules:
            write_pass_rates(run, name, work.rule, known)
        if counts is not None:
            counts.missing = work.count_wanting(listed, known)
    return counts


def _name_absolutely(engine: EngineOptions) -> EngineOptions:
    """The engine with a model that is a folder or a file named from the root."""
    place = Path(engine.model).expanduser()
    return engine.model_copy(update={"model": str(place.absolute())}) if place.exists() else engine


@dataclass(frozen=True, slots=True)
class SamplingWork:
    """Everything one run of the sampler needs.

    identity: of the engine with what is asked. metrics: the file that tells of throughput, where it is not the run's.
    segment: that it writes, where it does not write alone, or is to be told apart.
    limit: what it may spend, asked once all that earlier ones have left is in parts; the whole budget unless given.
    """

    run: Run
    name: str
    rule: StoppingRule
    specs: Sequence[CheckSpec]
    rules: Sequence[CheckSpec]
    workers: int | None
    engine: EngineOptions
    sampling: SamplingOptions
    budget: Budget
    watchdog: WatchdogOptions
    ask: AskOptions
    retry_refused: bool
    identity: str
    board: Board | None = None
    metrics: Path | None = None
    segment: str = ""
    limit: Callable[[], Share] | None = None

    def lock(self, shared: bool = False, wait: bool = False) -> AbstractContextManager[None]:
        """Be the one command that writes these samples; shared: one of several that write a segment each. wait: for others."""
        what = f"the samples '{self.name}' in '{self.run.path}'"
        return STORAGE.lock(self.run.lock("samples", self.name), what, shared, wait)

    def describe(self) -> dict[str, Any]:
        """The settings that all samples of the name share."""
        return describe_generation(self.identity, self.engine, self.sampling, self.ask)

    def begin(self, prompts: Iterable[Prompt]) -> PromptList:
        """Note the prompts and the settings. Its caller holds the lock: all that a decision depends on is read under it.

        Raises UserError where there are samples with other settings, or no prompts.
        """
        settings = self.describe()
        require_same_generation(self.run, self.name, settings)
        forget_failures(self.run, self.name, settings)
        listed = PromptList.add(self.run.prompts(self.name), prompts)
        if not len(listed):
            raise UserError("There are no prompts to sample from.")
        stopping = describe_stopping(self.rule, self.rules)
        write_generation(self.run, self.name, {**settings, "stopping": stopping})
        return listed

    def read_known(self, retry_refused: bool = False) -> VerdictIndex:
        """The verdicts of the samples that are there, and of those refused for good, unless they are asked for again."""
        return index_verdicts(self.run, self.name, [spec.label for spec in self.rules], retry_refused)

    def count_wanting(self, prompts: PromptList, known: Mapping[str, Mapping[int, bool | None]]) -> int:
        """How many prompts want more samples."""
        return sum(not PromptProgress(self.rule, known.get(p.id, {})).is_finished for p in prompts)

    def sample(self, prompts: PromptList) -> Counts | None:
        """Make what is missing; None where nothing is."""
        self.take_in()
        return self.make(prompts)

    def make(self, prompts: PromptList) -> Counts | None:
        """Make what is missing once all that earlier ones have left is taken in; None where nothing is."""
        share = Share.of(self.budget) if self.limit is None else self.limit()
        with (
            SampleWriter(self.run, self.name, self.rules, self.segment) as writer,
            LocalExecutor(self.rules, self.workers) as executor,
        ):
            known = self.read_known(self.retry_refused)
            if not self.count_wanting(prompts, known):
                return None
            if spent := share.name_spent(self.sampling.max_tokens):
                return Counts(spent=spent)
            with open_meter(f"sampling {self.name}", len(prompts)) as progress:
                return run_async(self._look_and_sample(prompts, writer, executor, known, progress, share))

    def take_in(self) -> None:
        """Make parts of all that earlier commands have left, and judge them."""
        self.take_over_all()
        with SampleWriter(self.run, self.name, self.rules):
            pass  # what a command that wrote alone has left
        self.refresh()

    def sample_at(self, place: Place, prompts: PromptList) -> Counts | None:
        """Make what is missing at a place; None where nothing is."""
        self.take_in()
        wanting = self.count_wanting(prompts, self.read_known(self.retry_refused))
        if not wanting:
            return None
        folder = self.run.path.absolute()
        task = LeasedTask(
            find_address(folder), folder, self.name, self.identity, _name_absolutely(self.engine), self.sampling,
            self.rule, self.rules, self.watchdog, self.ask, self.workers,
        )  # fmt: skip
        labels = [spec.label for spec in self.rules]
        make = partial(
            make_book, folder, self.name, prompts.keys, labels, self.rule, self.budget, self.sampling.max_tokens,
            self.retry_refused,
        )  # fmt: skip
        with LocalExecutor(self.rules, self.workers) as executor:
            warn_unverifiable(prompts, self.rules, executor, threading.Event())
        total, finished = len(prompts), len(prompts) - wanting
        with open_meter(f"sampling {self.name}", total, finished) as progress:
            live = self._follow(progress, Counts(), total, finished)
            made = place.sample(task, make, self.budget.minutes, self._recover, live.take)
            live.take(made.counts, made.nodes)
            live.write()
        note_in_force(self.run, self.name, made.in_force)
        if made.given_up:
            logger.warning(
                f"{len(made.given_up):,} prompts were given up: each machine that had one of them was lost, the first "
                f"'{made.given_up[0]}'."
            )
        return made.counts

    def _follow(
        self, meter: Meter, counts: Counts, prompts: int, finished: int = 0, replicas: int | None = None
    ) -> SamplingProgress:
        """What tells of these counts."""
        path = self.metrics or self.run.metrics(self.name)
        return SamplingProgress(meter, path, self.name, counts, prompts, finished, self.board, replicas)

    def take_over_all(self) -> None:
        """Make parts of what samplers of an earlier command have left."""
        for segment in self.run.list_segments(self.name):
            take_over(self.run, self.name, segment, self.rules)

    def _recover(self, segment: str, leased: Sequence[str] | None) -> Left:
        """Make parts of what a lost sampler has left, and tell what that is; nothing of it where nobody asks (None)."""
        take_over(self.run, self.name, segment, self.rules)
        parts = list_segment_parts(self.run, self.name, segment)
        if leased is None or not (leased or parts.whole or parts.partial):
            return Left({}, Counts())
        self.refresh()
        labels = [spec.label for spec in self.rules]
        known = index_verdicts(self.run, self.name, labels, segments={segment, f"{segment}{HEIR}"})
        counts = count_segment(self.run, self.name, parts, labels)
        return Left({prompt_id: known.get(prompt_id, {}) for prompt_id in leased}, counts)

    def refresh(self) -> None:
        """Say what was asked for, and judge what an earlier call left unjudged."""
        lock = self.run.lock("verdicts", self.name)
        with STORAGE.lock(lock, f"the verdicts on '{self.name}' in '{self.run.path}'", wait=True):
            record_checks(self.run, self.name, self.specs, "generate")
            refresh_verdicts(self.run, self.name, self.rules, self.workers)

    async def _look_and_sample(
        self,
        prompts: PromptList,
        writer: SampleWriter,
        executor: Executor,
        known: VerdictIndex,
        progress: Meter,
        share: Share,
    ) -> Counts:
        """Look at the references while the engine is opened, sample when both are done, and close it."""
        stop = threading.Event()
        looking = asyncio.to_thread(warn_unverifiable, prompts, self.rules, executor, stop)
        noting = asyncio.create_task(looking)
        counts: Counts | None = None
        try:
            counts = await self._sample(prompts, writer, executor, known, progress, share, noting)
        finally:
            if counts is None:
                stop.set()
                executor.close()  # what a worker is busy with is not waited for
            await asyncio.wait({noting})  # its own error does not take the place of what ended the run
        return counts

    async def _sample(
        self,
        prompts: PromptList,
        writer: SampleWriter,
        executor: Executor,
        known: VerdictIndex,
        progress: Meter,
        share: Share,
        noting: asyncio.Task[None],
    ) -> Counts:
        """Sample once the references were looked at: `noting` says what is wrong with them before the first request."""
        engine: Engine = await RestartingEngine.open(lambda: open_engine(self.engine))
        if not self.ask.bare:
            engine = PromptingEngine(engine, self.ask, describe_prompts(prompts))
        try:
            await asyncio.shield(noting)
            sampler = Sampler(
                engine,
                self.sampling,
                self.rule,
                writer,
                executor,
                known,
                share,
                self.watchdog,
            )
            live = self._follow(progress, sampler.counts, len(prompts), replicas=self.engine.replicas)
            following = asyncio.create_task(live.follow())
            try:
                return await sampler.run(prompts)
            finally:
                following.cancel()
                live.show()
                live.write()
                note_in_force(self.run, self.name, engine.in_force)
        finally:
            await engine.close()
