"""`mix`: the one place where samples are selected; the reasoning and the general sets become one to train on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from rich.console import RenderableType

from curate.options import StageOptions
from curate.selection.funnel import Funnel, funnel_table
from curate.selection.mixing import make_set
from curate.selection.sources import Source, read_source
from curate.stage_results import StageResult
from curate.store.layout import open_run


class MixOptions(StageOptions):
    """Select accepted samples and merge sources into one training set."""

    run: Path
    """The run folder."""
    source: tuple[Annotated[Source, BeforeValidator(read_source)], ...] = Field(min_length=1)
    """Samples of the run or a file with prompt and response, as NAME:option=value,… (options: checks=a+b, per_prompt, choose, rows, name). Repeatable."""
    name: str = "sft"
    """Name of the set."""
    seed: int = 0
    """Seed of the random choice and order of samples."""


@dataclass(frozen=True, slots=True)
class MixResult(StageResult):
    """A finished set. folder: its Parquet files. funnels: what became of each source's samples."""

    name: str
    folder: Path
    rows: int
    funnels: Sequence[Funnel]

    def render(self) -> Iterator[RenderableType]:
        """The funnels as one table."""
        yield funnel_table(f"set {self.name}: {self.rows:,} rows", self.funnels)


def mix_samples(options: MixOptions) -> MixResult:
    """Select the samples whose verdicts are all true and merge sources into one training set.

    Reads RUN/samples and RUN/verdicts, or files with the columns prompt and response.
    Writes RUN/sets/NAME (Parquet that `datasets.load_dataset` opens and TRL trains on) and RUN/sets/NAME.json.

    Example: r1curate mix --run runs/r1 --source teacher:per_prompt=4 --source general.jsonl:rows=200000
    """
    given = options.model_dump(mode="json", exclude={"run"})
    made = make_set(open_run(options.run), options.name, options.source, options.seed, given)
    return MixResult(options.name, made.folder, made.rows, made.funnels)
