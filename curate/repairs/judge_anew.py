"""What rules say by repaired references: verdicts of their own, beside the old ones, which stay as they are.

Of prompts whose reference is not repaired the old verdicts are repeated: nothing is judged twice that is the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.checking.executors.local import LocalExecutor
from curate.checking.judge_parts import choose_batch_size
from curate.checking.prompt_groups import group_by_prompt
from curate.store.joined import holds_verdicts, join_samples
from curate.store.layout import Run, list_parts
from curate.store.parquet import read_part_info, write_table
from curate.store.repairs import REPAIR_SUFFIX, Repairs
from curate.store.schema import VERDICTS, verdict_table
from curate.store.verdicts import describe_check, digest_parts, record_unasked
from filters.digest import digest_file
from filters.spec import CheckSpec
from filters.types import Sample


def judge_anew(
    run: Run, name: str, rules: Sequence[CheckSpec], repairs: Repairs, workers: int | None
) -> None:
    """Bring each rule's verdicts by the repaired references up to date, under its label with `@repaired`.

    rules: whose own verdicts are there. The caller holds the verdicts' lock.
    """
    answers = dict(repairs.done.select("prompt_id", "answer").iter_rows())
    join_samples(run, name, [spec.label for spec in rules], ())  # refuses what is not one verdict a sample
    record_unasked(run, name, describe_anew(rules))
    infos = {spec.label: _describe_sidecars(run, name, spec, repairs) for spec in rules}
    stale = [spec for spec in rules if not _are_fresh(infos[spec.label])]
    if not stale:
        return
    anew = {spec.label: pl.DataFrame(VERDICTS.empty_table()) for spec in stale}
    if answers:
        anew = _judge_by(run, name, stale, answers, workers)
    for spec in stale:
        for part in list_parts(run.samples(name)):
            before = pl.DataFrame(pq.read_table(run.sidecar(name, spec.label, part))).select(VERDICTS.names)
            sidecar = run.sidecar(name, _name(spec), part)
            write_table(sidecar, _replace_rows(before, anew[spec.label]), infos[spec.label][sidecar])


def describe_anew(rules: Sequence[CheckSpec]) -> list[dict[str, Any]]:
    """What the record of checks says of rules that judge by repaired references."""
    return [{**_describe(spec), "role": spec.build().role} for spec in rules]


def _name(spec: CheckSpec) -> str:
    return f"{spec.label}{REPAIR_SUFFIX}"


def _describe(spec: CheckSpec) -> dict[str, Any]:
    return {**describe_check(spec), "label": _name(spec)}


def _describe_sidecars(run: Run, name: str, spec: CheckSpec, repairs: Repairs) -> dict[Path, dict[str, Any]]:
    """What each fresh sidecar of a rule says of itself: also of which verdicts it repeats those of prompts that are not repaired."""
    about = {**_describe(spec), "parts": digest_parts(run, name), "repairs": repairs.key}
    return {
        run.sidecar(name, _name(spec), part): {
            **about,
            "before": digest_file(run.sidecar(name, spec.label, part)),
        }
        for part in list_parts(run.samples(name))
    }


def _are_fresh(infos: Mapping[Path, Mapping[str, Any]]) -> bool:
    """Whether sidecars are there as they should be; one that is written again would make what was made of it stale."""
    return all(holds_verdicts(path) and read_part_info(path) == info for path, info in infos.items())


def _judge_by(
    run: Run, name: str, rules: Sequence[CheckSpec], answers: Mapping[str, str], workers: int | None
) -> dict[str, pl.DataFrame]:
    """The verdicts of each rule, by its label, on all samples of these prompts. answers: the references, by prompt."""
    found: dict[str, list[pl.DataFrame]] = {spec.label: [] for spec in rules}
    with LocalExecutor(rules, workers) as executor:
        for batch, verdicts in executor.judge_in_order(_read(run, name, answers), list(found)):
            ids, contents = [sample.id for sample in batch], [sample.content for sample in batch]
            for label, given in verdicts.items():
                found[label].append(pl.DataFrame(verdict_table(ids, contents, given)))
    return {label: pl.concat(tables) for label, tables in found.items()}


def _read(run: Run, name: str, answers: Mapping[str, str]) -> Iterator[list[Sample]]:
    size = choose_batch_size(list_parts(run.samples(name)))
    for batch in group_by_prompt(run, name, size, answers):
        yield [
            replace(sample, prompt=replace(sample.prompt, answer=answers[sample.prompt.id]))
            for sample in batch
        ]


def _replace_rows(before: pl.DataFrame, anew: pl.DataFrame) -> pa.Table:
    """Verdicts in their order, those of judged samples in place of the earlier ones."""
    numbered = before.with_row_index("place")
    placed = numbered.select("place", "sample_id").join(anew, on="sample_id")
    kept = numbered.join(anew, on="sample_id", how="anti")
    columns = ["place", *VERDICTS.names]
    rows = pl.concat([kept.select(columns), placed.select(columns)]).sort("place").drop("place")
    assert rows.height == before.height, "every sample of a part has one verdict"
    return rows.to_arrow().cast(VERDICTS)
