"""`verify` and `filter`: run checks over a run's samples, or over a plain file.

A plain file becomes a temporary run, so that there is one code path; its rows are written back in order,
their other columns untouched, with `verdicts` and `kept`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field
from rich.table import Table

from curate.adopt import adopt
from curate.audit import audit
from curate.checks import CheckSpec, Spec, distinct, spec_of
from curate.console import emit, note
from curate.filter_audit import audit_filters
from curate.folder import Run, open_run, parts, writing_aside
from curate.inputs import ColumnMap, read_rows
from curate.judging import judge_samples
from curate.options import StageOptions
from curate.references import note_unreadable
from curate.tables import chunks, scan
from curate.tallies import tally
from filters.vocabulary import UserError

ROWS = 10_000
"""Rows written at once to Parquet."""


class CheckingOptions(StageOptions):
    """What `verify` and `filter` share."""

    arguments = ("source",)

    source: str
    """A run folder, a file (JSON Lines, JSON, CSV, Parquet), a datasets folder or a Hub set."""
    name: str | None = None
    """Which samples of the run: the name given to generate; none means all."""
    out: Path | None = None
    """For a plain file: where its rows go with their verdicts (.jsonl or .parquet)."""
    map: ColumnMap = Field(default_factory=dict)
    """Column names of a plain file, as ours=theirs. Repeatable."""
    split: str = "train"
    """The split of a data set."""
    workers: int | None = Field(None, gt=0)
    """Processes that check; none means one a core."""
    retry_undecided: bool = False
    """Ask again where an earlier try could not decide."""

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The checks to run."""
        raise AssertionError("a stage says which checks it runs")


class VerifyOptions(CheckingOptions):
    """Check whether answers are correct."""

    check: tuple[Spec, ...] = (spec_of("math_answer"),)
    """A check, as NAME or NAME:option=value,…; math_answer unless given. Repeatable."""
    audit: bool = False
    """Measure how often the check errs: on its own references, near misses of them, and by a second rule. Kept in RUN/verdicts/NAME/audit.json."""

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The verifiers."""
        return distinct(self.check)


READABLE = ("format", "language", "overlong", "paragraphs", "code_blocks", "repetition", "boilerplate")


class FilterOptions(CheckingOptions):
    """Check whether chains are readable."""

    check: tuple[Spec, ...] = tuple(map(spec_of, READABLE))
    """A check, as NAME or NAME:option=value,…; unless given: format, language, overlong, paragraphs, code_blocks, repetition, boilerplate. Repeatable."""
    audit: int | None = Field(None, gt=0)
    """Show so many random samples of each reason and of those kept, and ask whether that is right; runs only."""

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The filters."""
        return distinct(self.check)


def verify(options: VerifyOptions) -> None:
    """Check whether answers are correct, by rules or by a judge.

    Reads the samples of a run, or a file with the columns answer and response (rename with --map).
    Writes RUN/verdicts/NAME/CHECK, or every row of the file to --out with `verdicts` and `kept`.

    Example: r1curate verify answers.jsonl --check math_answer --out verified.jsonl
    """
    _check(options, required=("answer", "response"))


def filter_samples(options: FilterOptions) -> None:
    """Check whether chains are readable: format, one language, no overlong, code-laden, looping or stock text.

    Reads the samples of a run, or a file with the column response (and prompt, for its language).
    Writes RUN/verdicts/NAME/CHECK, or every row of the file to --out with `verdicts` and `kept`.

    Example: r1curate filter chains.jsonl --check language --check overlong:max_tokens=8192 --out filtered.jsonl
    """
    if options.audit and not _is_run(options.source):
        raise UserError(
            f"--audit needs a run folder, where its judgements are kept; '{options.source}' is none."
        )
    _check(options, required=("response",))
    if options.audit:
        run = open_run(options.source)
        for name in _chosen(run, options.name):
            audit_filters(run, name, [spec.label for spec in options.specs], options.audit)


def _check(options: CheckingOptions, required: tuple[str, ...]) -> None:
    if _is_run(options.source):
        run = open_run(options.source)
        for name in _chosen(run, options.name):
            judge_samples(run, name, options.specs, options.workers, options.retry_undecided)
            _conclude(run, name, options)
        return
    if Path(options.source).is_dir() and options.out is None:
        raise UserError(
            f"'{options.source}' is no run folder: it holds no samples; for a data folder give --out FILE."
        )
    if options.out is None and not Path(options.source).exists():
        raise UserError(f"There is no run folder or file '{options.source}'.")
    if options.out is None:
        raise UserError(f"'{options.source}' is a plain file: say where its rows go with --out FILE.")
    if options.out.suffix not in (".jsonl", ".parquet"):
        raise UserError(f"--out {options.out}: the name must end in .jsonl or .parquet.")
    if options.out.absolute() == Path(options.source).absolute():
        raise UserError(f"--out {options.out} is the input itself; name another file.")
    beside = options.out.absolute().parent
    if not beside.is_dir():
        raise UserError(f"--out {options.out}: there is no folder '{beside}'.")
    with tempfile.TemporaryDirectory(prefix=".r1curate-", dir=beside) as folder:
        run = Run(Path(folder))
        rows = read_rows(options.source, options.split, options.map)
        adopt(run, "file", rows, _needed(options.specs, required), keep_all=True)
        judge_samples(run, "file", options.specs, options.workers)
        _write_back(run, options)
        _conclude(run, "file", options)
    note(f"wrote {options.out}")


def _chosen(run: Run, name: str | None) -> list[str]:
    """The samples named, or all that were generated: what a file brought is judged only when it is named."""
    if name is not None and not run.samples(name).is_dir():
        raise UserError(f"'{run.path}' has no samples '{name}'; {_names(run)}.")
    return (
        [name] if name else [n for n in run.sample_sets() if not (run.samples(n) / "adopted.json").exists()]
    )


def _conclude(run: Run, name: str, options: CheckingOptions) -> None:
    """Say what was found, and where it was asked for how far that can be trusted."""
    note_unreadable(run, name, options.specs)
    emit(summary(run, name, options.specs))
    if isinstance(options, VerifyOptions) and options.audit:
        audit(run, name, options.specs, options.workers)


def _needed(specs: Sequence[CheckSpec], required: tuple[str, ...]) -> tuple[str, ...]:
    """The columns a file must have: checks on whole prompts need them to tell prompts apart, not an answer."""
    scopes = {spec.build().scope for spec in specs}
    return ("prompt", "response") if scopes == {"prompt"} else required + ("prompt",) * ("prompt" in scopes)


def _is_run(source: str) -> bool:
    return (Path(source) / "samples").is_dir()


def _names(run: Run) -> str:
    return f"there are: {', '.join(run.sample_sets()) or 'none'}"


def _write_back(run: Run, options: CheckingOptions) -> None:
    assert options.out is not None
    rows = zip(read_rows(options.source, options.split), _verdicts(run, options.specs), strict=True)
    judged = ({**row.values, **verdicts} for row, verdicts in rows)
    with writing_aside(options.out) as aside:
        if options.out.suffix == ".jsonl":
            with aside.open("w", encoding="ascii") as file:
                file.writelines(json.dumps(row, default=str) + "\n" for row in judged)
        else:
            _write_parquet(aside, judged, options.out)


def _write_parquet(path: Path, rows: Iterator[dict[str, Any]], named: Path) -> None:
    writer = None
    try:
        for chunk in chunks(rows, ROWS):
            table = pa.Table.from_pylist(chunk, writer.schema if writer else None)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError) as error:
        raise UserError(f"{named}: the rows do not fit one Parquet schema ({error}); use .jsonl.") from None
    finally:
        if writer:
            writer.close()


def _verdicts(run: Run, specs: Sequence[CheckSpec]) -> Iterator[dict[str, Any]]:
    """For each row in order: {check: {ok, score, reason}} and whether every verdict is true."""
    for part in parts(run.samples("file")):
        tables = {
            spec.label: pq.read_table(
                run.verdicts("file") / spec.label / part.name, columns=["ok", "score", "reason"]
            )
            for spec in specs
        }
        for row in zip(*(table.to_pylist() for table in tables.values()), strict=True):
            verdicts = dict(zip(tables, row, strict=True))
            yield {"verdicts": verdicts, "kept": all(v["ok"] is True for v in row)}


def summary(run: Run, name: str, specs: Sequence[CheckSpec]) -> Table:
    """How many samples each check passed, rejected and could not decide, and its commonest reasons."""
    table = Table("check", "true", "false", "null", "reasons", title=f"{name}: verdicts")
    for spec in specs:
        counts, reasons = tally(scan(run.verdicts(name) / spec.label))
        said = ", ".join(f"{rule} {count:,}" for rule, count in reasons[:4])
        table.add_row(spec.label, *(f"{counts[ok]:,}" for ok in (True, False, None)), said)
    return table
