"""All samples of a prompt together, wherever they stand: what checks with a prompt's scope are given.

A prompt's samples may lie in any parts, since later waves and reruns add to them. The parts are read once
and scattered by prompt into buckets small enough for memory; then each bucket is read whole.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import polars as pl
import pyarrow.parquet as pq

from curate.store.layout import Run, list_parts
from curate.store.parquet import count_bytes, scan_files, write_part
from curate.store.prompts_by_id import find_prompts, read_prompt_key
from curate.store.schema import LATER_COLUMNS, SAMPLES, VERDICTS, sample_from_row
from curate.store.verdicts import describe_sidecar
from filters.spec import CheckSpec
from filters.types import Sample

BUCKET_BYTES: Final = 256 << 20
"""Text of one bucket: it is held in memory while its prompts are judged."""
MAX_BUCKETS: Final = 256
"""Files written at once; beyond 64 GB of text the buckets grow."""


def group_by_prompt(
    run: Run, name: str, size: int, prompts: Collection[str] | None = None
) -> Iterator[list[Sample]]:
    """Batches of at least `size` samples, the last one smaller, that never part the samples of a prompt. prompts: ids; all unless given."""
    wanted = pl.lit(value=True) if prompts is None else pl.col("prompt_id").is_in(list(prompts))
    run.verdicts(name).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".grouping-", dir=run.verdicts(name)) as folder:
        for files in _buckets(list_parts(run.samples(name)), Path(folder), wanted):
            yield from _batches(run.prompts(name), files, size, wanted)


def _buckets(files: Sequence[Path], folder: Path, wanted: pl.Expr) -> Iterator[list[Path]]:
    """Lists of files, each with all samples of its prompts; the parts themselves where they fit in one."""
    number = min(MAX_BUCKETS, -(-sum(count_bytes(file) for file in files) // BUCKET_BYTES))
    if number <= 1:
        yield list(files)
        return
    scattered = [folder / f"{index}.parquet" for index in range(number)]
    with ExitStack() as stack:
        writers = [
            stack.enter_context(pq.ParquetWriter(path, SAMPLES, compression="zstd")) for path in scattered
        ]
        for file in files:
            rows = (
                scan_files([file], LATER_COLUMNS)
                .filter(wanted)
                .collect()
                .with_columns((pl.col("prompt_id").hash() % number).alias("bucket"))
            )
            for (bucket,), group in rows.group_by("bucket"):
                writers[int(str(bucket))].write_table(group.select(SAMPLES.names).to_arrow().cast(SAMPLES))
    yield from ([path] for path in scattered)


def _batches(prompts: Path, files: Sequence[Path], size: int, wanted: pl.Expr) -> Iterator[list[Sample]]:
    samples = scan_files(files, LATER_COLUMNS).filter(wanted)
    rows = samples.sort("prompt_id", "index", maintain_order=True).collect()
    by_id = find_prompts(prompts, rows.lazy())
    batch: list[Sample] = []
    for row in rows.iter_rows(named=True):
        if len(batch) >= size and batch[-1].prompt.id != row["prompt_id"]:
            yield batch
            batch = []
        batch.append(sample_from_row(row, by_id[read_prompt_key(row)]))
    if batch:
        yield batch


def write_prompt_verdicts(run: Run, name: str, spec: CheckSpec, tables: Sequence[pl.DataFrame]) -> None:
    """Write a check's verdicts on all samples, which stand in the order of their prompts, beside the parts in theirs."""
    judged = pl.concat(tables, rechunk=True)
    for part in list_parts(run.samples(name)):
        ids = scan_files([part]).select("sample_id").collect()
        rows = ids.join(judged, on="sample_id", how="inner", maintain_order="left").to_dicts()
        assert len(rows) == ids.height, "every sample of a part is judged once"
        info = describe_sidecar(run, name, spec, part)
        write_part(run.sidecar(name, spec.label, part), rows, VERDICTS, info)
