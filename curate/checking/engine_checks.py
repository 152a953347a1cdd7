"""Verdicts that a language model gives: each kept in a journal as soon as it is there, then a part at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from curate.calibration.ask_cases import HOPELESS, find_first
from curate.calibration.calibrate import calibrate_on_run, find_calibration, needs_calibration
from curate.calibration.calibration import drop_calibration
from curate.checking.judge_gate import asks_any, withhold_verdicts
from curate.engines.factory import open_engine
from curate.engines.remembering import RememberingEngine
from curate.engines.restarting import RestartingEngine
from curate.store.answer_journal import AnswerJournal, LaterAnswers
from curate.store.layout import Run
from curate.store.parquet import write_part
from curate.store.prompts_by_id import PromptIndex, read_batches
from curate.store.schema import VERDICTS, verdict_row
from curate.store.stale_verdicts import read_decided, read_skipped, read_undecided
from curate.store.verdict_journal import VerdictJournal
from curate.store.verdicts import describe_sidecar
from filters.check import EngineCheck
from filters.engine import Completion, Engine, Request
from filters.errors import UserError, WorkUndone
from filters.spec import CheckSpec
from filters.take_verdicts import take_verdicts
from filters.types import Sample, Verdict

ROWS_READ: Final = 1024


class _Gate:
    """An engine that takes no more requests at once than keep it full, whoever gives them."""

    def __init__(self, engine: Engine) -> None:
        self.identity, self.concurrency, self.in_force = engine.identity, engine.concurrency, engine.in_force
        self._engine = engine
        self._places = asyncio.Semaphore(engine.concurrency)

    async def complete(self, request: Request) -> Completion:
        """Answer a request once there is a place for it."""
        async with self._places:
            return await self._engine.complete(request)

    async def close(self) -> None:
        """Close the engine."""
        await self._engine.close()


class _Judge:
    """Asks one check about samples, by engines that are open, and keeps what it says."""

    def __init__(self, check: EngineCheck, journal: VerdictJournal, advance: Callable[[int], None]) -> None:
        self._check, self._journal, self._advance = check, journal, advance
        self._failed = 0

    async def ask(self, samples: Iterable[Sample], engine: Engine) -> dict[str, Verdict]:
        """The verdicts by sample id. Samples of a prompt are asked about together: equal answers are judged once.

        Raises WorkUndone where the engine fails again and again.
        """
        groups: dict[str, list[Sample]] = {}
        for sample in samples:
            groups.setdefault(sample.prompt.id, []).append(sample)
        try:
            async with asyncio.TaskGroup() as tasks:
                asked = [tasks.create_task(self._ask_group(group, engine)) for group in groups.values()]
        except* UserError as failures:
            raise find_first(failures) from None
        return dict(chain.from_iterable(task.result() for task in asked))

    async def _ask_group(self, group: Sequence[Sample], engine: Engine) -> list[tuple[str, Verdict]]:
        given = take_verdicts(await self._check.ask(group, engine), len(group))
        for sample, verdict in zip(group, given, strict=True):
            self._journal.add(sample, verdict)
            self._note(verdict)
        self._advance(len(group))
        return [(sample.id, verdict) for sample, verdict in zip(group, given, strict=True)]

    def _note(self, verdict: Verdict) -> None:
        self._failed = self._failed + 1 if verdict.rule == "engine_failed" else 0
        if self._failed >= HOPELESS:
            raise WorkUndone(
                f"'{self._check.name}' had no answer from its engine {HOPELESS} times in a row, the last with: "
                f"{verdict.reason}. Run the same command again; of a run's samples nothing that was answered is asked again."
            )


async def judge_by_engine(
    run: Run, name: str, spec: CheckSpec, todo: Sequence[Path], advance: Callable[[int], None]
) -> None:
    """Write the verdicts of an engine check on these parts, as `judge_behind_gate` does."""
    await judge_behind_gate(
        run, name, spec, todo, advance, partial(_judge_parts, run, name, spec, todo, advance)
    )


async def judge_behind_gate(
    run: Run,
    name: str,
    spec: CheckSpec,
    parts: Sequence[Path],
    advance: Callable[[int], None],
    judge: Callable[[Engine], Awaitable[None]],
) -> None:
    """Open an engine check's engine and judge these parts with it; `advance` is told how many samples were.

    A check that is to be calibrated is so before it is asked; where it may not decide, nothing is asked, and all its verdicts
    say so. Raises WorkUndone where its engine keeps failing.
    """
    check = spec.build()
    assert isinstance(check, EngineCheck)
    for part in parts:
        describe_sidecar(run, name, spec, part)  # refuses what comes after nothing
    found = find_calibration(run, name, spec)
    if found is not None and not found.reliable:
        withhold_verdicts(run, name, spec, parts, found, advance)
        return
    engine = _Gate(await RestartingEngine.open(lambda: open_engine(check.engine)))
    try:
        if needs_calibration(check) and (found is None or found.engine != engine.identity):
            # Of another check or model nothing may stay.
            drop_calibration(run, name, spec.label)
            asks = asks_any(run, name, spec, parts)
            found = await calibrate_on_run(run, name, spec, engine) if asks else None
        if found is None or found.reliable:
            await judge(engine)
        else:
            withhold_verdicts(run, name, spec, parts, found, advance)
    finally:
        await engine.close()


async def _judge_parts(
    run: Run,
    name: str,
    spec: CheckSpec,
    todo: Sequence[Path],
    advance: Callable[[int], None],
    engine: Engine,
) -> None:
    check = spec.build()
    assert isinstance(check, EngineCheck)
    infos = {part: describe_sidecar(run, name, spec, part) for part in todo}
    prompts = PromptIndex(run.prompts(name))
    journal, done = VerdictJournal(run, name, spec.label, check.digest), False
    answers = AnswerJournal(run, name, spec.label, engine.identity)
    engines = (RememberingEngine(engine, answers), RememberingEngine(engine, LaterAnswers(answers)))
    try:
        judge = _Judge(check, journal, advance)
        for part in todo:
            known = read_decided(run, name, part, spec) | journal.known
            again = read_undecided(run, name, part, spec)
            skipped = read_skipped(run, name, spec, part)
            rows = await _judge_part(part, prompts, judge, engines, known, skipped, again)
            write_part(run.sidecar(name, spec.label, part), rows, VERDICTS, infos[part])
        done = True
    finally:
        journal.close(done)
        answers.close(done)


async def _judge_part(
    part: Path,
    prompts: PromptIndex,
    judge: _Judge,
    engines: tuple[Engine, Engine],
    known: Mapping[tuple[str, str], Verdict],
    skipped: Mapping[str, Verdict],
    again: Collection[str],
) -> list[dict[str, object]]:
    samples = [sample for batch in read_batches(part, prompts, ROWS_READ) for sample in batch]
    # Format 1 kept no content, so there the id alone is compared.
    keyed = "content" in pq.read_schema(part).names
    found = dict(skipped)
    for sample in samples:
        earlier = known.get((sample.id, sample.content if keyed else ""))
        if sample.id not in found and earlier is not None:
            found[sample.id] = earlier
    asked = [sample for sample in samples if sample.id not in found]
    # What was undecided is asked anew; for all others what the model has said of the same text stands.
    for engine, is_again in zip(engines, (False, True), strict=True):
        found |= await judge.ask((one for one in asked if (one.id in again) == is_again), engine)
    return [verdict_row(sample.id, sample.content, found[sample.id]) for sample in samples]
