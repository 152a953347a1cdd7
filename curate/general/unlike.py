"""Which prompts are near-duplicates of those of other samples, which were asked already: they are not asked again."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import numpy as np

from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows
from curate.store.layout import Run, list_parts
from curate.store.parquet import split_chunks
from curate.store.prompts_by_id import read_prompts
from filters.checks.near_duplicate import ROW, NearDuplicate
from filters.errors import UserError
from filters.types import Prompt, Sample

BATCH: Final = 2048
"""Prompts that are signed at once."""


def is_there(run: Run, name: str) -> bool:
    """Whether a run has prompts of samples called so; any text may be asked for."""
    return run.has_samples(name) and bool(list_parts(run.prompts(name)))


def list_absent(run: Run, others: Sequence[str]) -> tuple[str, ...]:
    """Those of others that are neither samples of the run nor a file, an address or a Hub data set."""
    return tuple(
        one for one in others if not is_there(run, one) and not Path(one).exists() and "/" not in one
    )


def require_others(absent: Sequence[str]) -> None:
    """Raise UserError where something is absent."""
    for other in absent:
        raise UserError(
            f"--apart-from {other}: the run has no samples of that name, and there is no such file; make them first, or name "
            "others."
        )


def find_alike(prompts: Iterable[Prompt], run: Run, others: Sequence[str]) -> set[str]:
    """The ids of those prompts that are near-duplicates of one of others: samples of the run, or files, by `near_duplicate`.

    Held in memory is what its comparison holds; signatures lie in temporary files. In whatever order prompts come, the same
    are found. Raises UserError where another cannot be read.
    """
    check = NearDuplicate()
    with (
        tempfile.TemporaryDirectory(prefix="r1curate-unlike-") as place,
        (Path(place) / "rows").open("w+b") as file,
    ):
        before = sum(len(_sign(check, _read_other(run, other), file)) for other in others)
        ids = _sign(check, prompts, file)
        file.flush()
        if not before or not ids:
            return set()
        rows = np.memmap(Path(place) / "rows", ROW, "r")
        alike: set[int] = set()
        units = np.arange(before + len(ids))
        while True:  # of a great many that are alike not all pairs are told at once
            pairs = units[check.find_pairs(rows, units, Path(place))]
            found = {int(late) for first, late in pairs.tolist() if first < before <= late}
            if not found:
                return {ids[number - before] for number in alike}
            alike |= found
            units = np.array([unit for unit in units.tolist() if unit not in found], np.int64)


def _read_other(run: Run, other: str) -> Iterator[Prompt]:
    if is_there(run, other):
        yield from read_prompts(run.prompts(other))
        return
    empty = True
    for prompt in make_prompts(read_rows(other)):
        empty = False
        yield prompt
    if empty:
        raise UserError(f"--apart-from {other}: it holds no prompts.")


def _sign(check: NearDuplicate, prompts: Iterable[Prompt], file: IO[bytes]) -> list[str]:
    """Append the signatures of prompts to a file; their ids, in order."""
    ids: list[str] = []
    for batch in split_chunks(prompts, BATCH):
        file.writelines(check.sign([Sample(prompt.id, prompt, "") for prompt in batch]))
        ids += [prompt.id for prompt in batch]
    return ids
