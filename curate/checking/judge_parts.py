"""Parts judged by rules on single samples: one that cannot be judged stops no other, and is told at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from itertools import chain, groupby
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow as pa

from curate.checking.executors.base import Executor
from curate.checking.shards import ShardFault
from curate.checking.worker_messages import Verdicts
from curate.store.full_disk import is_disk_full
from curate.store.layout import Run
from curate.store.object_store import StoreError
from curate.store.parquet import count_bytes, count_rows, write_table
from curate.store.prompts_by_id import PromptIndex, read_batches
from curate.store.schema import verdict_table
from curate.store.signatures import describe_signing, signature_table
from curate.store.verdicts import describe_sidecar
from filters.errors import UserError, WorkUndone
from filters.set_check import SetCheck
from filters.spec import CheckSpec
from filters.types import Sample

FAULTS: Final = (UserError, OSError, pa.ArrowException, pl.exceptions.PolarsError)
"""What may be wrong with one part."""
BATCH_BYTES = 3 << 20
"""Text handed to a worker at once: enough to hide the hand-over, little enough to spread evenly."""


MOST_SAMPLES = 2048
"""Samples handed to a worker at once, however short."""


def describe_fault(part: Path, error: Exception) -> ShardFault:
    """What keeps a part from being judged. Raises the error where it is not the part's: a full disk, or a store that is away."""
    if isinstance(error, StoreError) or is_disk_full(error):
        raise error
    return ShardFault(part, " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__)


def require_all(faults: Sequence[ShardFault], shards: int) -> None:
    """Raises WorkUndone where shards could not be judged; the verdicts on all others are there."""
    if faults:
        others = "The others are done; run" if len(faults) < shards else "Run"
        raise WorkUndone(
            f"{len(faults)} of {shards} parts could not be judged, the first, '{faults[0].part}', because: {faults[0].why}. "
            f"{others} the same command again for these."
        )


def judge_parts(
    run: Run,
    name: str,
    todo: Mapping[Path, Sequence[CheckSpec]],
    open_executor: Callable[[], AbstractContextManager[Executor]],
    advance: Callable[[Sequence[str], int], None],
) -> list[ShardFault]:
    """Judge parts as `judge_by_rule` does, all at once; where one cannot be, each of the rest alone. Those that cannot be.

    Raises a user's mistake that is one on every part.
    """
    errors: dict[Path, Exception] = {}
    left = dict(todo)
    try:
        with open_executor() as executor:
            for part in judge_by_rule(run, name, todo, executor, advance):
                del left[part]
    except FAULTS as error:
        if len(left) == 1:
            errors = dict.fromkeys(left, error)
        else:
            errors = _judge_alone(run, name, left, open_executor)
    found = [describe_fault(part, error) for part, error in errors.items()]
    first = next(iter(errors.values()), None)
    if len(errors) == len(todo) and isinstance(first, UserError):
        raise first
    return found


def _judge_alone(
    run: Run,
    name: str,
    todo: Mapping[Path, Sequence[CheckSpec]],
    open_executor: Callable[[], AbstractContextManager[Executor]],
) -> dict[Path, Exception]:
    """Judge each part by itself; what is wrong with those that cannot be."""
    errors: dict[Path, Exception] = {}
    for part, specs in todo.items():
        try:
            with open_executor() as executor:
                list(judge_by_rule(run, name, {part: specs}, executor, lambda labels, rows: None))
        except FAULTS as error:
            describe_fault(part, error)
            errors[part] = error
    return errors


def judge_by_rule(
    run: Run,
    name: str,
    todo: Mapping[Path, Sequence[CheckSpec]],
    executor: Executor,
    advance: Callable[[Sequence[str], int], None],
    prompts: PromptIndex | None = None,
) -> Iterator[Path]:
    """Judge parts by rules on single samples and commit their verdicts, or sign them: gives each part once its are there.

    executor: opened with all of these checks. advance: told which of them have judged how many samples. prompts: of these
    samples, where they are indexed already.
    """
    prompts = prompts or PromptIndex(run.prompts(name))
    for labels, group in groupby(todo, key=lambda part: [spec.label for spec in todo[part]]):
        chosen = list(group)
        # Without a stop between parts: the workers would wait while one is written and the next one read.
        work = chain.from_iterable(read_batches(part, prompts, choose_batch_size([part])) for part in chosen)
        judged = executor.judge_in_order(work, labels)
        for part in chosen:
            specs = {spec.label: spec for spec in todo[part]}
            tables = _collect_tables(judged, count_rows(part), specs, advance)
            for label, table in tables.items():
                _commit(run, name, specs[label], part, table)
            yield part


def _commit(run: Run, name: str, spec: CheckSpec, part: Path, table: pa.Table) -> None:
    """Write what a check has given for a part: verdicts, or signatures."""
    check = spec.build()
    if isinstance(check, SetCheck):
        write_table(run.signatures(name, spec.label) / part.name, table, describe_signing(check))
    else:
        write_table(run.sidecar(name, spec.label, part), table, describe_sidecar(run, name, spec, part))


def choose_batch_size(files: Sequence[Path]) -> int:
    """How many samples of these parts are handed to a worker at once."""
    rows, size = sum(map(count_rows, files)), sum(map(count_bytes, files))
    return min(MOST_SAMPLES, max(1, BATCH_BYTES * rows // max(1, size)))


def _collect_tables(
    judged: Iterator[tuple[list[Sample], Verdicts]],
    rows: int,
    specs: Mapping[str, CheckSpec],
    advance: Callable[[Sequence[str], int], None],
) -> dict[str, pa.Table]:
    """The verdicts, or signatures, of the next samples: a batch never holds samples of two parts."""
    labels = list(specs)
    signs = {label for label, spec in specs.items() if isinstance(spec.build(), SetCheck)}
    tables: dict[str, list[pa.Table]] = {label: [] for label in labels}
    while rows:
        batch, verdicts = next(judged)
        # Once for all checks.
        ids = pl.Series([sample.id for sample in batch], dtype=pl.String).to_arrow()
        contents = pl.Series([sample.content for sample in batch], dtype=pl.String).to_arrow()
        for label, given in verdicts.items():
            made = signature_table(batch, given) if label in signs else verdict_table(ids, contents, given)
            tables[label].append(made)
        rows -= len(batch)
        advance(labels, len(batch))
    return {label: pa.concat_tables(found) for label, found in tables.items()}
