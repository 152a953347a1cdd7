"""Samples made by the ranks of a job array: each takes its own prompts, and writes segments of its own.

The prompts that want samples when an array is prepared are dealt out in turn, so that no two ranks ever ask for the same
one. What a killed rank has left is taken over by its next attempt, or by the job that comes after the array.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from curate.checking.executors.local import LocalExecutor
from curate.checking.references import warn_unverifiable
from curate.sampling.budget import Counts, Share
from curate.sampling.budget_shares import find_left, require_shares
from curate.sampling.generation import require_kept_generation
from curate.sampling.run_sampler import SamplingWork, sample_prompts
from curate.sampling.wanting import list_wanting
from curate.store.job_array import (
    JobArray,
    find_array,
    read_array,
    read_prompt_ids,
    write_array,
    write_prompt_ids,
)
from curate.store.journal import take_over
from curate.store.prompt_list import PromptList, read_keys
from curate.store.run_metrics import add_array_metrics
from curate.store.segments import begin_rank_segments, name_rank_segment
from curate.store.storage import STORAGE
from filters.types import Prompt

logger = logging.getLogger(__name__)


def prepare_ranks(work: SamplingWork, prompts: Iterable[Prompt], folder: Path, array: JobArray) -> int:
    """Do all that comes before sampling, and keep the array in its folder; how many prompts want samples.

    Raises UserError where a budget has no sample for some rank, or another command writes these samples.
    """
    require_shares(work.budget, work.sampling.max_tokens, array.ranks)
    with work.lock():
        listed = work.begin(prompts)
        work.take_in()
        with LocalExecutor(work.rules, work.workers) as executor:
            warn_unverifiable(listed, work.rules, executor, threading.Event())
        known = work.read_known(work.retry_refused)
        ids = [lease.prompt_id for lease in list_wanting(work.run, work.name, listed.keys, known, work.rule)]
        if earlier := find_array(folder):
            _add_metrics(work, folder, earlier)
        write_prompt_ids(folder, array, ids)
        write_array(folder, array)
        return len(ids)


def sample_rank(work: SamplingWork, folder: Path, array: JobArray, rank: int) -> Counts | None:
    """Make what is missing of a rank's prompts; None where nothing is.

    It waits for a command that writes these samples alone, and a second process of this rank until the first has ended.
    Raises UserError where another array has replaced this one, or what samples are made with has changed.
    """
    run, name = work.run, work.name
    what = f"the segments of rank {rank} of '{name}' in '{run.path}'"
    own = STORAGE.lock(run.lock("rank", f"{name}-{rank}"), what, wait=True)
    with work.lock(shared=True, wait=True), own:
        read_array(folder, array.id)
        require_kept_generation(run, name, work.describe())
        ids = read_prompt_ids(folder, array, rank)
        listed = PromptList(run.prompts(name), set(map(bytes.fromhex, ids)))
        _take_over_own(work, begin_rank_segments(array.id, rank))
        limit = partial(
            find_left, run, name, work.budget, work.sampling.max_tokens,
            begin_rank_segments(array.id, rank), rank, array.ranks,
        )  # fmt: skip
        counts = _write_apart(work, folder, array, rank, limit).make(listed)
        if counts is not None:
            counts.missing = work.count_wanting(listed, work.read_known())
        return counts


def sample_rest(
    work: SamplingWork, prompts: Iterable[Prompt], folder: Path, array: JobArray
) -> Counts | None:
    """Make what an array has left, with what it has left of its budget; None where nothing is missing.

    It waits until nobody else writes these samples. Raises UserError as `sample_rank`, before anything is written.
    """
    with work.lock(wait=True):
        read_array(folder, array.id)
        require_kept_generation(work.run, work.name, work.describe())
        longest = work.sampling.max_tokens
        left = partial(find_left, work.run, work.name, work.budget, longest, begin_rank_segments(array.id))
        rest = _write_apart(work, folder, array, array.ranks, left)
        counts = sample_prompts(rest, _tell_new(prompts, set(read_keys(work.run.prompts(work.name)))))
        _add_metrics(work, folder, array)
        return counts


def _write_apart(
    work: SamplingWork, folder: Path, array: JobArray, rank: int, limit: Callable[[], Share]
) -> SamplingWork:
    """The same work of a rank, or of the job after them, which counts as one more."""
    segment = name_rank_segment(array.id, rank)
    return replace(work, limit=limit, metrics=folder / f"metrics-{segment}.jsonl", segment=segment)


def _tell_new(prompts: Iterable[Prompt], there: set[bytes]) -> Iterator[Prompt]:
    """The same prompts; those that the run does not have yet are told."""
    before = len(there)
    for prompt in prompts:
        there.add(bytes.fromhex(prompt.id))
        yield prompt
    if len(there) > before:
        logger.warning(
            f"{len(there) - before:,} prompts came after the jobs were written; this last one samples them alone."
        )


def _add_metrics(work: SamplingWork, folder: Path, array: JobArray) -> None:
    """Add what the jobs of an array have told to the metrics of the run."""
    files = STORAGE.list_files(folder, "metrics", ".jsonl")
    begins = [f"metrics-{begin_rank_segments(array.id, rank)}" for rank in range(array.ranks + 1)]
    jobs = [[file for file in files if file.name.startswith(begin)] for begin in begins]
    add_array_metrics(work.run.metrics(work.name), array.id, jobs)


def _take_over_own(work: SamplingWork, begins: str) -> None:
    """Make parts of what earlier attempts of a rank have left, and judge them."""
    left = [segment for segment in work.run.list_segments(work.name) if segment.startswith(begins)]
    for segment in left:
        take_over(work.run, work.name, segment, work.rules)
    if left:
        work.refresh()
