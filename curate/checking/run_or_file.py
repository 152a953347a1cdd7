"""Checks over whatever a user names: the samples of a run, or a plain file whose rows are written back.

A plain file becomes a temporary run, so that there is one code path; its rows are written back in order,
their other columns untouched, with `verdicts` and `kept`.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field

from curate.checking.references import warn_unreadable
from curate.checking.run_checks import run_checks
from curate.checking.write_back import write_back
from curate.options import StageOptions
from curate.readers.import_samples import import_rows
from curate.readers.read_rows import ColumnMap, read_rows
from curate.store.layout import Run, is_run, list_parts, open_run
from curate.store.verdicts import Command
from filters.errors import UserError
from filters.spec import CheckSpec

logger = logging.getLogger(__name__)

FILE = "file"
"""What the samples of a plain file are called in their temporary run."""


class CheckOptions(StageOptions):
    """What `verify` and `filter` share."""

    arguments = ("source",)

    source: str
    """A run folder, a file (JSON Lines, JSON, CSV, Parquet), a datasets folder or a Hub data set."""
    name: str | None = None
    """Which samples of the run: the name given to generate. Default: all that were generated."""
    out: Path | None = None
    """Output file for the rows of a plain file, with their verdicts (.jsonl or .parquet)."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of a plain file, as ours=theirs. Repeatable."""
    split: str = "train"
    """The split of a data set."""
    workers: int | None = Field(default=None, gt=0)
    """Worker processes that run checks. Default: one per core."""
    retry_undecided: bool = False
    """Run checks again where an earlier try was undecided."""

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The checks to run."""
        raise AssertionError("a stage says which checks it runs")


def check_source(
    options: CheckOptions, required: tuple[str, ...], command: Command
) -> Iterator[tuple[Run, str]]:
    """Run the checks; yield each run and name of samples once they are done.

    required: columns that a plain file must have. command: which asks, since its last checks decide in a mix. The run of a plain file is gone once the next item is asked for.
    """
    if is_run(options.source):
        if options.out is not None:
            raise UserError(
                f"--out is for a plain file; verdicts on the run '{options.source}' are kept in the run."
            )
        run = open_run(options.source)
        for name in choose_names(run, options.name):
            run_checks(run, name, options.specs, options.workers, options.retry_undecided, command)
            warn_unreadable(run, name, options.specs)
            yield run, name
        return
    out = _checked_out(options)
    with tempfile.TemporaryDirectory(prefix=".r1curate-", dir=out.absolute().parent) as folder:
        run = Run(Path(folder))
        rows = read_rows(options.source, options.split, options.map)
        import_rows(run, FILE, rows, _required_columns(options.specs, required), True, options.source)
        run_checks(run, FILE, options.specs, options.workers)
        labels = [spec.label for spec in options.specs]
        write_back(run, FILE, read_rows(options.source, options.split), labels, out)
        warn_unreadable(run, FILE, options.specs)
        yield run, FILE
    logger.info(f"wrote {out}")


def choose_names(run: Run, name: str | None) -> list[str]:
    """The samples named, or all that were generated: imported ones are checked only when they are named."""
    if name is not None and not run.samples(name).is_dir():
        there = ", ".join(run.sample_names()) or "none"
        raise UserError(f"'{run.path}' has no samples '{name}'; there are: {there}.")
    if name:
        return [name]
    generated = [n for n in run.sample_names() if not run.import_info(n).exists()]
    begun = [n for n in generated if not list_parts(run.samples(n))]
    if begun and len(begun) < len(generated):
        logger.warning(f"Left out, because nothing is finished of them: {', '.join(begun)}.")
        return [n for n in generated if n not in begun]
    return generated


def _checked_out(options: CheckOptions) -> Path:
    """Where a plain file's rows go; refused where that cannot be."""
    source, out = Path(options.source), options.out
    if out is None and source.is_dir():
        raise UserError(
            f"'{source}' is not a run folder: it holds no samples; for a data folder give --out FILE."
        )
    if out is None and not source.exists():
        raise UserError(f"There is no run folder or file '{source}'.")
    if out is None:
        raise UserError(f"'{source}' is a plain file: name an output file with --out FILE.")
    if out.suffix not in (".jsonl", ".parquet"):
        raise UserError(f"--out {out}: the name must end in .jsonl or .parquet.")
    if out.absolute() == source.absolute():
        raise UserError(f"--out {out} is the input itself; name another file.")
    if not out.absolute().parent.is_dir():
        raise UserError(f"--out {out}: there is no folder '{out.absolute().parent}'.")
    return out


def _required_columns(specs: Sequence[CheckSpec], required: tuple[str, ...]) -> tuple[str, ...]:
    """The columns a file must have: checks on whole prompts need them to tell prompts apart, not an answer."""
    scopes = {spec.build().scope for spec in specs}
    return ("prompt", "response") if scopes == {"prompt"} else required + ("prompt",) * ("prompt" in scopes)
