"""Verdicts of a language model that compares the samples of a prompt: whole prompts are asked about, wherever their samples stand."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import polars as pl

from curate.calibration.ask_cases import HOPELESS
from curate.checking.engine_checks import judge_behind_gate
from curate.checking.prompt_groups import group_by_prompt, write_prompt_verdicts
from curate.engines.remembering import RememberingEngine
from curate.store.answer_journal import AnswerJournal
from curate.store.layout import Run, list_parts
from curate.store.schema import verdict_table
from filters.check import EngineCheck
from filters.engine import Engine
from filters.errors import WorkUndone
from filters.spec import CheckSpec
from filters.take_verdicts import take_verdicts

ROWS: Final = 1024
"""Samples that are asked about together: enough to keep an engine full."""


async def judge_prompts_by_engine(
    run: Run, name: str, spec: CheckSpec, advance: Callable[[int], None]
) -> None:
    """Write an engine check's verdicts on all of `samples(name)`, as `judge_behind_gate` does; its answers are kept as they come.

    Raises WorkUndone where its engine keeps failing.
    """
    parts = list_parts(run.samples(name))
    judge = partial(_judge_prompts, run, name, spec, advance)
    await judge_behind_gate(run, name, spec, parts, advance, judge)


async def _judge_prompts(
    run: Run, name: str, spec: CheckSpec, advance: Callable[[int], None], engine: Engine
) -> None:
    check = spec.build()
    assert isinstance(check, EngineCheck)
    answers, done = AnswerJournal(run, name, spec.label, engine.identity), False
    remembering = RememberingEngine(engine, answers)
    tables, failed = [], 0
    try:
        for batch in group_by_prompt(run, name, ROWS):
            given = take_verdicts(await check.ask(batch, remembering), len(batch))
            failures = [verdict.reason for verdict in given if verdict.rule == "engine_failed"]
            failed = failed + len(failures) if len(failures) == len(given) else len(failures)
            if failed >= HOPELESS and len(failures) == len(given):
                raise WorkUndone(
                    f"'{check.name}' had no answer from its engine for {failed} samples in a row, the last with: "
                    f"{failures[-1]}. Run the same command again; of a run's samples nothing that was answered is asked again."
                )
            ids, contents = [s.id for s in batch], [s.content for s in batch]
            tables.append(pl.DataFrame(verdict_table(ids, contents, given)))
            advance(len(batch))
        done = True
    finally:
        answers.close(done)
    write_prompt_verdicts(run, name, spec, tables)
