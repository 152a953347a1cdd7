"""Which samples of several runs or names are near-duplicates: for `mix`, which decides among all that its other checks accept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.checking.run_checks import refresh_signatures, warn_unfinished
from curate.checking.shards import ShardPlace
from curate.store.layout import Run, list_parts
from curate.store.signatures import read_signatures
from curate.store.storage import STORAGE
from filters.checks.near_duplicate import ROW, NearDuplicate
from filters.spec import CheckSpec

Places = NDArray[np.int64]


def sign_samples(
    run: Run, name: str, spec: CheckSpec, workers: int | None = None, place: ShardPlace | None = None
) -> None:
    """Make the signatures of `samples(name)` that are missing or stale, part by part, wherever samples are judged.

    spec: of `near_duplicate`. Only its `of` matters here. No verdict is written, and no record that it was asked for. Raises
    UserError where another process writes verdicts on these samples, WorkUndone where some parts could not be signed.
    """
    with STORAGE.lock(run.lock("verdicts", name), f"the verdicts on '{name}' in '{run.path}'"):
        warn_unfinished(run, name)
        refresh_signatures(run, name, [spec], workers, place)


def find_pairs(
    sources: Sequence[tuple[Run, str]], wanted: pl.DataFrame, spec: CheckSpec, beside: Path | None = None
) -> tuple[Places, Places]:
    """The pairs of units among some samples that are near-duplicates, and the unit of each of these samples.

    sources: runs and the names of their samples, all signed (`sign_samples`). wanted: a row a sample, with `source`, its place
    among the sources, `sample_id` and `prompt_id`. A unit is a prompt, by its id, where prompts are compared, and else a
    sample; units are numbered from 0 as they come in `wanted`: put those first that are to stay first. Returns pairs of
    shape (pairs, 2), each once, the lower number first, as `filters.overlap.give_way` takes them, and units of shape (samples,).
    beside: a folder for a temporary file; the system's unless given.
    """
    check = spec.build()
    assert isinstance(check, NearDuplicate), "pairs are those of near_duplicate"
    numbers = pl.Series(np.arange(wanted.height))
    units = wanted["prompt_id"] if check.of == "prompt" else numbers
    keys = pl.DataFrame({"unit": units})
    known = keys.unique(maintain_order=True).with_row_index("number")
    places = (
        keys.join(known, on="unit", how="left", maintain_order="left")["number"].to_numpy().astype(np.int64)
    )
    rows = wanted.select("source", "sample_id").with_columns(pl.Series("unit", places))
    firsts = rows.unique("unit", keep="first", maintain_order=True)
    with tempfile.TemporaryDirectory(prefix=".pairs-", dir=beside) as folder:
        signatures = np.memmap(Path(folder) / "units", ROW, "w+", shape=(max(1, firsts.height),))
        signed = np.zeros(firsts.height, np.bool_)
        for unit, found in _read_units(sources, firsts, spec.label):
            signatures[unit], signed[unit] = found, True
        kept = np.flatnonzero(signed)
        return kept[check.find_pairs(signatures[: firsts.height], kept, Path(folder))], places


def _read_units(
    sources: Sequence[tuple[Run, str]], firsts: pl.DataFrame, label: str
) -> Iterator[tuple[Places, NDArray[np.void]]]:
    """Part by part the units whose first sample has a signature there, and these."""
    for number, (run, name) in enumerate(sources):
        own = firsts.filter(pl.col("source") == number).select("sample_id", "unit")
        for part in list_parts(run.signatures(name, label)):
            about, signatures = read_signatures(part)
            there = about.filter("signed").select("sample_id").with_row_index("at").join(own, on="sample_id")
            if there.height:
                yield there["unit"].to_numpy(), signatures.view(ROW)[there["at"].to_numpy(), 0]
