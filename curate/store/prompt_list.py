"""The prompts of one command, read from the run as often as they are needed: however many, none stays in memory."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from curate.store.layout import list_parts
from curate.store.parquet import split_chunks, write_table
from curate.store.part_names import next_part
from curate.store.prompts_by_id import read_prompts
from curate.store.schema import prompt_table
from filters.types import Prompt

logger = logging.getLogger(__name__)

PART: Final = 10_000
"""Prompts a part: they are held in memory until it is written."""


class PromptList:
    """Distinct prompts that stand in a folder, in its order; of each its key alone is held."""

    def __init__(self, folder: Path, wanted: set[bytes]) -> None:
        self._folder, self._wanted = folder, wanted

    @classmethod
    def add(cls, folder: Path, prompts: Iterable[Prompt]) -> PromptList:
        """Add the prompts that are new to the folder; those that others asked for there are passed over."""
        there = set(read_keys(folder))
        wanted: set[bytes] = set()
        repeated = 0

        def new() -> Iterator[Prompt]:
            nonlocal repeated
            for prompt in prompts:
                key = bytes.fromhex(prompt.id)
                repeated += key in wanted
                if key not in wanted:
                    wanted.add(key)
                    if key not in there:
                        yield prompt

        for chunk in split_chunks(new(), PART):
            write_table(next_part(folder), prompt_table(chunk))
        if repeated:
            logger.info(
                f"{repeated:,} prompts repeat an earlier one with its answer, whose other columns count."
            )
        return cls(folder, wanted)

    @property
    def keys(self) -> frozenset[bytes]:
        """The keys of these prompts, in no order."""
        return frozenset(self._wanted)

    def __len__(self) -> int:
        return len(self._wanted)

    def __iter__(self) -> Iterator[Prompt]:
        return (p for p in read_prompts(self._folder) if bytes.fromhex(p.id) in self._wanted)

    def __contains__(self, prompt: object) -> bool:
        return isinstance(prompt, Prompt) and bytes.fromhex(prompt.id) in self._wanted


def read_keys(folder: Path) -> Iterator[bytes]:
    """The keys of a folder's prompts, in order."""
    for part in list_parts(folder):
        yield from map(bytes.fromhex, pq.read_table(part, columns=["prompt_id"])["prompt_id"].to_pylist())
