"""`verify`: whether answers are correct, by rules or by a judge; of a run, a file, or one pair given by hand."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import RenderableType

from curate.audit.judge_audit import audit_judges
from curate.audit.rates import ErrorRates
from curate.audit.verifier_audit import audit_table, audit_verifiers, reference_table
from curate.calibration.calibration import Calibration
from curate.calibration.told_rows import judge_table
from curate.checking.one_pair import PairResult, judge_pair
from curate.checking.peek import PeekResult
from curate.checking.reference_kinds import ReferenceCounts
from curate.checking.run_or_file import CheckOptions, check_source, peek_source
from curate.cluster.places import open_place
from curate.cluster.slurm import Given, check_in_array
from curate.monitoring.outlets import open_board
from curate.repairs.repair import RepairCounts, repair_references, require_repairable
from curate.reporting.verdict_table import VerdictCounts, count_checks, verdict_table
from curate.stage_results import StageResult
from curate.store.layout import EVALUATION, is_run
from filters.errors import UserError
from filters.spec import CheckSpec, Spec, make_spec, require_distinct_labels

PAIR: Final = ("answer", "response", "prompt")
"""The options that give one pair."""
STDIN: Final = "-"
"""The response that stands for standard input."""


class VerifyOptions(CheckOptions):
    """Check whether answers are correct."""

    source: str = ""
    """A run folder, a file (JSON Lines, JSON, CSV, Parquet), a datasets folder or a Hub data set; none with --answer and --response."""
    answer: str | None = None
    """The reference answer of one pair that is judged by hand, in place of a source; with --response."""
    response: str | None = None
    """The response of the pair; - reads it from standard input."""
    prompt: str | None = None
    """What was asked, where it says how an answer is to be read: options, units, a form."""
    check: tuple[Spec, ...] = (make_spec("math_answer"),)
    """A check, as NAME or NAME:option=value,… Repeatable."""
    audit: bool = False
    """Estimate the check's error rates: on the references themselves (of programs: on the rows' own solutions), on near misses of them, and against a second rule; and count the references by kind. A judge is tried on known cases anew. Stored in RUN/verdicts/NAME/audit.json."""

    repair: bool = False
    """Put references that all samples of their prompt speak against to the judge among the checks, and keep what it agrees with beside the prompts: rules judge anew under LABEL@repaired, which mix takes as checks=LABEL@repaired."""

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The verifiers."""
        return require_distinct_labels(self.check)


@dataclass(frozen=True, slots=True)
class CheckResult(StageResult):
    """What checks said.

    verdicts: counts by the samples' name. out: the file that was written, for a plain file. audits: error rates
    by the samples' name, where they were asked for. references: beside them, by the samples' name and the check's
    label, how many references are of which kind. judges: how often those err, by the same two. repairs: what became of
    doubtful references, by the samples' name.
    """

    verdicts: Mapping[str, Sequence[VerdictCounts]]
    out: Path | None
    audits: Mapping[str, ErrorRates]
    references: Mapping[str, Mapping[str, ReferenceCounts]] = field(default_factory=dict)
    judges: Mapping[str, Mapping[str, Calibration]] = field(default_factory=dict)
    repairs: Mapping[str, RepairCounts] = field(default_factory=dict)

    def render(self) -> Iterator[RenderableType]:
        """A table per name, its audit after it."""
        for name, counts in self.verdicts.items():
            yield verdict_table(name, counts)
            if name in self.audits:
                yield audit_table(name, self.audits[name])
            if self.references.get(name):
                yield reference_table(name, self.references[name])
            if self.judges.get(name):
                yield judge_table(name, self.judges[name])
            if name in self.repairs:
                yield self.repairs[name].describe(name)


def verify_samples(options: VerifyOptions) -> CheckResult | PeekResult | PairResult:
    """Check whether answers are correct, by rules or by a judge; of one pair, show what was extracted and which rule decided.

    Reads the samples of a run, or a file of samples in any known shape (--map names columns that are not known),
    or one pair: --answer and --response.
    Writes RUN/verdicts/NAME/CHECK, or every row of the file to --out with `verdicts` and `kept`; of one pair nothing.

    Example: r1curate verify answers.jsonl --check math_answer --out verified.jsonl

    Example: r1curate verify --answer 3/4 --response "The answer is 0.75."
    """
    if any(getattr(options, name) is not None for name in PAIR):
        return _judge_pair(options)
    if not options.source:
        raise UserError(
            "Missing argument 'SOURCE': give a run or a file, or one pair as --answer A --response R; see r1curate verify --help."
        )
    if options.peek is not None:
        return peek_source(options)
    if options.repair:
        _require_repairable(options)
    verdicts, audits, references, judges, repairs = {}, {}, {}, {}, {}
    with open_board(options.metrics, "verify") as board, open_place(options.on) as place:
        shards = None if place is None else place.shards
        for run, name in check_source(options, ("answer",), "verify", shards, board):
            if options.audit:
                judges[name] = audit_judges(run, name, options.specs, options.workers)
                audits[name], references[name] = audit_verifiers(
                    run, name, options.specs, options.workers, judges[name]
                )
            if options.repair and not name.startswith(EVALUATION):
                repairs[name] = repair_references(run, name, options.specs, options.workers)
            verdicts[name] = count_checks(run, name, [spec.label for spec in options.specs])
    return CheckResult(verdicts, options.out, audits, references, judges, repairs)


def _require_repairable(options: VerifyOptions) -> None:
    """Refuse, before any work, what cannot be repaired."""
    if not is_run(options.source):
        raise UserError(
            "--repair is for the samples of a run: a plain file holds rows, whose answers stay as they are."
        )
    require_repairable(options.name, options.specs)


def verify_in_array(options: VerifyOptions, command: Sequence[str]) -> StageResult:
    """Write the jobs by which Slurm runs a command line, or do the work of one."""
    given = Given("verify", options.on, options.sbatch, command)
    here = options.model_copy(update={"on": "local"})
    return check_in_array(given, options, "verify", lambda: verify_samples(here))


def _judge_pair(options: VerifyOptions) -> PairResult:
    """Judge the pair that the options give. Raises UserError where they give more than that, or less."""
    if options.source:
        raise UserError(
            f"verify judges a run or a file, or one pair: give either '{options.source}' or --answer and --response."
        )
    if options.answer is None or options.response is None:
        lacks = "--answer A" if options.answer is None else "--response R"
        raise UserError(f"One pair is given as --answer A --response R; {lacks} is missing.")
    given = options.model_fields_set - {*PAIR, "source", "check", "workers"}
    other = next((name for name in type(options).model_fields if name in given), None)
    if other is not None:
        raise UserError(f"--{other.replace('_', '-')} is for a run or a file, not for one pair.")
    response = _read_stdin() if options.response == STDIN else options.response
    return judge_pair(options.answer, response, options.prompt or "", options.specs)


def _read_stdin() -> str:
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError:
        raise UserError("The response on standard input is not UTF-8 text.") from None
