"""One shard judged on some machine: its part is brought there where the run lies on an object store, and its verdicts are committed."""

from __future__ import annotations

from curate.checking.executors.base import Executor
from curate.checking.run_checks import judge_by_rule
from curate.checking.shards import Shard
from curate.store.copies import find_copy, find_folder
from curate.store.layout import Run
from curate.store.parquet import count_rows


def judge_shard(address: str, name: str, shard: Shard, executor: Executor) -> int:
    """Judge a shard of `samples(name)` and commit its verdicts; how many samples it has.

    address: of the run, by which any machine finds it. executor: opened with all of the shard's checks.
    """
    run = Run(find_folder(address, f"prompts/{name}"))
    part = run.samples(name) / shard.part.name
    copy = find_copy(run.path)
    if copy is not None:
        before = [run.sidecar(name, spec.after, part) for spec in shard.specs if spec.after]
        copy.refresh(part, *before)
    judge_by_rule(run, name, {part: shard.specs}, executor, lambda labels, rows: None)
    rows = count_rows(part)
    if copy is not None:  # this machine need not hold all that it judges
        part.unlink()
    return rows
