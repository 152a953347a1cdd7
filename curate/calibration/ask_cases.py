"""A check is asked about labelled cases, and each answer is kept as it comes: a kill loses none that was paid for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from curate.calibration.cases import LabelledCase
from curate.store.journal_lines import JournalFile, read_journal
from filters.check import EngineCheck
from filters.digest import digest
from filters.engine import Completion, Engine, Request, RequestRefused
from filters.errors import UserError, WorkUndone
from filters.take_verdicts import take_verdicts
from filters.types import Verdict

HOPELESS: Final = 32
"""When so many cases in a row fail for the engine, the work ends and says why: more would fail the same way."""
ENGINE_FAILED: Final = "engine_failed"
NEVER_ANSWERED: Final = "refused"
"""Of a case that the engine will never answer, as where it is longer than the model's context: undecided, and no failure."""


class CaseAnswers:
    """What one check has answered, by case, in a journal that only grows; that of other checks is passed over.

    path: of the journal. asked: the content key of the check and of the engine that answers. usage: requests and tokens that all of
    its answers took; uncounted: requests whose tokens nobody counted.
    """

    def __init__(self, path: Path, asked: str) -> None:
        self._digest = asked
        rows = [row for row in read_journal(path, repair=True) if row["digest"] == asked]
        self.known = {row["case"]: Verdict(row["ok"], row["rule"], row["score"]) for row in rows}
        self.usage: Counter[str] = Counter()
        for row in rows:
            self.usage.update(row["usage"])
        self._file = JournalFile(path)

    def add(self, case: LabelledCase, verdict: Verdict, usage: Mapping[str, int]) -> None:
        """Keep an answer; of what it says its rule alone, since the rest may quote texts. One that failed is asked for again."""
        self.usage.update(usage)
        if verdict.rule != ENGINE_FAILED:
            self.known[key_case(case)] = verdict
            row: dict[str, Any] = {"case": key_case(case), "ok": verdict.ok, "rule": verdict.rule}
            self._file.add({**row, "score": verdict.score, "usage": dict(usage), "digest": self._digest})

    def close(self) -> None:
        """Close the journal; it stays, so that what a later calibration shares with this one is not asked again."""
        self._file.close()


def key_case(case: LabelledCase) -> str:
    """What a case's answer is found by: its prompt and text."""
    return digest(case.sample.prompt.id, case.sample.content)


class _CountingEngine:
    """An engine, within its concurrency, whose requests and tokens are counted. refused: whether one will never be answered."""

    def __init__(self, engine: Engine, places: asyncio.Semaphore) -> None:
        self.identity, self.concurrency, self.in_force = engine.identity, engine.concurrency, engine.in_force
        self.usage: Counter[str] = Counter()
        self.refused = False
        self._engine, self._places = engine, places

    async def complete(self, request: Request) -> Completion:
        """Answer a request once there is a place for it."""
        async with self._places:
            self.usage["requests"] += 1
            try:
                made = await self._engine.complete(request)
            except RequestRefused:
                self.refused = True
                raise
        self.usage.update(prompt_tokens=made.prompt_tokens or 0, tokens=made.tokens or 0)
        if made.prompt_tokens is None or made.tokens is None:
            self.usage["uncounted"] += 1
        return made

    async def close(self) -> None:
        """Nothing: whoever opened the engine closes it."""


async def ask_cases(
    check: EngineCheck,
    engine: Engine,
    cases: Sequence[LabelledCase],
    answers: CaseAnswers,
    advance: Callable[[int], None] = lambda number: None,
) -> list[Verdict]:
    """What the check says of each case, in order; only those that `answers` does not know are asked about.

    advance: told how many more were answered. Raises WorkUndone where the engine fails on any of them: the error rate of a
    judge that was not reached is not known.
    """
    together = check.scope == "prompt"  # such a check compares the samples of a prompt with each other
    groups: dict[str, dict[str, LabelledCase]] = {}
    for case in cases:
        groups.setdefault(case.sample.prompt.id if together else key_case(case), {})[key_case(case)] = case
    new = [list(group.values()) for group in groups.values() if group.keys() - answers.known.keys()]
    asking = _Asking(check, engine, answers, advance)
    try:
        async with asyncio.TaskGroup() as tasks:
            for group in new:
                tasks.create_task(asking.ask(group))
    except* UserError as failures:
        raise find_first(failures) from None
    if asking.failures:
        raise WorkUndone(
            f"The engine of '{check.name}' failed on {len(asking.failures)} of {len(cases)} labelled cases, so that "
            f"its error rate is not known, the last with: {asking.failures[-1]}. Run the same command "
            "again; of a run's samples nothing that was answered is asked again."
        )
    return [answers.known[key_case(case)] for case in cases]


class _Asking:
    """Asks one check about groups of cases. failures: what the engine said where it failed."""

    def __init__(
        self, check: EngineCheck, engine: Engine, answers: CaseAnswers, advance: Callable[[int], None]
    ) -> None:
        self._check, self._engine, self._answers, self._advance = check, engine, answers, advance
        self._places = asyncio.Semaphore(engine.concurrency)
        self._in_a_row = 0
        self.failures: list[str] = []

    async def ask(self, group: Sequence[LabelledCase]) -> None:
        """Ask about cases that are judged together, and keep the answers."""
        engine = _CountingEngine(self._engine, self._places)
        samples = [case.sample for case in group]
        given = take_verdicts(await self._check.ask(samples, engine), len(samples))
        used: Mapping[str, int] = engine.usage
        for case, verdict in zip(group, given, strict=True):
            if engine.refused and verdict.rule == ENGINE_FAILED:
                verdict = Verdict(None, NEVER_ANSWERED)
            self._answers.add(case, verdict, used)
            used = {}  # once for all of them
            self._note(verdict)
        self._advance(len(group))

    def _note(self, verdict: Verdict) -> None:
        if verdict.rule != ENGINE_FAILED:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        self.failures.append(verdict.reason[:300])
        if self._in_a_row >= HOPELESS:
            raise WorkUndone(
                f"'{self._check.name}' had no answer from its engine {HOPELESS} times in a row while it was calibrated, "
                f"the last with: {verdict.reason}. Run the same command again; of a run's samples nothing that was answered is asked again."
            )


def find_first(failures: BaseExceptionGroup[UserError]) -> BaseException:
    """What went wrong first, of a group of groups."""
    found: BaseException = failures
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
