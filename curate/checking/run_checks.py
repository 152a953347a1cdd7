"""The map stage of every check: reads parts of samples, writes parts of verdicts beside them.

Only stale sidecars are remade, so changing one check's option costs one small table.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path

import polars as pl
import pyarrow as pa

from curate.checking.engine_checks import judge_by_engine
from curate.checking.executors.local import LocalExecutor
from curate.checking.prompt_groups import group_by_prompt
from curate.checking.worker_messages import Verdicts
from curate.event_loop import run_async
from curate.progress import Meter, open_meter
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_bytes, count_rows, scan_files, write_part, write_table
from curate.store.prompts_by_id import PromptIndex, read_batches
from curate.store.schema import VERDICTS, verdict_table
from curate.store.stale_verdicts import find_stale
from curate.store.storage import STORAGE
from curate.store.verdicts import Command, describe_sidecar, record_checks
from filters.check import EngineCheck
from filters.errors import UserError
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
) -> None:
    """Bring the verdicts of these checks on `samples(name)` up to date.

    retry: ask again where undecided. command: on whose behalf; `generate`, which has paid for its samples, waits
    until others are done with the verdicts. Raises UserError where another process writes them.
    """
    what = f"the verdicts on '{name}' in '{run.path}'"
    with STORAGE.lock(run.lock("verdicts", name), what, wait=command == "generate"):
        _warn_unfinished(run, name)
        record_checks(run, name, specs, command)
        refresh_verdicts(run, name, specs, workers, retry)


def _warn_unfinished(run: Run, name: str) -> None:
    if run.is_unfinished(name):
        logger.warning(
            f"Sampling of '{name}' was interrupted; run generate again to recover its journal and sample the rest."
        )
        if not list_parts(run.samples(name)):
            raise UserError(f"'{run.path}' has no finished samples '{name}' to check yet.")


def refresh_verdicts(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None = None, retry: bool = False
) -> None:
    """Make the verdicts of these checks that are missing or stale. Its caller holds the verdicts' lock.

    Also on parts that a `generate` beside it commits meanwhile.
    """
    seen: list[Path] = []
    while (parts := list_parts(run.samples(name))) != seen:
        _refresh_once(run, name, specs, workers, retry and not seen)
        seen = parts


def _refresh_once(run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None, retry: bool) -> None:
    for group in _group_specs(specs):
        todo = {part: find_stale(run, name, part, group, retry) for part in list_parts(run.samples(name))}
        todo = {part: wanted for part, wanted in todo.items() if wanted}
        if not todo:
            continue
        total = sum(count_rows(part) for part in todo)
        with open_meter(f"{', '.join(spec.label for spec in group)} on {name}", total) as progress:
            first = group[0].build()
            if isinstance(first, EngineCheck):
                run_async(judge_by_engine(run, name, group[0], list(todo), progress))
            elif first.scope == "prompt":
                wanted = {spec.label: spec for found in todo.values() for spec in found}
                _judge_by_prompt(run, name, list(wanted.values()), workers, progress)
            else:
                _judge_by_rule(run, name, todo, workers, progress)


def _group_specs(specs: Sequence[CheckSpec]) -> Iterator[list[CheckSpec]]:
    """All rules on single samples in one pass, those on prompts in another; then each engine check alone."""
    rules = [spec for spec in specs if not isinstance(spec.build(), EngineCheck)]
    together = [spec for spec in rules if spec.build().scope == "prompt"]
    yield from filter(None, ([spec for spec in rules if spec not in together], together))
    yield from ([spec] for spec in specs if spec not in rules)


def _judge_by_rule(
    run: Run, name: str, todo: Mapping[Path, Sequence[CheckSpec]], workers: int | None, progress: Meter
) -> None:
    specs = {spec.label: spec for wanted in todo.values() for spec in wanted}
    prompts = PromptIndex(run.prompts(name))
    with LocalExecutor(list(specs.values()), workers) as executor:
        for labels, group in groupby(todo, key=lambda part: [spec.label for spec in todo[part]]):
            chosen = list(group)
            # Without a stop between parts: the workers would wait while one is written and the next one read.
            work = chain.from_iterable(read_batches(part, prompts, _batch_size([part])) for part in chosen)
            judged = executor.judge_in_order(work, labels)
            for part in chosen:
                sidecars = _collect_sidecars(judged, count_rows(part), labels, progress)
                for label, table in sidecars.items():
                    info = describe_sidecar(run, name, specs[label], part)
                    write_table(run.sidecar(name, label, part), table, info)


def _batch_size(files: Sequence[Path]) -> int:
    """How many samples of these parts are handed to a worker at once."""
    rows, size = sum(map(count_rows, files)), sum(map(count_bytes, files))
    return min(MOST_SAMPLES, max(1, BATCH_BYTES * rows // max(1, size)))


def _collect_sidecars(
    judged: Iterator[tuple[list[Sample], Verdicts]], rows: int, labels: Sequence[str], progress: Meter
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
        progress.advance(len(batch))
    return {label: pa.concat_tables(found) for label, found in tables.items()}


def _judge_by_prompt(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None, progress: Meter
) -> None:
    """Judge whole prompts, keep the verdicts without their texts, and write them in the order of the samples."""
    found: dict[str, list[pl.DataFrame]] = {spec.label: [] for spec in specs}
    with LocalExecutor(specs, workers) as executor:
        work = group_by_prompt(run, name, _batch_size(list_parts(run.samples(name))))
        for batch, verdicts in executor.judge_in_order(work, list(found)):
            for label, given in verdicts.items():
                table = verdict_table([s.id for s in batch], [s.content for s in batch], given)
                found[label].append(pl.DataFrame(table))
            progress.advance(len(batch))
    for spec in specs:
        judged = pl.concat(found[spec.label], rechunk=True)
        for part in list_parts(run.samples(name)):
            ids = scan_files([part]).select("sample_id").collect()
            rows = ids.join(judged, on="sample_id", how="inner", maintain_order="left").to_dicts()
            assert len(rows) == ids.height, "every sample of a part is judged once"
            info = describe_sidecar(run, name, spec, part)
            write_part(run.sidecar(name, spec.label, part), rows, VERDICTS, info)
