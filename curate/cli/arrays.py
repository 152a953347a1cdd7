"""Commands that may run as a job array: what takes one there in place of its stage.

An array is for the command line alone: what its jobs run is the command as it was given.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

from curate.cli.commands import ARRAYS
from curate.stage_results import StageResult
from filters.errors import UserError


def give_to_array(name: str, function: Callable[[Any], StageResult]) -> Callable[[Any], StageResult]:
    """The stage's function, but for options that ask for a job array, or for a job of one."""
    if name not in ARRAYS:
        return function
    module, _, other = ARRAYS[name].partition(":")

    @functools.wraps(function)
    def call(options: Any) -> StageResult:
        from curate.cluster.slurm import is_of_array

        if is_of_array(options.on) and options.metrics is not None:
            raise UserError(
                "--metrics is of one process, and --on slurm:N is many: follow the files metrics-*.jsonl that they write."
            )
        if is_of_array(options.on):
            result: StageResult = getattr(import_module(module), other)(options, sys.argv[1:])
            return result
        if options.sbatch:
            raise UserError("--sbatch is for the jobs that --on slurm:N writes.")
        return function(options)

    return call
