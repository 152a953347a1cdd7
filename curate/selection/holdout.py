"""Prompts that are kept out of a set to measure on: which ones, drawn from what they ask or named in a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import polars as pl
import pyarrow.parquet as pq

from curate.readers.prompts import make_prompt
from curate.readers.read_rows import read_rows
from curate.selection.ingredients import Ingredient
from curate.store.layout import list_parts
from filters.digest import digest
from filters.errors import UserError

IDS: Final = ("id", "prompt_id")
"""The columns of a file that names prompts by their ids alone."""
BATCH: Final = 1024


@dataclass(frozen=True, slots=True)
class Holdout:
    """Which prompts are held out. share: drawn from their wording and the seed. asked, ids: those that a file names.

    A prompt is known by what is asked, whatever it is to be answered, so that one that stands in several sources is on one side in
    all, and in every set of the same seed and share.
    """

    seed: int
    share: float = 0.0
    asked: frozenset[int] = frozenset()
    ids: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """What a set depends on of it."""
        return digest(self.seed, self.share, sorted(self.asked), sorted(self.ids))

    def find_held(self, one: Ingredient) -> pl.Series:
        """The ids of a source's prompts that are held out, read part by part."""
        held: set[str] = set()
        for part in list_parts(one.run.prompts(one.name)):
            for batch in pq.ParquetFile(part).iter_batches(
                BATCH, columns=["prompt_id", "source_id", "messages"]
            ):
                held.update(row["prompt_id"] for row in batch.to_pylist() if self._holds(row))
        return pl.Series("prompt_id", sorted(held), pl.String)

    def _holds(self, row: dict[str, Any]) -> bool:
        if row["prompt_id"] in self.ids or row["source_id"] in self.ids:
            return True
        if self.asked and key_asked(row["messages"]) in self.asked:
            return True
        # A number of its own, so that what is held out says nothing of what is drawn for the set.
        return self.share > 0 and key_asked(row["messages"], f"holdout {self.seed}") < self.share * 2**64


def key_asked(messages: Iterable[Any], purpose: str = "") -> int:
    """A 64-bit key of what is asked: all turns but the system's, without regard to case and space."""
    turns = (" ".join(turn["content"].split()).casefold() for turn in messages if turn["role"] != "system")
    text = "\0".join((purpose, *turns)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def read_holdout(asked: str, seed: int) -> Holdout:
    """A share of all prompts, as 0.01, or a file of prompts, or of ids. Raises UserError where it is neither."""
    try:
        share = float(asked)
    except ValueError:
        return _read_named(asked, seed)
    if not 0 < share < 1:
        raise UserError(f"--holdout {asked}: a share of the prompts is more than 0 and less than 1, as 0.01.")
    return Holdout(seed, share)


def _read_named(asked: str, seed: int) -> Holdout:
    keys: set[int] = set()
    ids: set[str] = set()
    for number, row in enumerate(read_rows(asked)):
        named = {str(value) for name, value in row.values.items() if name in IDS and value is not None}
        if named and set(row.values) <= set(IDS):
            ids |= named
        else:
            # A program is asked for with its row's tests, or as it stands.
            keys.update(
                key_asked(make_prompt(row, number, as_it_stands=bare).messages) for bare in (True, False)
            )
    if not keys and not ids:
        raise UserError(f"--holdout {asked}: it holds no rows.")
    return Holdout(seed, asked=frozenset(keys), ids=frozenset(ids))
