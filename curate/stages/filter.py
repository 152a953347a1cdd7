"""`filter`: whether chains are readable."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from curate.audit.filter_audit import audit_filters
from curate.checking.peek import PeekResult
from curate.checking.run_or_file import CheckOptions, check_source, peek_source
from curate.cluster.places import open_place
from curate.cluster.slurm import Given, check_in_array
from curate.monitoring.outlets import open_board
from curate.reporting.verdict_table import count_checks
from curate.stage_results import StageResult
from curate.stages.verify import CheckResult
from curate.store.layout import is_run
from filters.errors import UserError
from filters.registry import list_default_filters
from filters.spec import CheckSpec, Spec, make_spec, require_distinct_labels


class FilterOptions(CheckOptions):
    """Check whether chains are readable."""

    check: tuple[Spec, ...] = tuple(map(make_spec, list_default_filters()))
    """A check, as NAME or NAME:option=value,… Repeatable."""
    audit: int | None = Field(default=None, gt=0)
    """Show N random samples of each rejection reason and of those kept, and ask you whether each is right; for runs only."""

    @property
    def specs(self) -> tuple[CheckSpec, ...]:
        """The filters."""
        return require_distinct_labels(self.check)


def filter_samples(options: FilterOptions) -> CheckResult | PeekResult:
    """Check whether chains are readable: format, one language, no overlong, code-laden, looping or stock text.

    Reads the samples of a run, or a file of samples in any known shape (--map names columns that are not known).
    Writes RUN/verdicts/NAME/CHECK, or every row of the file to --out with `verdicts` and `kept`.

    Example: r1curate filter chains.jsonl --check language --check overlong:max_tokens=8192 --out filtered.jsonl
    """
    if options.peek is not None:
        return peek_source(options)
    if options.audit and not is_run(options.source):
        raise UserError(
            f"--audit needs a run folder, where its judgements are kept; '{options.source}' is not one."
        )
    labels = [spec.label for spec in options.specs]
    verdicts, runs = {}, {}
    with open_board(options.metrics, "filter") as board, open_place(options.on) as place:
        shards = None if place is None else place.shards
        for run, name in check_source(options, (), "filter", shards, board):
            verdicts[name], runs[name] = count_checks(run, name, labels), run
    if options.audit:
        for name, run in runs.items():
            audit_filters(run, name, labels, options.audit)
    return CheckResult(verdicts, options.out, {})


def filter_in_array(options: FilterOptions, command: Sequence[str]) -> StageResult:
    """Write the jobs by which Slurm runs a command line, or do the work of one."""
    if options.audit:
        raise UserError("--audit asks you, and a job has nobody to ask: give it once the jobs are done.")
    given = Given("filter", options.on, options.sbatch, command)
    here = options.model_copy(update={"on": "local"})
    return check_in_array(given, options, "filter", lambda: filter_samples(here))
