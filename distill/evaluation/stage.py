"""`evaluate`: generate and verify under another name, then statistics.

The DeepSeek-R1 paper samples k responses per question at temperature 0.6 and top_p 0.95, and reports pass@1 as
their mean and cons@k as the accuracy of the majority answer (arXiv 2501.12948, section 3).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from rich.console import RenderableType
from rich.table import Table

from curate.sampling.budget import Counts
from curate.sampling.run_sampler import sample_prompts
from curate.sampling.stopping import StoppingRule
from curate.stage_results import StageResult
from curate.store.joined import join_part, join_samples, verdict_column
from curate.store.layout import EVALUATION, Run, list_parts
from curate.store.whole_files import read_json, write_json
from distill.evaluation.metrics import Outcome, compute_gain, compute_metrics, list_grades
from distill.evaluation.options import EvaluateOptions
from filters.answers.compare.equality import group_answers
from filters.answers.extract.final_answer import extract_answer
from filters.errors import UserError
from filters.spec import CheckSpec, require_distinct_labels
from filters.think import split_response
from filters.types import Prompt


@dataclass(frozen=True, slots=True)
class EvaluateResult(StageResult):
    """An evaluation: its file, what that holds, and what this call sampled (None where nothing was missing)."""

    path: Path
    metrics: Mapping[str, Any]
    counts: Counts | None

    def render(self) -> Iterator[RenderableType]:
        """What was sampled in a sentence, then the statistics."""
        if self.counts is not None:
            yield self.counts.summarize()
        yield _table(self.metrics)


def evaluate_model(options: EvaluateOptions) -> EvaluateResult:
    """Sample k responses per prompt at temperature 0.6 and top_p 0.95; report pass@1 and cons@k with 95% intervals.

    Reads prompts with the columns prompt and answer (rename with --map).
    Writes RUN/samples/eval-NAME with verdicts, and RUN/evals/NAME/metrics.json.

    Example: r1curate evaluate --run runs/r1 --name student --prompts aime.jsonl --model my-student --samples 64
    """
    run, specs = Run(options.run), require_distinct_labels(options.check)
    earlier = _earlier(run, options)
    prompts = list(options.read_prompts(("prompt", "answer")))
    name, rule = f"{EVALUATION}{options.name}", StoppingRule(samples=options.samples)
    counts = sample_prompts(
        run, name, prompts, rule, options.engine, options.sampling, specs, options.workers
    )
    outcomes = list(_outcomes(run, name, options, prompts))
    metrics, grades = compute_metrics(options, outcomes), list_grades(outcomes)
    write_json(run.evaluation_grades(options.name), grades)
    if options.before is not None:
        metrics["gain"] = compute_gain(earlier, grades, options.before)
    path = run.evaluation_metrics(options.name)
    write_json(path, metrics)
    return EvaluateResult(path, metrics, counts)


def _outcomes(run: Run, name: str, options: EvaluateOptions, prompts: list[Prompt]) -> Iterator[Outcome]:
    """The samples that this evaluation asked for; an earlier one of that name may have left more in the run."""
    by_id = {prompt.id: prompt for prompt in prompts}
    wanted = pl.col("prompt_id").is_in(list(by_id)) & (pl.col("index") < options.samples)
    labels = [spec.label for spec in options.check]
    columns = ("prompt_id", "response", "tokens", "finish")
    parts = list_parts(run.samples(name))
    if parts:
        join_samples(run, name, (), (), where=wanted)  # refuses a sample that stands in two parts
    for part in parts:
        rows = join_part(run, name, part, labels, columns, ("ok", "score"), wanted)
        for (prompt_id,), group in rows.group_by("prompt_id", maintain_order=True):
            yield from _make_outcomes(by_id[str(prompt_id)], group, options.check)


def _make_outcomes(prompt: Prompt, group: pl.DataFrame, specs: Sequence[CheckSpec]) -> Iterator[Outcome]:
    responses = zip(group["response"], group["finish"], strict=True)
    answers = [extract_answer(split_response(response, finish)).text for response, finish in responses]
    classes = iter(group_answers([answer for answer in answers if answer]))
    values = {
        spec.label: verdict_column(spec.label, "score" if spec.build().graded else "ok") for spec in specs[1:]
    }
    for answer, row in zip(answers, group.iter_rows(named=True), strict=True):
        yield Outcome(
            prompt.id,
            prompt.domain,
            row[verdict_column(specs[0].label)],
            next(classes) if answer else None,
            row["tokens"],
            row["finish"] == "length",
            {label: float(row[column] or 0.0) for label, column in values.items()},
        )


def _earlier(run: Run, options: EvaluateOptions) -> Any:
    """The grades of the evaluation to compare with; refused before any sampling where there is none."""
    if options.before is None:
        return None
    earlier = read_json(run.evaluation_grades(options.before))
    if earlier is None:
        raise UserError(f"'{options.run}' has no evaluation '{options.before}' to compare with.")
    return earlier


def _table(metrics: Mapping[str, Any]) -> Table:
    gain = metrics["gain"]
    table = Table(show_header=False, title=f"{metrics['name']}, in percent with 95% intervals")
    table.add_row("pass@1", format_interval(metrics["pass@1"]))
    if gain is not None:
        table.add_row(f"gain over {metrics['before']}", format_interval(gain, "+"))
    table.add_row(f"cons@{metrics['samples_per_prompt']}", format_interval(metrics["cons@k"]))
    for label, share in metrics["checks"].items():
        table.add_row(label, f"{100 * share:.1f}")
    table.add_row("samples undecided", str(metrics["undecided"]))
    return table


def format_interval(interval: Mapping[str, float], sign: str = "") -> str:
    """A value and its 95% interval, in percent."""
    value, low, high = (f"{100 * interval[key]:{sign}.1f}" for key in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"
