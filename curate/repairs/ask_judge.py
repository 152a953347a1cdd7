"""Asking a judge about doubtful references, in both orders; what it says is kept as it comes, through kills."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from curate.engines.factory import open_engine
from curate.engines.restarting import RestartingEngine
from curate.repairs.suspects import Suspect
from curate.store.journal_lines import JournalFile, read_journal
from curate.store.layout import Run
from filters.digest import digest
from filters.engine import Engine, EngineError
from filters.errors import UserError, WorkUndone
from filters.judges.answer_pair import ORDERS, read_choice
from filters.judges.language_model import PanelCheck

ENGINE_FAILED: Final = "engine_failed"
"""The choice where the engine gave no answer: another time it may."""
HOPELESS: Final = 32
"""When so many answers in a row fail, the work ends and says why."""


class Opinion(NamedTuple):
    """What a judge said of a suspect: its choice and its reasons, by order. key: of what was asked of whom."""

    choices: Sequence[str]
    reasons: Sequence[str]
    key: str

    @property
    def agrees(self) -> bool | None:
        """Whether it finds the samples' answer right, and it alone, in both orders; None where it could not be asked."""
        if ENGINE_FAILED in self.choices:
            return None
        return all(choice == "first" for choice in self.choices)


def make_key(judge: PanelCheck, suspect: Suspect) -> str:
    """What an opinion is kept by: the judge with its options, and all that it is shown."""
    return digest(judge.digest, suspect.case.key)


async def ask_judge(
    run: Run,
    name: str,
    judge: PanelCheck,
    suspects: Sequence[Suspect],
    known: Mapping[str, Opinion],
    advance: Callable[[int], None],
    tried: str = "",
) -> list[Opinion]:
    """The judge's opinion of each suspect, in order. known: those of earlier tries, by key.

    advance: told how many were asked. tried: the identity of the engine whose error rates are known. Raises UserError where
    another one answers, and WorkUndone where the engine keeps failing; what was said till then is kept.
    """
    keys = [make_key(judge, suspect) for suspect in suspects]
    path = run.repair_journal(name)
    said = {(row["key"], row["order"]): (row["choice"], row["reason"]) for row in read_journal(path, True)}
    missing = [
        (key, suspect)
        for key, suspect in dict(zip(keys, suspects, strict=True)).items()
        if key not in known and not all((key, order) in said for order in ORDERS)
    ]
    if missing:
        engine = await RestartingEngine.open(lambda: open_engine(judge.engine))
        journal = JournalFile(path)
        try:
            if tried not in ("", engine.identity):
                raise UserError(
                    f"The model of '{judge.name}' is not the one whose error rate is known: run verify --audit, which "
                    "measures it, and --repair again."
                )
            asker = _Asker(judge, engine, journal, said)
            await asker.ask(missing, advance)
        finally:
            journal.close()
            await engine.close()
    return [known[key] if key in known else _join(key, said) for key in keys]


def _join(key: str, said: Mapping[tuple[str, int], tuple[str, str]]) -> Opinion:
    choices, reasons = zip(*(said[key, order] for order in ORDERS), strict=True)
    return Opinion(choices, reasons, key)


class _Asker:
    """Asks one engine, as many requests at once as keep it full, and notes what it says under (key, order)."""

    def __init__(
        self, judge: PanelCheck, engine: Engine, journal: JournalFile, said: dict[Any, tuple[str, str]]
    ) -> None:
        self._judge, self._engine, self._journal, self._said = judge, engine, journal, said
        self._places = asyncio.Semaphore(engine.concurrency)
        self._failed = 0

    async def ask(self, suspects: Sequence[tuple[str, Suspect]], advance: Callable[[int], None]) -> None:
        """Ask about all of them, in both orders."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for key, suspect in suspects:
                    tasks.create_task(self._ask_both(key, suspect, advance))
        except* WorkUndone as failures:
            raise failures.exceptions[0] from None

    async def _ask_both(self, key: str, suspect: Suspect, advance: Callable[[int], None]) -> None:
        for order in ORDERS:
            if (key, order) not in self._said:
                self._said[key, order] = await self._ask_once(key, suspect, order)
        advance(1)

    async def _ask_once(self, key: str, suspect: Suspect, order: int) -> tuple[str, str]:
        try:
            async with self._places:
                request = suspect.case.make_request(order, self._judge.max_tokens)
                choice, reason = read_choice(await self._engine.complete(request), order)
        except EngineError as error:
            self._note_failure(error)
            return ENGINE_FAILED, str(error)[:300]
        self._failed = 0
        self._journal.add({"key": key, "order": order, "choice": choice, "reason": reason})
        return choice, reason

    def _note_failure(self, error: EngineError) -> None:
        self._failed += 1
        if self._failed >= HOPELESS:
            raise WorkUndone(
                f"The judge had no answer from its engine {HOPELESS} times in a row, the last with: {error}. "
                "What it said is kept; run the same command again to go on."
            )
