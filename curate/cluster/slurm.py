"""Commands as a Slurm job array: `--on slurm:N` writes its scripts, and each task of it is a rank with its own share.

The job that comes after the array is the same command on one machine: it takes in what ranks have left, makes what is
missing, runs what is no rank's work, and tells the result. Slurm has the scripts as they were when they were submitted,
so each job names its array, and does nothing once another has taken its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from rich.console import RenderableType

from curate.checking.rank_checks import hold_array, prepare_check_ranks, run_rank_checks
from curate.checking.run_or_file import CheckOptions, choose_names
from curate.cluster.slurm_scripts import Jobs, require_settings, write_scripts
from curate.sampling.budget import Counts
from curate.sampling.rank_sampler import prepare_ranks, sample_rank, sample_rest
from curate.sampling.run_sampler import SamplingWork
from curate.stage_results import StageResult
from curate.store.copies import find_url
from curate.store.job_array import JobArray, read_array
from curate.store.layout import Run, is_run, open_run
from curate.store.verdicts import Command
from filters.digest import digest
from filters.errors import UserError
from filters.types import Prompt

JOB: Final = re.compile(r"slurm:(rank|rest):([0-9a-f]{8})")
"""A task of an array, or the job after it, with the array's id."""
ARRAY: Final = re.compile(r"slurm:([1-9]\d*)")
VARIABLES: Final = ("SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_MIN", "SLURM_ARRAY_TASK_COUNT")


@dataclass(frozen=True, slots=True)
class JobsResult(StageResult):
    """Jobs that were written. submit: the command that submits them. work: how much there is to do, in words."""

    ranks: int
    work: str
    submit: str

    def render(self) -> Iterator[RenderableType]:
        """What there is to do, and how."""
        yield f"{self.work}, among {self.ranks} ranks. Nothing runs yet; submit the jobs with:"
        yield self.submit


@dataclass(frozen=True, slots=True)
class RankResult(StageResult):
    """What one rank did: in words, and whether it left work undone."""

    rank: int
    ranks: int
    done: str
    undone: bool = False

    @property
    def exit_code(self) -> int:
        """1 where samples failed that may still be made."""
        return int(self.undone)

    def render(self) -> Iterator[RenderableType]:
        """What it did."""
        yield f"Rank {self.rank} of {self.ranks}: {self.done}"


class Given(NamedTuple):
    """A command line: the command, where it is to run, options of sbatch for its jobs, and the whole line."""

    command: str
    on: str
    settings: Sequence[str]
    line: Sequence[str]

    @property
    def job(self) -> str:
        """Which job of an array it is: rank, or rest for what comes after them; empty where it asks for an array."""
        found = JOB.fullmatch(self.on)
        return found[1] if found else ""

    def begin_array(self) -> JobArray:
        """The array that it asks for. Raises UserError where its settings are no options of sbatch."""
        require_settings(self.settings)
        found = ARRAY.fullmatch(self.on)
        assert found is not None
        return JobArray(int(found[1]), self.digest())

    def find_array(self, folder: Path) -> JobArray:
        """The array in a folder, of which this is a job. Raises UserError where it is none."""
        found = JOB.fullmatch(self.on)
        assert found is not None
        array = read_array(folder, found[2])
        if array.command != self.digest():
            raise UserError(
                f"The job array in '{folder}' is for another command: give this one with --on slurm:N, and submit what that "
                "writes."
            )
        return array

    def write(self, folder: Path, array: JobArray, workers: int | None) -> str:
        """Write the jobs' scripts into a folder; the command that submits them."""
        jobs = Jobs(folder.name, array.ranks, self.strip(), array.id, self.settings, workers)
        return write_scripts(folder, jobs)

    def digest(self) -> str:
        """What tells it from others, wherever they run."""
        return digest(self.strip())

    def strip(self) -> list[str]:
        """The line without where it runs."""
        kept: list[str] = []
        rest = iter(self.line)
        for word in rest:
            if word == "--":
                return [*kept, word, *rest]
            if word in ("--on", "--sbatch"):
                next(rest, None)
            elif not word.startswith(("--on=", "--sbatch=")):
                kept.append(word)
        return kept


def is_of_array(on: str) -> bool:
    """Whether a command is to run as a job array, or is a job of one."""
    return JOB.fullmatch(on) is not None or ARRAY.fullmatch(on) is not None


def sample_in_array(
    given: Given,
    work: SamplingWork,
    prompts: Iterable[Prompt],
    finish: Callable[[Counts | None], StageResult],
) -> StageResult:
    """Write the jobs of a command that samples, do a rank's share of it, or what is left to the job after them.

    finish: what that job does once all is sampled, with what it has sampled itself. Raises UserError where the jobs cannot
    be written, or this process is none of them.
    """
    _require_shared(work.run)
    folder = work.run.jobs(given.command, work.name)
    if given.job == "rank":
        array = given.find_array(folder)
        rank = find_rank(array.ranks)
        return RankResult(rank, array.ranks, *_describe_counts(sample_rank(work, folder, array, rank)))
    if given.job == "rest":
        return finish(sample_rest(work, prompts, folder, given.find_array(folder)))
    array = given.begin_array()
    wanting = prepare_ranks(work, prompts, folder, array)
    submit = given.write(folder, array, work.workers)
    return JobsResult(array.ranks, f"{wanting:,} prompts want samples", submit)


def check_in_array(
    given: Given, options: CheckOptions, command: Command, finish: Callable[[], StageResult]
) -> StageResult:
    """Write the jobs of a command that runs checks, do a rank's share of it, or what is left to the job after them.

    finish: all that the command does on one machine. Raises UserError where the jobs cannot be written, or this process is
    none of them; WorkUndone where a rank could not judge some of its parts.
    """
    if not options.source or not is_run(options.source):
        raise UserError(
            f"--on slurm:N needs a run folder, which ranks share; '{options.source}' is none: leave out --on, or use --on ray."
        )
    if options.retry_undecided:
        raise UserError(
            "--retry-undecided is not for --on slurm:N, whose last job would try all again: use --on local or ray."
        )
    run = open_run(options.source)
    _require_shared(run)
    folder = run.jobs(command, options.name or "")
    if given.job == "rank":
        array = given.find_array(folder)
        rank = find_rank(array.ranks)
        rows = run_rank_checks(run, options.specs, options.workers, folder, array, rank)
        return RankResult(rank, array.ranks, f"{rows:,} samples are judged.")
    names = choose_names(run, options.name)
    if given.job == "rest":
        with hold_array(run, names, folder, given.find_array(folder)):
            return finish()
    array = prepare_check_ranks(run, names, options.specs, command, folder, given.begin_array())
    submit = given.write(folder, array, options.workers)
    parts = sum(len(listed) for listed in array.parts.values())
    return JobsResult(array.ranks, f"{parts:,} parts are to be judged", submit)


def find_rank(ranks: int, environment: Mapping[str, str] = os.environ) -> int:
    """The place of this process among the tasks of a Slurm array, whatever its bounds.

    Raises UserError where it is no such task, or the array has not as many.
    """
    try:
        place, first, tasks = (int(environment[name]) for name in VARIABLES)
        step = int(environment.get("SLURM_ARRAY_TASK_STEP") or 1) or 1
    except (KeyError, ValueError):
        raise UserError(
            f"--on slurm:rank is for a task of a Slurm job array, and this process is none ({', '.join(VARIABLES)} are not "
            "set): give the command with --on slurm:N, and submit what it writes."
        ) from None
    rank, odd = divmod(place - first, step)
    if tasks != ranks or odd or not 0 <= rank < ranks:
        raise UserError(
            f"This array has {tasks} tasks, of which this is {place}, and the command was prepared for {ranks} ranks: submit "
            "the whole array, with other bounds if need be; ranks whose share is done end at once."
        )
    return rank


def _require_shared(run: Run) -> None:
    """Raises UserError where ranks could not tell each other apart: on an object store no lock is shared."""
    if (url := find_url(run.path)) is not None:
        raise UserError(
            f"--on slurm:N needs a run folder on a file system that all nodes see, and '{url}' is an object "
            "store: use --on ray."
        )


def _describe_counts(counts: Counts | None) -> tuple[str, bool]:
    if counts is None:
        return "all its samples are there.", False
    return counts.summarize(), counts.undone
