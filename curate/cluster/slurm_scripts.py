"""The scripts by which Slurm runs a command: an array of ranks, the job that comes after them, and what submits both."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from curate.store.storage import STORAGE
from filters.child_python import make_command
from filters.errors import UserError

CORES: Final = 8
"""Cores of a job, where --sbatch says nothing else: enough for an engine beside the checks."""
OURS: Final = re.compile(r"--(ar|dep|wr)|-[ad]")
"""How the settings begin that the scripts give themselves: array, dependency, wrap."""


class Jobs(NamedTuple):
    """What is to be run: a command with its options, but where. id: the array's, by which its jobs know that it still stands.

    settings: lines of sbatch's own options. workers: processes that run checks.
    """

    title: str
    ranks: int
    command: Sequence[str]
    id: str
    settings: Sequence[str]
    workers: int | None


def require_settings(settings: Sequence[str]) -> None:
    """Raise UserError where lines are no options of sbatch, or say what the scripts say themselves."""
    for text in settings:
        try:
            words = shlex.split(text)
        except ValueError:
            words = []
        if not text.isprintable() or not words or not words[0].startswith("-"):
            raise UserError(
                f"--sbatch {text!r}: give options of sbatch in one line, as --sbatch '--partition=gpu --gpus=1 --time=8:00:00'."
            )
        own = next((word for word in words if OURS.match(word)), None)
        if own is not None:
            raise UserError(
                f"--sbatch {text!r}: the jobs' array and order are given by --on slurm:N; leave out {own}."
            )


def write_scripts(folder: Path, jobs: Jobs) -> str:
    """Write the scripts into a folder; the command that submits them."""
    folder = folder.absolute()
    array = [f"--array=0-{jobs.ranks - 1}", "--output=rank-%a.log"]
    _write(folder / "array.sh", _make_job(jobs, f"{jobs.title}", array, "rank"))
    _write(folder / "finish.sh", _make_job(jobs, f"{jobs.title}-finish", ["--output=finish.log"], "rest"))
    _write(folder / "submit.sh", _make_submission(folder))
    return shlex.join(["bash", str(folder / "submit.sh")])


def _make_job(jobs: Jobs, title: str, own: Sequence[str], job: str) -> Iterator[str]:
    settings = [
        f"--job-name={title}", *own, "--open-mode=append", "--requeue", "--nodes=1", "--ntasks=1",
        f"--cpus-per-task={max(CORES, jobs.workers or 1)}", *jobs.settings,
    ]  # fmt: skip
    yield "#!/bin/bash"
    yield from (f"#SBATCH {line}" for line in settings)
    yield f"cd -- {shlex.quote(str(Path.cwd()))} || exit 1"
    if path := os.environ.get("PYTHONPATH"):
        yield f"export PYTHONPATH={shlex.quote(path)}"
    name, *options = jobs.command
    yield f"exec {shlex.join([*make_command('curate.cli', name), '--on', f'slurm:{job}:{jobs.id}', *options])}"


def _make_submission(folder: Path) -> Iterator[str]:
    yield "#!/bin/bash"
    yield "# Submits the array, and the job that makes what is then missing and tells the result."
    yield "set -eu"
    yield f"cd -- {shlex.quote(str(folder))}"
    yield "array=$(sbatch --parsable array.sh)"
    yield 'echo "array ${array%%;*}"'
    yield 'sbatch --dependency="afterany:${array%%;*}" finish.sh'


def _write(path: Path, lines: Iterator[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    with STORAGE.commit(path) as aside:
        aside.write_bytes(text.encode("utf-8", "surrogateescape"))  # as arguments and paths came
