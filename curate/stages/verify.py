"""`verify`: whether answers are correct, by rules or by a judge."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType

from curate.audit.rates import ErrorRates
from curate.audit.verifier_audit import audit_table, audit_verifiers
from curate.checking.peek import PeekResult
from curate.checking.run_or_file import CheckOptions, check_source, peek_source
from curate.reporting.verdict_table import VerdictCounts, count_checks, verdict_table
from curate.stage_results import StageResult
from filters.spec import CheckSpec, Spec, make_spec, require_distinct_labels


class VerifyOptions(CheckOptions):
    """Check whether answers are correct."""

    check: tuple[Spec, ...] = (make_spec("math_answer"),)
    """A check, as NAME or NAME:option=value,… Repeatable."""
    audit: bool = False
    """Estimate the check's error rates: on the references themselves (of programs: on the rows' own solutions), on near misses of them, and against a second rule. Stored in RUN/verdicts/NAME/audit.json."""

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The verifiers."""
        return require_distinct_labels(self.check)


@dataclass(frozen=True, slots=True)
class CheckResult(StageResult):
    """What checks said.

    verdicts: counts by the samples' name. out: the file that was written, for a plain file. audits: error rates
    by the samples' name, where they were asked for.
    """

    verdicts: Mapping[str, Sequence[VerdictCounts]]
    out: Path | None
    audits: Mapping[str, ErrorRates]

    def render(self) -> Iterator[RenderableType]:
        """A table per name, its audit after it."""
        for name, counts in self.verdicts.items():
            yield verdict_table(name, counts)
            if name in self.audits:
                yield audit_table(name, self.audits[name])


def verify_samples(options: VerifyOptions) -> CheckResult | PeekResult:
    """Check whether answers are correct, by rules or by a judge.

    Reads the samples of a run, or a file of samples in any known shape (--map names columns that are not known).
    Writes RUN/verdicts/NAME/CHECK, or every row of the file to --out with `verdicts` and `kept`.

    Example: r1curate verify answers.jsonl --check math_answer --out verified.jsonl
    """
    if options.peek is not None:
        return peek_source(options)
    verdicts, audits = {}, {}
    for run, name in check_source(options, ("answer",), "verify"):
        verdicts[name] = count_checks(run, name, [spec.label for spec in options.specs])
        if options.audit:
            audits[name] = audit_verifiers(run, name, options.specs, options.workers)
    return CheckResult(verdicts, options.out, audits)
