"""Parts judged by the ranks of a job array: each has its own, and one that cannot be judged stops no other.

Ranks run the rules on single samples and sign them for checks that compare all; what compares samples, and judges, are
for the command that comes after the array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from curate.checking.executors.local import LocalExecutor
from curate.checking.judge_parts import FAULTS, describe_fault, judge_by_rule, require_all
from curate.checking.judge_sets import require_indexes
from curate.checking.run_checks import warn_unfinished
from curate.checking.shards import ShardFault
from curate.progress import open_meter
from curate.store.job_array import JobArray, read_array, write_array
from curate.store.layout import Run, list_parts
from curate.store.parquet import count_rows
from curate.store.signatures import find_unsigned
from curate.store.stale_verdicts import find_stale
from curate.store.storage import STORAGE
from curate.store.verdicts import Command, record_checks
from filters.check import EngineCheck
from filters.spec import CheckSpec


def prepare_check_ranks(
    run: Run,
    names: Sequence[str],
    specs: Sequence[CheckSpec],
    command: Command,
    folder: Path,
    array: JobArray,
) -> JobArray:
    """Record the checks, find the parts whose verdicts are missing or stale, and keep the array with them in its folder.

    Raises UserError where another process writes verdicts on these samples.
    """
    rules = _select_rules(specs)
    with ExitStack() as held:
        for name in names:
            held.enter_context(_hold_verdicts(run, name, shared=False))
            warn_unfinished(run, name)
            require_indexes(run, name, specs)
            record_checks(run, name, specs, command)
        stale = {
            name: [part.name for part in list_parts(run.samples(name)) if _find_work(run, name, part, rules)]
            for name in names
        }
        array = replace(array, parts=stale)
        write_array(folder, array)
        return array


def run_rank_checks(
    run: Run, specs: Sequence[CheckSpec], workers: int | None, folder: Path, array: JobArray, rank: int
) -> int:
    """Judge a rank's parts that are still to be judged; how many samples they have.

    It waits for a command that writes verdicts on these samples alone, and a second process of this rank until the first
    has ended. Raises UserError where another array has replaced this one; WorkUndone where some parts could not be
    judged, once all others are.
    """
    rules, rows, tried = _select_rules(specs), 0, 0
    faults: list[ShardFault] = []
    what = f"the verdicts of rank {rank} in '{run.path}'"
    with ExitStack() as held:
        for name in array.parts:
            held.enter_context(_hold_verdicts(run, name, shared=True, wait=True))
        held.enter_context(STORAGE.lock(run.lock("rank", f"{folder.name}-{rank}"), what, wait=True))
        read_array(folder, array.id)
        for name, listed in array.parts.items():
            parts = [run.samples(name) / part for part in listed[rank :: array.ranks]]
            judged = list(_judge_parts(run, name, rules, workers, parts)) if rules and parts else []
            rows += sum(count for count in judged if isinstance(count, int))
            faults += [fault for fault in judged if isinstance(fault, ShardFault)]
            tried += len(parts)
    require_all(faults, tried)
    return rows


@contextmanager
def hold_array(run: Run, names: Sequence[str], folder: Path, array: JobArray) -> Iterator[None]:
    """Be the one that writes verdicts on these samples, for the job after an array's ranks: it waits for all others.

    Raises UserError where another array has replaced this one.
    """
    with ExitStack() as held:
        for name in names:
            held.enter_context(_hold_verdicts(run, name, shared=False, wait=True))
        read_array(folder, array.id)
        yield


def _judge_parts(
    run: Run, name: str, rules: Sequence[CheckSpec], workers: int | None, parts: Sequence[Path]
) -> Iterator[int | ShardFault]:
    """Of each part how many samples it has, or why it could not be judged."""
    title = f"{', '.join(spec.label for spec in rules)} on {name}, parts"
    with open_meter(title, len(parts)) as progress, LocalExecutor(rules, workers) as executor:
        for part in parts:
            try:
                if wanted := _find_work(run, name, part, rules):
                    list(judge_by_rule(run, name, {part: wanted}, executor, lambda labels, rows: None))
                yield count_rows(part)
            except FAULTS as error:
                yield describe_fault(part, error)
            progress.advance(1)


def _find_work(run: Run, name: str, part: Path, specs: Sequence[CheckSpec]) -> list[CheckSpec]:
    """The checks that have to judge a part, or to sign it."""
    signing = [spec for spec in specs if spec.build().scope == "set"]
    others = [spec for spec in specs if spec not in signing]
    return [*find_stale(run, name, part, others), *find_unsigned(run, name, part, signing)]


def _select_rules(specs: Sequence[CheckSpec]) -> list[CheckSpec]:
    """The checks that look at samples one by one and need not be calibrated first, as all need that ask a model."""
    built = ((spec, spec.build()) for spec in specs)
    return [
        spec
        for spec, check in built
        if not isinstance(check, EngineCheck) and not check.calibrated and check.scope != "prompt"
    ]


@contextmanager
def _hold_verdicts(run: Run, name: str, *, shared: bool, wait: bool = False) -> Iterator[None]:
    what = f"the verdicts on '{name}' in '{run.path}'"
    with STORAGE.lock(run.lock("verdicts", name), what, shared, wait):
        yield
