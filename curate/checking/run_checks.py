"""The map stage of every check: reads parts of samples, writes parts of verdicts beside them.

Only stale sidecars are remade, so changing one check's option costs one small table.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, groupby
from pathlib import Path

import polars as pl
import pyarrow as pa

from curate.checking.engine_checks import judge_by_engine
from curate.checking.executors.base import Executor
from curate.checking.executors.local import LocalExecutor
from curate.checking.judging_progress import JudgingProgress
from curate.checking.prompt_groups import group_by_prompt
from curate.checking.shards import Shard, ShardFault, ShardPlace
from curate.checking.worker_messages import Verdicts
from curate.event_loop import run_async
from curate.monitoring.board import Board
from curate.progress import open_meter
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_bytes, count_rows, scan_files, write_part, write_table
from curate.store.prompts_by_id import PromptIndex, read_batches
from curate.store.schema import VERDICTS, verdict_table
from curate.store.stale_verdicts import find_stale
from curate.store.storage import STORAGE
from curate.store.verdicts import Command, describe_sidecar, record_checks
from filters.check import EngineCheck
from filters.errors import UserError, WorkUndone
from filters.spec import CheckSpec
from filters.types import Sample

logger = logging.getLogger(__name__)

BATCH_BYTES = 3 << 20
"""Text handed to a worker at once: enough to hide the hand-over, little enough to spread evenly."""


MOST_SAMPLES = 2048
"""Samples handed to a worker at once, however short."""


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
    what = f"the verdicts on '{name}' in '{run.path}'"
    with STORAGE.lock(run.lock("verdicts", name), what, wait=command == "generate"):
        warn_unfinished(run, name)
        record_checks(run, name, specs, command)
        refresh_verdicts(run, name, specs, workers, retry, place, board)


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
    while (parts := list_parts(run.samples(name))) != seen:
        _refresh_once(run, name, specs, workers, retry and not seen, place, board)
        seen = parts


def _refresh_once(
    run: Run,
    name: str,
    specs: Sequence[CheckSpec],
    workers: int | None,
    retry: bool,
    place: ShardPlace | None,
    board: Board | None,
) -> None:
    for group in group_specs(specs):
        todo = {part: find_stale(run, name, part, group, retry) for part in list_parts(run.samples(name))}
        todo = {part: wanted for part, wanted in todo.items() if wanted}
        if not todo:
            continue
        total = sum(count_rows(part) for part in todo)
        with open_meter(f"{', '.join(spec.label for spec in group)} on {name}", total) as meter:
            progress = JudgingProgress(meter, name, board)
            progress.begin({part: [spec.label for spec in wanted] for part, wanted in todo.items()})
            first = group[0].build()
            if isinstance(first, EngineCheck):
                advance = partial(progress.advance, [group[0].label])
                run_async(judge_by_engine(run, name, group[0], list(todo), advance))
            elif first.scope == "prompt":
                _judge_by_prompt(run, name, _list_specs(todo), workers, progress)
            elif place is not None:
                shards = [Shard(part, tuple(wanted)) for part, wanted in todo.items()]
                faults = place.judge(run.path, name, shards, progress.take_shard)
                STORAGE.refresh(run.verdicts(name))
                progress.log_nodes()
                require_all(faults, len(shards))
            else:
                with LocalExecutor(_list_specs(todo), workers) as executor:
                    judge_by_rule(run, name, todo, executor, progress.advance)


def _list_specs(todo: Mapping[Path, Sequence[CheckSpec]]) -> list[CheckSpec]:
    """All checks that are to be run on some part, once each."""
    return list({spec.label: spec for wanted in todo.values() for spec in wanted}.values())


def require_all(faults: Sequence[ShardFault], shards: int) -> None:
    """Raises WorkUndone where shards could not be judged; the verdicts on all others are there."""
    if faults:
        raise WorkUndone(
            f"{len(faults)} of {shards} parts could not be judged, the first, '{faults[0].part}', because: {faults[0].why}. "
            "The others are done; run the same command again for these."
        )


def group_specs(specs: Sequence[CheckSpec]) -> Iterator[list[CheckSpec]]:
    """All rules on single samples in one pass, those on prompts in another; then each engine check alone."""
    rules = [spec for spec in specs if not isinstance(spec.build(), EngineCheck)]
    together = [spec for spec in rules if spec.build().scope == "prompt"]
    yield from filter(None, ([spec for spec in rules if spec not in together], together))
    yield from ([spec] for spec in specs if spec not in rules)


def judge_by_rule(
    run: Run,
    name: str,
    todo: Mapping[Path, Sequence[CheckSpec]],
    executor: Executor,
    advance: Callable[[Sequence[str], int], None],
    prompts: PromptIndex | None = None,
) -> None:
    """Judge parts by rules on single samples and commit their verdicts.

    executor: opened with all of these checks. advance: told which of them have judged how many samples. prompts: of these
    samples, where they are indexed already.
    """
    prompts = prompts or PromptIndex(run.prompts(name))
    for labels, group in groupby(todo, key=lambda part: [spec.label for spec in todo[part]]):
        chosen = list(group)
        # Without a stop between parts: the workers would wait while one is written and the next one read.
        work = chain.from_iterable(read_batches(part, prompts, _batch_size([part])) for part in chosen)
        judged = executor.judge_in_order(work, labels)
        for part in chosen:
            sidecars = _collect_sidecars(judged, count_rows(part), labels, advance)
            specs = {spec.label: spec for spec in todo[part]}
            for label, table in sidecars.items():
                info = describe_sidecar(run, name, specs[label], part)
                write_table(run.sidecar(name, label, part), table, info)


def _batch_size(files: Sequence[Path]) -> int:
    """How many samples of these parts are handed to a worker at once."""
    rows, size = sum(map(count_rows, files)), sum(map(count_bytes, files))
    return min(MOST_SAMPLES, max(1, BATCH_BYTES * rows // max(1, size)))


def _collect_sidecars(
    judged: Iterator[tuple[list[Sample], Verdicts]],
    rows: int,
    labels: Sequence[str],
    advance: Callable[[Sequence[str], int], None],
) -> dict[str, pa.Table]:
    """The verdicts of the next samples: a batch never holds samples of two parts."""
    tables: dict[str, list[pa.Table]] = {label: [] for label in labels}
    while rows:
        batch, verdicts = next(judged)
        # Once for all checks.
        ids = pl.Series([sample.id for sample in batch], dtype=pl.String).to_arrow()
        contents = pl.Series([sample.content for sample in batch], dtype=pl.String).to_arrow()
        for label, given in verdicts.items():
            tables[label].append(verdict_table(ids, contents, given))
        rows -= len(batch)
        advance(labels, len(batch))
    return {label: pa.concat_tables(found) for label, found in tables.items()}


def _judge_by_prompt(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None, progress: JudgingProgress
) -> None:
    """Judge whole prompts, keep the verdicts without their texts, and write them in the order of the samples."""
    found: dict[str, list[pl.DataFrame]] = {spec.label: [] for spec in specs}
    with LocalExecutor(specs, workers) as executor:
        work = group_by_prompt(run, name, _batch_size(list_parts(run.samples(name))))
        for batch, verdicts in executor.judge_in_order(work, list(found)):
            for label, given in verdicts.items():
                table = verdict_table([s.id for s in batch], [s.content for s in batch], given)
                found[label].append(pl.DataFrame(table))
            progress.advance(list(found), len(batch))
    for spec in specs:
        judged = pl.concat(found[spec.label], rechunk=True)
        for part in list_parts(run.samples(name)):
            ids = scan_files([part]).select("sample_id").collect()
            rows = ids.join(judged, on="sample_id", how="inner", maintain_order="left").to_dicts()
            assert len(rows) == ids.height, "every sample of a part is judged once"
            info = describe_sidecar(run, name, spec, part)
            write_part(run.sidecar(name, spec.label, part), rows, VERDICTS, info)
