"""The map stage of every check: reads parts of samples, writes parts of verdicts beside them.

Only stale sidecars are remade, so changing one check's option costs one small table.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

import polars as pl

from curate.checking.engine_checks import judge_by_engine
from curate.checking.engine_prompts import judge_prompts_by_engine
from curate.checking.executors.local import LocalExecutor
from curate.checking.judge_gate import warn_closed
from curate.checking.judge_parts import (
    FAULTS,
    choose_batch_size,
    describe_fault,
    judge_parts,
    require_all,
)
from curate.checking.judge_sets import judge_sets, require_indexes
from curate.checking.judging_progress import JudgingProgress
from curate.checking.prompt_groups import group_by_prompt, write_prompt_verdicts
from curate.checking.resident_gate import withhold_unreliable
from curate.checking.shards import Shard, ShardFault, ShardPlace
from curate.event_loop import run_async
from curate.monitoring.board import Board
from curate.progress import open_meter
from curate.store.layout import Run, list_parts, list_parts_there, require_parquet
from curate.store.parquet import count_rows
from curate.store.rules_and_judges import list_rules
from curate.store.schema import verdict_table
from curate.store.signatures import find_unsigned
from curate.store.stale_verdicts import find_stale
from curate.store.storage import STORAGE
from curate.store.verdicts import Command, read_checks, record_checks
from filters.check import EngineCheck, Scope
from filters.errors import UserError
from filters.spec import CheckSpec, place_judges

logger = logging.getLogger(__name__)


def run_checks(
    run: Run,
    name: str,
    specs: Sequence[CheckSpec],
    workers: int | None = None,
    retry: bool = False,
    command: Command = "verify",
    place: ShardPlace | None = None,
    board: Board | None = None,
) -> None:
    """Bring the verdicts of these checks on `samples(name)` up to date.

    retry: ask again where undecided. command: on whose behalf; `generate`, which has paid for its samples, waits
    until others are done with the verdicts. place: where shards are judged; in this machine's processes unless given. board: told what is judged.
    Raises UserError where another process writes them, and WorkUndone where some shards could not be judged.
    """
    require_indexes(run, name, specs)
    what = f"the verdicts on '{name}' in '{run.path}'"
    with STORAGE.lock(run.lock("verdicts", name), what, wait=command == "generate"):
        warn_unfinished(run, name)
        specs = place_judges(specs, list_rules(read_checks(run, name)))
        record_checks(run, name, specs, command)
        refresh_verdicts(run, name, specs, workers, retry, place, board)
        warn_closed(run, name, specs)


def warn_unfinished(run: Run, name: str) -> None:
    """Say that samples are still in a journal. Raises UserError where none is finished."""
    if run.is_unfinished(name):
        logger.warning(
            f"Sampling of '{name}' was interrupted; run generate again to recover its journal and sample the rest."
        )
        if not list_parts(run.samples(name)):
            raise UserError(f"'{run.path}' has no finished samples '{name}' to check yet.")


def refresh_verdicts(
    run: Run,
    name: str,
    specs: Sequence[CheckSpec],
    workers: int | None = None,
    retry: bool = False,
    place: ShardPlace | None = None,
    board: Board | None = None,
) -> None:
    """Make the verdicts of these checks that are missing or stale. Its caller holds the verdicts' lock.

    Also on parts that a `generate` beside it commits meanwhile.
    """
    seen: list[Path] = []
    faults: dict[Path, ShardFault] = {}
    while (parts := list_parts_there(run.samples(name))) != seen:
        for fault in _refresh_once(run, name, specs, workers, retry and not seen, place, board):
            faults.setdefault(fault.part, fault)
        seen = parts
    require_all(list(faults.values()), len(seen))


def _refresh_once(
    run: Run,
    name: str,
    specs: Sequence[CheckSpec],
    workers: int | None,
    retry: bool,
    place: ShardPlace | None,
    board: Board | None,
) -> Iterator[ShardFault]:
    for group in group_specs(specs):
        todo, faults = _find_work(run, name, group, retry)
        if todo:
            faults += _show_judging(run, name, group, todo, workers, place, board)
        if not faults and group[0].build().scope == "set":
            judge_sets(run, name, group)
        yield from faults


def _show_judging(
    run: Run,
    name: str,
    group: Sequence[CheckSpec],
    todo: Mapping[Path, Sequence[CheckSpec]],
    workers: int | None,
    place: ShardPlace | None,
    board: Board | None,
) -> list[ShardFault]:
    """Judge parts by checks of one kind, with a bar. Those that could not be."""
    total = sum(count_rows(part) for part in todo)
    with open_meter(f"{', '.join(spec.label for spec in group)} on {name}", total) as meter:
        progress = JudgingProgress(meter, name, board)
        progress.begin({part: [spec.label for spec in wanted] for part, wanted in todo.items()})
        return _judge_group(run, name, todo, workers, place, progress)


def _judge_group(
    run: Run,
    name: str,
    todo: Mapping[Path, Sequence[CheckSpec]],
    workers: int | None,
    place: ShardPlace | None,
    progress: JudgingProgress,
) -> list[ShardFault]:
    """Judge parts by checks of one kind, or sign them. Those that could not be."""
    specs = _list_specs(todo)
    first = specs[0].build()
    if isinstance(first, EngineCheck):
        advance = partial(progress.advance, [specs[0].label])
        if first.scope == "prompt":
            run_async(judge_prompts_by_engine(run, name, specs[0], advance))
        else:
            run_async(judge_by_engine(run, name, specs[0], list(todo), advance))
        return []
    if first.scope == "prompt":
        _judge_by_prompt(run, name, specs, workers, progress)
        return []
    todo = withhold_unreliable(run, name, todo, progress.advance)
    specs = _list_specs(todo)
    if not todo:
        return []
    if place is None:
        return judge_parts(run, name, todo, partial(LocalExecutor, specs, workers), progress.advance)
    shards = [Shard(part, tuple(wanted)) for part, wanted in todo.items()]
    faults = place.judge(run.path, name, shards, progress.take_shard)
    STORAGE.refresh(run.verdicts(name))
    STORAGE.refresh(run.signatures(name))
    progress.log_nodes()
    return faults


def _find_work(
    run: Run, name: str, specs: Sequence[CheckSpec], retry: bool
) -> tuple[dict[Path, list[CheckSpec]], list[ShardFault]]:
    """The parts on which verdicts, or signatures, are missing or stale, each with its checks; and those that cannot be read."""
    find = find_unsigned if specs[0].build().scope == "set" else find_stale
    todo: dict[Path, list[CheckSpec]] = {}
    faults: list[ShardFault] = []
    for part in list_parts_there(run.samples(name)):
        try:
            require_parquet(part)
            if wanted := find(run, name, part, specs, retry):
                todo[part] = wanted
                count_rows(part)
        except FAULTS as error:
            todo.pop(part, None)
            faults.append(describe_fault(part, error))
    return todo, faults


def _list_specs(todo: Mapping[Path, Sequence[CheckSpec]]) -> list[CheckSpec]:
    """All checks that are to be run on some part, once each."""
    return list({spec.label: spec for wanted in todo.values() for spec in wanted}.values())


def group_specs(specs: Sequence[CheckSpec]) -> Iterator[list[CheckSpec]]:
    """All rules on single samples in one pass, those on prompts in another; then each engine check alone; last those on sets."""
    rules = [spec for spec in specs if not isinstance(spec.build(), EngineCheck)]
    scopes = {scope: [spec for spec in rules if spec.build().scope == scope] for scope in get_args(Scope)}
    yield from filter(None, (scopes["sample"], scopes["prompt"]))
    yield from ([spec] for spec in specs if spec not in rules)
    yield from filter(None, (scopes["set"],))


def _judge_by_prompt(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None, progress: JudgingProgress
) -> None:
    """Judge whole prompts, keep the verdicts without their texts, and write them in the order of the samples."""
    found: dict[str, list[pl.DataFrame]] = {spec.label: [] for spec in specs}
    with LocalExecutor(specs, workers) as executor:
        work = group_by_prompt(run, name, choose_batch_size(list_parts(run.samples(name))))
        for batch, verdicts in executor.judge_in_order(work, list(found)):
            for label, given in verdicts.items():
                table = verdict_table([s.id for s in batch], [s.content for s in batch], given)
                found[label].append(pl.DataFrame(table))
            progress.advance(list(found), len(batch))
    for spec in specs:
        write_prompt_verdicts(run, name, spec, found[spec.label])
