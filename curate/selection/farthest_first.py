"""A prompt's samples so that each is as unlike those before it as can be, by signatures that are made part by part."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import polars as pl

from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files
from filters.overlap.signatures import sign_texts

BATCH: Final = 1_024
"""Texts that are signed at once."""


def order_unlike(run: Run, name: str, samples: pl.DataFrame) -> pl.Series:
    """Each sample's turn among those of its prompt: the first is the one drawn first, and each next is the least alike.

    samples: at, sample_id, prompt_id, part, of_prompt (its draw), of prompts whose order matters. A prompt's signatures are held until
    all its samples are read, and no longer.
    """
    turns = np.zeros(samples.height, np.uint32)
    rows = samples.with_row_index("row")
    left = dict(rows.group_by("prompt_id").len().iter_rows())
    waiting: dict[str, list[tuple[int, int, np.ndarray]]] = {}
    parts = list_parts(run.samples(name))
    for (number,), wanted in rows.sort("part").partition_by("part", as_dict=True).items():
        asked = wanted.select("sample_id", "prompt_id", "row", "of_prompt").lazy()
        texts = scan_files([parts[int(number)]]).select("sample_id", "response")
        for batch in texts.join(asked, on="sample_id").collect().iter_slices(BATCH):
            signed = sign_texts(batch["response"].to_list())
            drawn = zip(batch["prompt_id"], batch["row"], batch["of_prompt"], signed, strict=True)
            for prompt, row, draw, signature in drawn:
                waiting.setdefault(prompt, []).append((draw, row, signature))
            _settle(set(batch["prompt_id"]), left, waiting, turns)
    assert not waiting, "every sample of a prompt was read"
    return pl.Series("turn", turns)


def _settle(
    prompts: Iterable[str],
    left: Mapping[str, int],
    waiting: dict[str, list[tuple[int, int, np.ndarray]]],
    turns: np.ndarray,
) -> None:
    """Give the samples of each prompt their turns once all of them are there."""
    for prompt in prompts:
        if len(waiting[prompt]) == left[prompt]:
            # In the order of their draws, so that nothing depends on how they lie in the run.
            found = sorted(waiting.pop(prompt), key=lambda one: one[:2])
            order = go_farthest_first(np.stack([signature for _, _, signature in found]))
            turns[[found[at][1] for at in order]] = np.arange(len(found))


def go_farthest_first(signatures: np.ndarray) -> list[int]:
    """The numbers of signatures, the first one first, and then always the one whose likeness to the nearest before is least.

    signatures: shape n x bins. Of equally unlike ones the one that stands first comes first.
    """
    order = [0]
    nearest = np.full(len(signatures), -1, np.int64)
    while len(order) < len(signatures):
        shared = (signatures == signatures[order[-1]]).sum(axis=1)
        nearest = np.maximum(nearest, shared)
        nearest[order[-1]] = signatures.shape[1] + 1
        order.append(int(nearest.argmin()))
    return order
