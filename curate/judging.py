"""The map stage of every check: reads parts of samples, writes parts of verdicts beside them.

A sidecar is fresh when its check's digest and its number of rows are those of now; only stale ones are made
anew, so changing one check's option costs one small table. Where a check's scope is a prompt, its sidecars
also name the list of parts, and all are made anew when a part is added.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from curate.checks import CheckSpec
from curate.console import Meter, meter, note
from curate.engines import open_engine
from curate.folder import Run, parts, read_json, write_json
from curate.grouping import parts_digest, prompts_together
from curate.pool import CheckPool
from curate.tables import (
    VERDICTS,
    PromptIndex,
    about_part,
    batches,
    bytes_in,
    rows_in,
    verdict_of,
    verdict_row,
    verdict_table,
    write_part,
    write_table,
)
from curate.worker import Verdicts
from filters.check import EngineCheck
from filters.vocabulary import Sample, UserError, Verdict

BATCH_BYTES = 3 << 20
"""Text handed to a worker at once: enough to hide the hand-over, little enough to spread evenly."""
MOST_SAMPLES = 2048
"""Samples handed to a worker at once, however short."""
NOT_ASKED = "not_asked"


def about(spec: CheckSpec) -> dict[str, Any]:
    """What a sidecar's metadata says of the check that made it."""
    check = spec.build()
    return {
        "check": spec.check,
        "label": spec.label,
        "digest": check.digest,
        "version": check.version,
        "options": spec.options,
    }


def judge_samples(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None = None, retry: bool = False
) -> None:
    """Bring the verdicts of these checks on `samples(name)` up to date. `retry` asks again where undecided."""
    if run.is_unfinished(name):
        note(
            f"Sampling of '{name}' was interrupted; give generate again to take in its journal and make the rest."
        )
        if not parts(run.samples(name)):
            raise UserError(f"'{run.path}' has no finished samples '{name}' to check yet.")
    remember(run, name, specs)
    for group in _groups(specs):
        todo = {part: stale(run, name, part, group, retry) for part in parts(run.samples(name))}
        todo = {part: wanted for part, wanted in todo.items() if wanted}
        if not todo:
            continue
        total = sum(rows_in(part) for part in todo)
        with meter(f"{', '.join(spec.label for spec in group)} on {name}", total) as progress:
            first = group[0].build()
            if isinstance(first, EngineCheck):
                _judge_by_engine(run, name, group[0], list(todo), progress)
            elif first.scope == "prompt":
                wanted = {spec.label: spec for found in todo.values() for spec in found}
                _judge_by_prompt(run, name, list(wanted.values()), workers, progress)
            else:
                _judge_by_rule(run, name, todo, workers, progress)


def remember(run: Run, name: str, specs: Sequence[CheckSpec]) -> None:
    """Keep which checks were asked for, in order: the order in which mix names the first that failed."""
    path = run.verdicts(name) / "checks.json"
    known = {entry["label"]: entry for entry in read_json(path) or []}
    asked = {spec.label: about(spec) for spec in specs}
    if {**known, **asked} != known:
        write_json(path, list({**known, **asked}.values()))


def labels(run: Run, name: str) -> list[str]:
    """The labels of the checks asked for so far, in order."""
    return [entry["label"] for entry in read_json(run.verdicts(name) / "checks.json") or []]


def sidecar(run: Run, name: str, label: str, part: Path) -> Path:
    """The verdicts of one check on one part of samples."""
    return run.verdicts(name) / label / part.name


def stale(
    run: Run, name: str, part: Path, specs: Sequence[CheckSpec], retry: bool = False
) -> list[CheckSpec]:
    """The checks whose verdicts on a part are missing, made by other options, or to be asked again."""
    return [spec for spec in specs if not _fresh(run, name, part, spec, retry)]


def _fresh(run: Run, name: str, part: Path, spec: CheckSpec, retry: bool) -> bool:
    path = sidecar(run, name, spec.label, part)
    if not path.exists() or rows_in(path) != rows_in(part):
        return False
    if about_part(path) != about(spec) | _before(run, name, spec, part) | _among(run, name, spec):
        return False
    return not (retry and any(_retriable(row) for row in pq.read_table(path).to_pylist()))


def _before(run: Run, name: str, spec: CheckSpec, part: Path) -> dict[str, Any]:
    """Which verdicts said whom a judge is asked about: when they change, so do its own."""
    if not spec.after:
        return {}
    path = sidecar(run, name, spec.after, part)
    if not path.exists():
        raise UserError(f"'{spec.label}' comes after '{spec.after}', which has no verdicts on '{name}' yet.")
    return {"after": {"label": spec.after, "digest": about_part(path)["digest"]}}


def _among(run: Run, name: str, spec: CheckSpec) -> dict[str, Any]:
    """Which samples were judged together: with more of them a prompt's verdicts may be others."""
    return {"parts": parts_digest(run, name)} if spec.build().scope == "prompt" else {}


def _retriable(row: Mapping[str, Any]) -> bool:
    return row["ok"] is None and row["reason"] != NOT_ASKED


def _groups(specs: Sequence[CheckSpec]) -> Iterator[list[CheckSpec]]:
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
    with CheckPool(list(specs.values()), workers) as pool:
        for labels, group in groupby(todo, key=lambda part: [spec.label for spec in todo[part]]):
            chosen = list(group)
            # Without a stop between parts: the workers would wait while one is written and the next one read.
            work = chain.from_iterable(batches(part, prompts, _a_batch([part])) for part in chosen)
            judged = pool.in_order(work, labels)
            for part in chosen:
                sidecars = _sidecars(judged, rows_in(part), labels, progress)
                for label, table in sidecars.items():
                    write_table(sidecar(run, name, label, part), table, about(specs[label]))


def _a_batch(files: Sequence[Path]) -> int:
    """How many samples of these parts are handed to a worker at once."""
    rows, size = sum(map(rows_in, files)), sum(map(bytes_in, files))
    return min(MOST_SAMPLES, max(1, BATCH_BYTES * rows // max(1, size)))


def _sidecars(
    judged: Iterator[tuple[list[Sample], Verdicts]], rows: int, labels: Sequence[str], progress: Meter
) -> dict[str, pa.Table]:
    """The verdicts of the next so many samples: a batch never holds samples of two parts."""
    tables: dict[str, list[pa.Table]] = {label: [] for label in labels}
    while rows:
        batch, verdicts = next(judged)
        ids = pa.array([sample.id for sample in batch], pa.string())  # once for all checks
        for label, given in verdicts.items():
            tables[label].append(verdict_table(ids, given))
        rows -= len(batch)
        progress.advance(len(batch))
    return {label: pa.concat_tables(found) for label, found in tables.items()}


def _judge_by_prompt(
    run: Run, name: str, specs: Sequence[CheckSpec], workers: int | None, progress: Meter
) -> None:
    """Judge whole prompts, keep the verdicts without their texts, and write them in the order of the samples."""
    found: dict[str, list[pl.DataFrame]] = {spec.label: [] for spec in specs}
    with CheckPool(specs, workers) as pool:
        work = prompts_together(run, name, _a_batch(parts(run.samples(name))))
        for batch, verdicts in pool.in_order(work, list(found)):
            for label, given in verdicts.items():
                table = verdict_table([sample.id for sample in batch], given)
                found[label].append(pl.DataFrame(table))
            progress.advance(len(batch))
    for spec in specs:
        judged = pl.concat(found[spec.label], rechunk=True)
        for part in parts(run.samples(name)):
            ids = pl.read_parquet(part, columns=["sample_id"])
            rows = ids.join(judged, on="sample_id", how="inner", maintain_order="left").to_dicts()
            assert len(rows) == ids.height, "every sample of a part is judged once"
            write_part(
                sidecar(run, name, spec.label, part), rows, VERDICTS, about(spec) | _among(run, name, spec)
            )


def _judge_by_engine(run: Run, name: str, spec: CheckSpec, todo: Sequence[Path], progress: Meter) -> None:
    check = spec.build()
    assert isinstance(check, EngineCheck)

    after = {part: _before(run, name, spec, part) for part in todo}
    prompts = PromptIndex(run.prompts(name))

    async def judge() -> None:
        engine = await open_engine(check.engine)
        try:
            for part in todo:
                path = sidecar(run, name, spec.label, part)
                known = _known(path, check.digest) | _not_asked(run, name, spec, part)
                for batch in batches(part, prompts, 1024):
                    asked = [sample for sample in batch if sample.id not in known]
                    answers = await check.ask(asked, engine)
                    known |= {sample.id: verdict for sample, verdict in zip(asked, answers, strict=True)}
                    progress.advance(len(batch))
                ids = pq.read_table(part, columns=["sample_id"])["sample_id"].to_pylist()
                rows = [verdict_row(i, known[i]) for i in ids]
                write_part(path, rows, VERDICTS, about(spec) | after[part])
        finally:
            await engine.close()

    asyncio.run(judge())


def _known(path: Path, digest: str) -> dict[str, Verdict]:
    """Decided verdicts of an earlier try with the same options: they are not paid for twice."""
    if not path.exists() or about_part(path)["digest"] != digest:
        return {}
    rows = pq.read_table(path).to_pylist()
    return {row["sample_id"]: verdict_of(row) for row in rows if row["ok"] is not None}


def _not_asked(run: Run, name: str, spec: CheckSpec, part: Path) -> dict[str, Verdict]:
    """The samples that the check named in `after` has decided already: no model is asked about them."""
    if not spec.after:
        return {}
    rows = pq.read_table(sidecar(run, name, spec.after, part)).to_pylist()
    return {row["sample_id"]: Verdict(None, NOT_ASKED) for row in rows if row["ok"] is not None}
