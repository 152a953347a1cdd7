"""Verdicts of a language model that compares the samples of a prompt: whole prompts are asked about, wherever their samples stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import polars as pl

from curate.calibration.calibrate import calibrate_on_run, find_calibration, needs_calibration
from curate.checking.engine_checks import HOPELESS
from curate.checking.judge_gate import withhold_verdicts
from curate.checking.kept_answers import NAME, KeptAnswers
from curate.checking.prompt_groups import group_by_prompt, write_prompt_verdicts
from curate.engines.factory import open_engine
from curate.engines.restarting import RestartingEngine
from curate.store.layout import Run, list_parts
from curate.store.schema import verdict_table
from filters.check import EngineCheck
from filters.errors import WorkUndone
from filters.spec import CheckSpec
from filters.take_verdicts import take_verdicts

ROWS: Final = 1024
"""Samples that are asked about together: enough to keep an engine full."""


async def judge_prompts_by_engine(
    run: Run, name: str, spec: CheckSpec, advance: Callable[[int], None]
) -> None:
    """Write an engine check's verdicts on all of `samples(name)`; its answers are kept as they come.

    Raises WorkUndone where its engine keeps failing.
    """
    check = spec.build()
    assert isinstance(check, EngineCheck)
    parts = list_parts(run.samples(name))
    found = find_calibration(run, name, spec)
    if found is not None and not found.reliable:
        withhold_verdicts(run, name, spec, parts, found, advance)
        return
    opened = await RestartingEngine.open(lambda: open_engine(check.engine))
    engine = KeptAnswers(opened, run.verdicts(name) / spec.label / NAME, opened.identity)
    tables, failed = [], 0
    try:
        if found is None and needs_calibration(check):
            found = await calibrate_on_run(run, name, spec, engine)
            if not found.reliable:
                withhold_verdicts(run, name, spec, parts, found, advance)
                return
        for batch in group_by_prompt(run, name, ROWS):
            given = take_verdicts(await check.ask(batch, engine), len(batch))
            failures = [verdict.reason for verdict in given if verdict.rule == "engine_failed"]
            failed = failed + len(failures) if len(failures) == len(given) else len(failures)
            if failed >= HOPELESS and len(failures) == len(given):
                raise WorkUndone(
                    f"'{check.name}' had no answer from its engine for {failed} samples in a row, the last with: "
                    f"{failures[-1]}. The answers are kept; run the same command again to go on."
                )
            ids, contents = [s.id for s in batch], [s.content for s in batch]
            tables.append(pl.DataFrame(verdict_table(ids, contents, given)))
            advance(len(batch))
    finally:
        await engine.close()
    write_prompt_verdicts(run, name, spec, tables)
