"""`evaluate`: generate and verify under another name, then statistics.

The DeepSeek-R1 paper samples k responses per question at temperature 0.6 and top_p 0.95, and reports pass@1 as
their mean and cons@k as the accuracy of the majority answer (arXiv 2501.12948, section 3). Of programs there is no
majority; there, and of answers too, pass@k says how often one of k samples is correct.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table

from curate.cluster.places import open_place
from curate.cluster.slurm import Given, sample_in_array
from curate.intervals import format_interval, format_percent
from curate.monitoring.outlets import open_board
from curate.reporting.evaluation_notes import list_notes
from curate.sampling.budget import Counts
from curate.sampling.plan_sampling import plan_sampling
from curate.sampling.run_sampler import SamplingWork, sample_prompts
from curate.sampling.stopping import StoppingRule
from curate.stage_results import StageResult
from curate.store.layout import EVALUATION, create_run
from curate.store.whole_files import read_json, write_json
from distill.evaluation.benchmarks import resolve_benchmark
from distill.evaluation.deciding_check import read_prompts
from distill.evaluation.metrics import compute_gain, compute_metrics, is_unfinished, list_grades
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.outcomes import list_outcomes
from distill.evaluation.trained_on import TrainingSource, compare_with_training, find_training_sources
from filters.errors import UserError
from filters.spec import require_distinct_labels
from filters.types import Prompt

SHOWN: Final = 3
"""Rows of pass@k in the table, the largest k."""


@dataclass(frozen=True, slots=True)
class EvaluateResult(StageResult):
    """An evaluation: its file, what that holds, and what this call sampled (None where nothing was missing)."""

    path: Path
    metrics: Mapping[str, Any]
    counts: Counts | None

    def render(self) -> Iterator[RenderableType]:
        """What was sampled in a sentence, the statistics, and what is to be known of them."""
        if self.counts is not None:
            yield self.counts.summarize()
        yield _table(self.metrics)
        yield from list_notes(self.metrics)

    @property
    def exit_code(self) -> int:
        """1 where the same command would make more samples."""
        return 1 if is_unfinished(self.metrics) else 0


def evaluate_model(options: EvaluateOptions) -> EvaluateResult:
    """Sample k responses per prompt at temperature 0.6 and top_p 0.95; report pass@1, pass@k and cons@k with 95% intervals.

    Reads prompts with the columns prompt and answer (rename with --map), or with tests for programs, as HumanEval's,
    MBPP's and LiveCodeBench's files have them; `--prompts humaneval` is openai/openai_humaneval, `mbpp`
    google-research-datasets/mbpp (sanitized), `livecodebench` livecodebench/code_generation_lite on the Hub.
    Prompts that stand in what the model was trained on are counted and the score without them is told beside it.
    Writes RUN/samples/eval-NAME with verdicts, and RUN/evals/NAME/metrics.json.

    Example: r1curate evaluate --run runs/r1 --name student --prompts aime.jsonl --model my-student --samples 64
    """
    earlier = _earlier(options)
    _find_sources(options)
    work, options, prompts = _plan(options)
    with open_board(options.metrics, "evaluate") as board, open_place(options.on) as place:
        counts = sample_prompts(replace(work, board=board), prompts, place)
    return _measure(options, work, prompts, earlier, counts)


def evaluate_in_array(options: EvaluateOptions, command: Sequence[str]) -> StageResult:
    """Write the jobs by which Slurm runs a command line, or do the work of one; the statistics are the last job's."""
    earlier = _earlier(options)
    _find_sources(options)
    work, options, prompts = _plan(options)
    given = Given("evaluate", options.on, options.sbatch, command)
    return sample_in_array(given, work, prompts, partial(_measure, options, work, prompts, earlier))


def _measure(
    options: EvaluateOptions,
    work: SamplingWork,
    prompts: Sequence[Prompt],
    earlier: tuple[Any, Any] | None,
    counts: Counts | None,
) -> EvaluateResult:
    """The statistics once all is sampled, compared with those of an earlier evaluation."""
    run, name, specs = work.run, work.name, options.check
    outcomes = list_outcomes(run, name, specs, prompts, options.samples)
    contamination = compare_with_training(prompts, _find_sources(options))
    metrics, grades = compute_metrics(options, outcomes, contamination), list_grades(outcomes)
    if earlier is not None:
        metrics["gain"] = compute_gain(earlier[1], grades, earlier[0], metrics)
    write_json(run.evaluation_grades(options.name), grades)
    path = run.evaluation_metrics(options.name)
    write_json(path, metrics)
    return EvaluateResult(path, metrics, counts)


def _plan(options: EvaluateOptions) -> tuple[SamplingWork, EvaluateOptions, Sequence[Prompt]]:
    """What is to be sampled, the options with what the prompts say of the check, and the prompts."""
    run, options = create_run(options.run), resolve_benchmark(options)
    for spec in require_distinct_labels(options.check):
        if spec.build().scope == "set":
            raise UserError(
                f"'{spec.label}' compares all samples of a set and says nothing of a model: run it with filter."
            )
    options, prompts = read_prompts(options)
    work = plan_sampling(
        run, f"{EVALUATION}{options.name}", StoppingRule(samples=options.samples), options.engine,
        options.sampling, options.check, options.workers, retry_refused=options.retry_refused,
    )  # fmt: skip
    return work, options, prompts


def _find_sources(options: EvaluateOptions) -> list[TrainingSource]:
    """What the model was trained on; refused before any sampling where what is given is not there."""
    return find_training_sources(create_run(options.run), options.engine.model, options.trained_on)


def _earlier(options: EvaluateOptions) -> tuple[Any, Any] | None:
    """The metrics and grades of the evaluation to compare with; refused before any sampling where there is none."""
    if options.before is None:
        return None
    run = create_run(options.run)
    earlier = read_json(run.evaluation_grades(options.before))
    if earlier is None:
        raise UserError(f"'{options.run}' has no evaluation '{options.before}' to compare with.")
    return read_json(run.evaluation_metrics(options.before)) or {}, earlier


def _table(metrics: Mapping[str, Any]) -> Table:
    gain, asked = metrics["gain"], metrics["prompts_asked"]
    table = Table(show_header=False, title=f"{metrics['name']}, in percent with 95% intervals")
    table.add_row("pass@1", _format_estimate(metrics["pass@1"], f"{asked:,} prompts"))
    if gain is not None:
        shared = f"{gain['shared']:,} shared prompts"
        said = _format_estimate(gain, shared, "+")
        table.add_row(f"gain over {metrics['before']}", said if gain["left_out"] else f"{said} over {shared}")
    for k, found in [*metrics["pass@k"].items()][1:][-SHOWN:]:
        table.add_row(f"pass@{k}", _format_estimate(found, f"{asked:,} prompts"))
    if metrics["cons@k"] is not None:
        table.add_row(
            f"cons@{metrics['samples_per_prompt']}", _format_estimate(metrics["cons@k"], f"{asked:,} prompts")
        )
    for label, share in metrics["checks"].items():
        table.add_row(label, "undecided" if share is None else format_percent(share))
    for fate in ("refused", "stopped", "failed", "missing"):
        if metrics["samples"][fate]:
            table.add_row(
                f"samples {fate}", f"{metrics['samples'][fate]:,} of {metrics['samples']['asked']:,}"
            )
    table.add_row("samples undecided", str(metrics["undecided"]))
    return table


def _format_estimate(found: Mapping[str, Any], of: str, sign: str = "") -> str:
    """A value, its interval, and what it is over where that is not all."""
    if found["value"] is None:
        return f"undecided of all {of}"
    said = format_interval((found["value"], found["low"], found["high"]), sign)
    return f"{said} over {found['counted']:,} of {of}" if found["left_out"] else said
