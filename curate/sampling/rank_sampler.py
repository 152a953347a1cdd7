"""Samples made by the ranks of a job array: each takes its own prompts, and writes segments of its own.

A prompt is of the rank that its place among all prompts of these samples gives, so that no two ranks ever ask for the
same one. What a killed rank has left is taken over by its next attempt, or by the command that comes after the array.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

from curate.checking.executors.local import LocalExecutor
from curate.checking.references import warn_unverifiable
from curate.sampling.budget import Counts
from curate.sampling.budget_shares import find_left
from curate.sampling.generation import is_of_generation
from curate.sampling.run_sampler import SamplingWork
from curate.store.job_array import JobArray, read_array, write_array
from curate.store.journal import take_over
from curate.store.prompt_list import PromptList, read_keys
from curate.store.segments import begin_rank_segments, name_rank_segment
from curate.store.storage import STORAGE
from filters.errors import UserError
from filters.types import Prompt


def prepare_ranks(work: SamplingWork, prompts: Iterable[Prompt], folder: Path, array: JobArray) -> int:
    """Do all that comes before sampling, and keep the array in its folder; how many prompts want samples."""
    with work.lock():
        listed = work.begin(prompts)
        work.take_in()
        with LocalExecutor(work.rules, work.workers) as executor:
            warn_unverifiable(listed, work.rules, executor, threading.Event())
        write_array(folder, array)
        return work.count_wanting(listed, work.read_known(work.retry_refused))


def sample_rank(
    work: SamplingWork, prompts: Iterable[Prompt], folder: Path, array: JobArray, rank: int
) -> Counts | None:
    """Make what is missing of a rank's prompts; None where nothing is.

    A second process of this rank waits until the first has ended. Raises UserError where another command writes these
    samples alone, or has changed what they are.
    """
    run, name = work.run, work.name
    what = f"the segments of rank {rank} of '{name}' in '{run.path}'"
    with work.lock(shared=True), STORAGE.lock(run.lock("rank", f"{name}-{rank}"), what, wait=True):
        if read_array(folder) != array or not is_of_generation(run, name, work.describe()):
            raise UserError(
                f"Another command was given for '{name}' in '{run.path}' since this job was: submit the new one."
            )
        listed = _choose_prompts(work, prompts, rank, array.ranks)
        _take_over_own(work, begin_rank_segments(array.id, rank))
        limit = partial(
            find_left, run, name, work.budget, work.sampling.max_tokens,
            begin_rank_segments(array.id, rank), rank, array.ranks,
        )  # fmt: skip
        metrics, segment = folder / f"metrics-{rank}.jsonl", name_rank_segment(array.id, rank)
        counts = replace(work, limit=limit, metrics=metrics, segment=segment).make(listed)
        if counts is not None:
            counts.missing = work.count_wanting(listed, work.read_known())
        return counts


def keep_to_rest(work: SamplingWork, folder: Path) -> SamplingWork:
    """The same work with what an array has left of its budget: its ranks, and earlier tries of this, which writes as if it were another."""
    array, longest = read_array(folder), work.sampling.max_tokens
    left = partial(find_left, work.run, work.name, work.budget, longest, begin_rank_segments(array.id))
    return replace(work, limit=left, segment=name_rank_segment(array.id, array.ranks))


def _choose_prompts(work: SamplingWork, prompts: Iterable[Prompt], rank: int, ranks: int) -> PromptList:
    """A rank's own of the prompts that are asked for."""
    folder = work.run.prompts(work.name)
    own = {key for place, key in enumerate(read_keys(folder)) if place % ranks == rank}
    return PromptList(folder, {key for prompt in prompts if (key := bytes.fromhex(prompt.id)) in own})


def _take_over_own(work: SamplingWork, begins: str) -> None:
    """Make parts of what earlier attempts of a rank have left, and judge them."""
    left = [segment for segment in work.run.list_segments(work.name) if segment.startswith(begins)]
    for segment in left:
        take_over(work.run, work.name, segment, work.rules)
    if left:
        work.refresh()
