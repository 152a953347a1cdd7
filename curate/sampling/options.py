"""The options of every stage that samples a model."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from curate.options import StageOptions
from curate.readers.prompts import make_prompts
from curate.readers.read_rows import ColumnMap, read_rows
from filters.engine import EngineOptions
from filters.types import Prompt


class PromptedOptions(StageOptions):
    """What every stage that samples a model is told: where to, which prompts, which model."""

    flags: ClassVar[Mapping[str, str]] = {
        "model": "engine.model",
        "engine": "engine.kind",
        "endpoint": "engine.endpoints",
        "template": "engine.template",
        "temperature": "sampling.temperature",
        "top_p": "sampling.top_p",
        "max_tokens": "sampling.max_tokens",
        "seed": "sampling.seed",
    }

    run: Path
    """The run folder; created if it does not exist."""
    prompts: str
    """A file (JSON Lines, JSON, CSV, Parquet), datasets folder or Hub data set with the columns prompt and answer."""
    limit: int | None = Field(default=None, gt=0)
    """Use only the first N prompts."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of the prompts, as ours=theirs. Repeatable."""
    split: str = "train"
    """The split of a data set."""
    config: str | None = None
    """The configuration of a data set that has several."""
    workers: int | None = Field(default=None, gt=0)
    """Worker processes that run checks. Default: one per core."""
    retry_refused: bool = False
    """Ask again for samples that were refused for good: too long a prompt, a content policy."""
    on: str = "local"
    """Where the work runs: local; ray, on the cluster that RAY_ADDRESS names, else one started here; ray:ADDRESS; or slurm:N, which writes a Slurm job array of N ranks and the command that submits it."""
    sbatch: tuple[str, ...] = ()
    """Options of sbatch for the jobs that --on slurm:N writes, as "--partition=gpu --gpus=1 --time=8:00:00". Repeatable."""
    metrics: str | None = None
    """Where to tell what is done, as OpenMetrics text: a file whose name ends in .prom, or :PORT or HOST:PORT to serve it while the command runs."""
    engine: EngineOptions = EngineOptions()

    def read_prompts(self, required: tuple[str, ...] = ("prompt",)) -> Iterator[Prompt]:
        """The prompts asked for, in order. UserError where a row lacks a required column."""
        rows = read_rows(self.prompts, self.split, self.map, config=self.config)
        return itertools.islice(make_prompts(rows, required), self.limit)
