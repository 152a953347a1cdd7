"""Which samples of several runs or names are near-duplicates: for `mix`, which decides among all that its other checks accept."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.checking.executors.local import LocalExecutor
from curate.checking.judge_parts import choose_batch_size
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from curate.store.prompts_by_id import PromptIndex, read_batches, read_prompt_key
from curate.store.schema import LATER_COLUMNS
from curate.store.signatures import is_signed, read_signatures
from filters.checks.near_duplicate import ROW, NearDuplicate
from filters.spec import CheckSpec
from filters.types import Sample, SignatureVerdict, Verdict

Places = NDArray[np.int64]
FEW: Final = 1000
"""Samples that are signed without workers."""
PROMPTS: Final = 2048
"""Prompts that a worker is given at once."""


@contextmanager
def open_pairs(
    sources: Sequence[tuple[Run, str]], units: pl.DataFrame, spec: CheckSpec, workers: int | None = None
) -> Iterator[Callable[[Places], Places]]:
    """A function that finds, among some units by their numbers, in rising order, the pairs that are near-duplicates, of shape (pairs, 2).

    sources: runs and the names of their samples. units: what is compared, a row each, in the order in which they may stay: a prompt by
    any of its samples, or a sample alone, with `source`, its place among the sources, and `sample_id`. spec: of `near_duplicate`.
    Signatures that are there and fresh are read, the others are made and held in a temporary file; nothing is written to a run.
    A unit that cannot be signed is like none.
    """
    check = spec.build()
    assert isinstance(check, NearDuplicate), "pairs are those of near_duplicate"
    with tempfile.TemporaryDirectory(prefix="r1curate-pairs-") as folder:
        signatures = np.memmap(Path(folder) / "units", ROW, "w+", shape=(max(1, units.height),))
        signed = np.zeros(units.height, np.bool_)
        numbered = units.select("source", "sample_id").with_row_index("unit")
        for number, (run, name) in enumerate(sources):
            own = numbered.filter(pl.col("source") == number).select("sample_id", "unit")
            for some, found in _sign_source(run, name, own, spec, workers) if own.height else ():
                signatures[some], signed[some] = found, True

        def find(wanted: Places) -> Places:
            kept = wanted[signed[wanted]]
            with tempfile.TemporaryDirectory(dir=folder) as aside:
                return kept[check.find_pairs(signatures[: units.height], kept, Path(aside))]

        yield find


_Signed = tuple[Places, NDArray[np.void]]
"""Some units, and their signatures."""


def _sign_source(
    run: Run, name: str, own: pl.DataFrame, spec: CheckSpec, workers: int | None
) -> Iterator[_Signed]:
    """The units of one source that can be signed. own: sample_id and unit."""
    parts = list_parts(run.samples(name))
    fresh = [part for part in parts if is_signed(run, name, part, spec)]
    for part in fresh:
        about, found = read_signatures(run.signatures(name, spec.label) / part.name)
        there = about.filter("signed").select("sample_id").with_row_index("at").join(own, on="sample_id")
        if there.height:
            yield there["unit"].to_numpy().astype(np.int64), found.view(ROW)[there["at"].to_numpy(), 0]
    rest = [part for part in parts if part not in fresh]
    read = _read_prompts if spec.build().reads_response is False else _read_responses
    unit_of = dict(own.iter_rows())
    for batch, given in _sign_batches(read(run, name, rest, own), spec, workers, own.height):
        pairs = zip(batch, given, strict=True)
        made = [(unit_of[one.id], v.signature) for one, v in pairs if isinstance(v, SignatureVerdict)]
        if made:
            units, rows = zip(*made, strict=True)
            yield np.array(units, np.int64), np.frombuffer(b"".join(rows), ROW)


def _sign_batches(
    batches: Iterator[list[Sample]], spec: CheckSpec, workers: int | None, number: int
) -> Iterator[tuple[list[Sample], Sequence[Verdict]]]:
    """Batches with their signatures. number: of samples in all: for few of them workers take longer to start than to sign."""
    if number <= FEW:
        check = spec.build()
        yield from ((batch, check.check(batch)) for batch in batches)
        return
    with LocalExecutor([spec], workers) as executor:
        for batch, given in executor.judge_in_order(batches, [spec.label]):
            yield batch, given[spec.label]


def _read_responses(run: Run, name: str, parts: Sequence[Path], own: pl.DataFrame) -> Iterator[list[Sample]]:
    wanted, prompts = set(own["sample_id"]), PromptIndex(run.prompts(name))
    for part in parts:
        for batch in read_batches(part, prompts, choose_batch_size([part])):
            if some := [one for one in batch if one.id in wanted]:
                yield some


def _read_prompts(run: Run, name: str, parts: Sequence[Path], own: pl.DataFrame) -> Iterator[list[Sample]]:
    """Samples without their responses, which nobody looks at."""
    prompts = PromptIndex(run.prompts(name))
    for part in parts:
        keys = scan_files([part], LATER_COLUMNS).select("sample_id", "prompt_id", "variant")
        rows = keys.join(own.lazy().select("sample_id"), on="sample_id", how="semi").collect()
        for some in rows.iter_slices(PROMPTS):
            known = prompts.find(some.lazy())
            yield [
                Sample(row["sample_id"], known[read_prompt_key(row)], "")
                for row in some.iter_rows(named=True)
            ]
