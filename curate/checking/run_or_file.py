"""Checks over whatever a user names: the samples of a run, or a plain file whose rows are written back.

A plain file becomes a temporary run, so that there is one code path; its samples are written back in order, their
rows' columns untouched, with `verdicts` and `kept`.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from pydantic import Field

from curate.checking.peek import PeekResult, peek_samples
from curate.checking.references import warn_unreadable
from curate.checking.run_checks import run_checks
from curate.checking.shards import ShardPlace
from curate.checking.write_back import WriteBack
from curate.monitoring.board import Board
from curate.options import StageOptions
from curate.readers.import_samples import REJECTED_FILE, ImportCounts, import_rows
from curate.readers.read_rows import ColumnMap, read_rows, read_tables
from curate.readers.read_samples import BadRows, Traces
from curate.store.layout import Run, is_run, list_parts, open_run
from curate.store.verdicts import Command
from curate.store.whole_files import make_fleeting_folder
from filters.check import Check
from filters.checks.near_duplicate import NearDuplicate
from filters.errors import UserError
from filters.set_check import SetCheck
from filters.spec import CheckSpec

logger = logging.getLogger(__name__)

OUTPUTS = (".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet")
"""How the name of an output may end."""
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
    config: str | None = None
    """The configuration of a data set that has several."""
    shape: str | None = None
    """The shape that all rows are read by, where it should not be told from each: one of those that `read as` names."""
    bad_rows: BadRows = "refuse"
    """What is done with rows that fit no shape: refuse ends at the first; skip sets them aside in OUT.bad.jsonl and counts them."""
    peek: int | None = Field(default=None, gt=0)
    """Print the first N samples as they were read, and end."""
    workers: int | None = Field(default=None, gt=0)
    """Worker processes that run checks. Default: one per core."""
    retry_undecided: bool = False
    """Run checks again where an earlier try was undecided."""
    on: str = "local"
    """Where the work runs: local; ray, on the cluster that RAY_ADDRESS names, else one started here; ray:ADDRESS; or slurm:N, which writes a Slurm job array of N ranks and the command that submits it."""
    sbatch: tuple[str, ...] = ()
    """Options of sbatch for the jobs that --on slurm:N writes, as "--partition=gpu --gpus=1 --time=8:00:00". Repeatable."""
    metrics: str | None = None
    """Where to tell what is done, as OpenMetrics text: a file whose name ends in .prom, or :PORT or HOST:PORT to serve it while the command runs."""

    @property
    def traces(self) -> Traces:
        """The plain file to read."""
        return Traces(self.source, self.split, self.config, self.map, self.shape, self.bad_rows)

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The checks to run."""
        raise AssertionError("a stage says which checks it runs")


def check_source(
    options: CheckOptions,
    required: Collection[str],
    command: Command,
    place: ShardPlace | None = None,
    board: Board | None = None,
) -> Iterator[tuple[Run, str]]:
    """Run the checks; yield each run and name of samples once they are done.

    required: parts that a plain file must have, as answer. command: which asks, since its last checks decide in a mix.
    place: where shards are judged. board: told what is judged. The run of a plain file is gone once the next item is asked for.
    """
    if is_run(options.source):
        if options.out is not None:
            raise UserError(
                f"--out is for a plain file; verdicts on the run '{options.source}' are kept in the run."
            )
        run = open_run(options.source)
        for name in choose_names(run, options.name):
            run_checks(
                run, name, options.specs, options.workers, options.retry_undecided, command, place, board
            )
            warn_unreadable(run, name, options.specs)
            yield run, name
        return
    out = _checked_out(options)
    _refuse_compared(options)
    with make_fleeting_folder(out) as folder:
        run = Run(folder, temporary=True)
        counts = _import_file(run, options, _required_parts(options.specs, required), out)
        specs = [_take_as_prompts(spec) if all(counts.bare) else spec for spec in options.specs]
        run_checks(run, FILE, specs, options.workers, place=place, board=board)
        _write_file(run, options, counts, out)
        warn_unreadable(run, FILE, options.specs)
        yield run, FILE
    logger.info(f"wrote {out}")


def _import_file(run: Run, options: CheckOptions, required: Collection[str], out: Path) -> ImportCounts:
    traces = options.traces
    reader = traces.make_reader(judges_prompts(options.specs))
    counts = import_rows(run, FILE, traces.read_rows(), required, keep_all=True, reader=reader)
    beside = name_bad_rows(out)
    if options.bad_rows == "skip":
        beside.unlink(missing_ok=True)  # of an earlier call
    if counts.unreadable:
        (run.samples(FILE) / REJECTED_FILE).replace(beside)
        logger.warning(f"The rows that were set aside are in {beside}.")
    if not counts.samples:
        raise UserError(f"No row of '{options.source}' could be read.")
    return counts


def _write_file(run: Run, options: CheckOptions, counts: ImportCounts, out: Path) -> None:
    labels = list(dict.fromkeys([*counts.given, *(spec.label for spec in options.specs)]))
    writer = WriteBack(run, FILE, counts, labels)
    tables = read_tables(options.source, options.split, options.config) if out.suffix == ".parquet" else None
    if tables is None:
        writer.write_rows(read_rows(options.source, options.split, config=options.config), out)
    else:
        writer.write_tables(tables, out)
    for name, kept in writer.renamed.items():
        logger.info(
            f"The column '{name}' of '{options.source}' means something else here, and is kept as '{kept}'."
        )


def name_bad_rows(out: Path) -> Path:
    """Where the rows that fit no shape are set aside: beside the output."""
    return out.with_name(
        f"{out.name.removesuffix('.gz').removesuffix('.zst').removesuffix('.jsonl').removesuffix('.parquet')}.bad.jsonl"
    )


def peek_source(options: CheckOptions) -> PeekResult:
    """The first samples of a plain file, as they were read."""
    if is_run(options.source):
        raise UserError(
            f"--peek is for a plain file; '{options.source}' is a run: see its samples with explain."
        )
    assert options.peek is not None
    return peek_samples(options.traces, options.peek, judges_prompts(options.specs))


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
    if not out.name.endswith(OUTPUTS):
        raise UserError(f"--out {out}: the name must end in {', '.join(OUTPUTS)}.")
    if out.absolute() == source.absolute():
        raise UserError(f"--out {out} is the input itself; name another file.")
    if source.is_dir() and out.resolve().is_relative_to(source.resolve()):
        raise UserError(
            f"--out {out} lies in the input's folder, of which it would be a part; name a file elsewhere."
        )
    if not out.absolute().parent.is_dir():
        raise UserError(f"--out {out}: there is no folder '{out.absolute().parent}'.")
    return out


def judges_prompts(specs: Sequence[CheckSpec]) -> bool:
    """Whether all checks judge prompts alone, so that no response is needed."""
    return not any(spec.build().reads_response for spec in specs)


def _take_as_prompts(spec: CheckSpec) -> CheckSpec:
    """The check on a file of prompts alone: rows of one prompt are no samples of it there, unless that is said."""
    if spec.check != NearDuplicate.name or "rows" in spec.options:
        return spec
    return spec.model_copy(update={"options": {**spec.options, "rows": "prompts"}})


def _refuse_compared(options: CheckOptions) -> None:
    """Refuse a file that a check compares with: all of it would be found in itself."""
    source = Path(options.source).resolve()
    for spec in options.specs:
        for file in spec.build().compared_files:
            if file.resolve() == source or source in file.resolve().parents:
                raise UserError(
                    f"'{spec.label}' would compare '{options.source}' with itself ('{file}'); name other files to compare with."
                )


def _required_parts(specs: Sequence[CheckSpec], required: Collection[str]) -> set[str]:
    """What a file must have: checks on whole prompts need them to tell prompts apart; only who compares needs an answer."""
    checks = [spec.build() for spec in specs]
    prompts = ["prompt"] if any(map(_needs_prompt, checks)) else []
    compare = [check for check in checks if check.scope == "sample" and check.needs_reference]
    return {*(required if compare else ()), *prompts}


def _needs_prompt(check: Check) -> bool:
    if isinstance(check, SetCheck):
        return check.reads_prompt
    return check.scope == "prompt" or not check.reads_response
