"""What is known of a set's samples: which indices of each prompt were accepted, held in 21 bytes a sample.

A run of a million prompts is resumed from it and its pass rates are counted from it, so it holds no Python object
a sample, and no text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from curate.store.joined import join_part, verdict_column
from curate.store.layout import PART, PARTIAL, Run, list_parts
from curate.store.parquet import scan_files
from curate.store.part_names import read_segment
from filters.errors import UserError

KEY_DIGITS: Final = 16
"""Hex digits in each half of a prompt's id."""


class VerdictIndex(Mapping[str, Mapping[int, bool | None]]):
    """The verdicts of the samples that are there, by prompt id and index: true, false, or None for undecided."""

    def __init__(self, rows: pl.DataFrame) -> None:
        """Take rows of `high`, `low`, `index`, `ok`; of two with one index the later counts."""
        rows = rows.sort("high", "low", maintain_order=True)
        self._high, self._low = rows["high"].to_numpy(), rows["low"].to_numpy()
        self._index, self._ok = rows["index"], rows["ok"]
        changes = (np.diff(self._high) != 0) | (np.diff(self._low) != 0)
        self._starts = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(rows)]]).astype(np.int64)
        if not len(rows):
            self._starts = self._starts[:1]

    def __getitem__(self, prompt_id: str) -> dict[int, bool | None]:
        high, low = (int(half, 16) for half in (prompt_id[:KEY_DIGITS], prompt_id[KEY_DIGITS:]))
        first, end = (int(np.searchsorted(self._high, np.uint64(high), side)) for side in ("left", "right"))
        low_of = self._low[first:end]
        begin, stop = (
            first + int(np.searchsorted(low_of, np.uint64(low), side)) for side in ("left", "right")
        )
        if begin == stop:
            raise KeyError(prompt_id)
        return self._verdicts(begin, stop)

    def __iter__(self) -> Iterator[str]:
        for start in self._starts[:-1]:
            yield f"{int(self._high[start]):016x}{int(self._low[start]):016x}"

    def __len__(self) -> int:
        return len(self._starts) - 1

    def groups(self) -> Iterator[tuple[str, dict[int, bool | None]]]:
        """All prompts in the order of their ids, without looking each of them up."""
        for prompt_id, begin, stop in zip(self, self._starts, self._starts[1:], strict=False):
            yield prompt_id, self._verdicts(int(begin), int(stop))

    def _verdicts(self, begin: int, stop: int) -> dict[int, bool | None]:
        return dict(zip(self._index[begin:stop], self._ok[begin:stop], strict=True))


def index_verdicts(
    run: Run,
    name: str,
    labels: Sequence[str],
    retry_refused: bool = False,
    segments: Collection[str] | None = None,
) -> VerdictIndex:
    """The verdicts of `samples(name)`: accepted where all of these checks say true. segments: of these writers alone.

    What the watchdog stopped was rejected, what was refused for good is undecided, unless that is to be asked for
    again; what failed otherwise or was cancelled may be made again.
    """
    # Partial ones come first: a sample that was made whole later counts as that.
    ended, parts = (
        [
            part
            for part in list_parts(run.samples(name), kind)
            if segments is None or read_segment(part) in segments
        ]
        for kind in (PARTIAL, PART)
    )
    partial = [_read_ended(part, retry_refused) for part in ended]
    whole = [_read_judged(run, name, labels, part) for part in parts]
    empty = pl.LazyFrame(schema={"high": pl.UInt64, "low": pl.UInt64, "index": pl.Int32, "ok": pl.Boolean})
    judged = pl.concat([frame.collect() for frame in (empty, *whole)])
    if judged.select(pl.struct("high", "low", "index").is_duplicated().any()).item():
        raise UserError(
            f"Samples are there twice in '{run.samples(name)}': this run folder was changed by hand."
        )
    return VerdictIndex(pl.concat([*(frame.collect() for frame in partial), judged]))


def _read_ended(part: Path, retry_refused: bool) -> pl.LazyFrame:
    """The samples of a part that are not whole and never will be."""
    stopped = pl.col("status") == "stopped"
    refused = (pl.col("finish") == "refused") & (not retry_refused)
    ended = scan_files([part]).filter(stopped | refused)
    return ended.select(*_KEY, "index", pl.when(stopped).then(False).alias("ok"))


def _read_judged(run: Run, name: str, labels: Sequence[str], part: Path) -> pl.LazyFrame:
    frame = join_part(run, name, part, labels, (*_KEY, "index")).lazy()
    given = [pl.col(verdict_column(label)) for label in labels]
    # Kleene's and: false where one is false, else null where one is null.
    ok = pl.all_horizontal(given) if given else pl.lit(True)
    return frame.select("high", "low", "index", ok.alias("ok"))


def _half_key(start: int) -> pl.Expr:
    digits = pl.col("prompt_id").str.slice(start, KEY_DIGITS)
    return digits.str.to_integer(base=16, dtype=pl.UInt64)


_KEY: Final = (_half_key(0).alias("high"), _half_key(KEY_DIGITS).alias("low"))
