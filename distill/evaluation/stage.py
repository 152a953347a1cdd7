"""`evaluate_model` is generate and verify under another name, then statistics.

The paper samples k responses a question at temperature 0.6 and top_p 0.95 and reports pass@1 as their mean,
and cons@k as the accuracy of the majority answer (arXiv 2501.12948, section 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from pydantic import Field
from rich.console import RenderableType
from rich.table import Table

from curate.engines.identity import identify_engine
from curate.results import StageResult
from curate.sampling.budget import Counts
from curate.sampling.options import PromptedOptions
from curate.sampling.sample_prompts import sample_prompts
from curate.sampling.stopping import StoppingRule
from curate.store.files import read_json, write_json
from curate.store.joined import join_part, verdict_column
from curate.store.layout import EVALUATION, Run, list_parts
from distill.evaluation.statistics import (
    Estimate,
    estimate_cons_at_k,
    estimate_paired_difference,
    estimate_pass_at_1,
)
from filters.answers.compare.equality import group_answers
from filters.answers.extract.final_answer import extract_answer
from filters.engine import EvaluationSampling
from filters.errors import UserError
from filters.spec import CheckSpec, Spec, make_spec, require_distinct_labels
from filters.types import Prompt


class EvaluateOptions(PromptedOptions):
    """Measure a model."""

    name: str
    """What this evaluation is called."""
    samples: int = Field(16, gt=0)
    """Responses a prompt (k)."""
    before: str | None = None
    """The name of an evaluation on the same prompts that this one is compared with."""
    check: tuple[Spec, ...] = (make_spec("math_answer"),)
    """Checks; the first says what is correct, of the others the share that passes, or the mean score of one that grades, is reported. Repeatable."""
    split: str = "test"
    """The split of a data set."""
    sampling: EvaluationSampling = EvaluationSampling()


class Outcome(NamedTuple):
    """One sample of an evaluation; class_ groups equal answers of a prompt, None where there is no answer.

    values: of the checks but the first, 1 where it passed or the score of one that grades, else 0.
    """

    prompt_id: str
    domain: str
    ok: bool | None
    class_: int | None
    tokens: int | None
    truncated: bool
    values: Mapping[str, float]


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
    metrics = compute_metrics(options, outcomes)
    _compare(run, options, earlier, outcomes, metrics)
    path = run.evaluation_metrics(options.name)
    write_json(path, metrics)
    return EvaluateResult(path, metrics, counts)


def compute_metrics(options: EvaluateOptions, outcomes: list[Outcome]) -> dict[str, Any]:
    """The statistics of an evaluation, as metrics.json holds them."""
    if all(outcome.ok is None for outcome in outcomes):
        raise UserError(
            f"Evaluation '{options.name}': '{options.check[0].label}' could decide about none of the samples; "
            f"see why with r1curate report {options.run}."
        )
    overall = estimate_pass_at_1(_by_prompt(outcomes))
    votes = [[(o.class_, o.ok) for o in group] for group in _groups(outcomes)]
    counted = [o.tokens for o in outcomes if o.tokens is not None]
    labels = [spec.label for spec in options.check]
    domains = sorted({o.domain for o in outcomes if o.ok is not None})
    return {
        "name": options.name,
        "model": options.engine.model,
        "identity": identify_engine(options.engine),
        "prompts": len(votes),
        "samples_per_prompt": options.samples,
        "sampling": options.sampling.model_dump(mode="json"),
        "check": labels[0],
        "pass@1": _interval(overall),
        "cons@k": {"k": options.samples, **_interval(estimate_cons_at_k(votes))},
        "undecided": sum(o.ok is None for o in outcomes),
        "bounds": list(overall.bounds),
        "tokens_mean": sum(counted) / len(counted) if counted else None,
        "truncated": _share([o.truncated for o in outcomes]),
        "checks": {label: _share([o.values[label] for o in outcomes]) for label in labels[1:]},
        "by_domain": {domain: _domain(domain, outcomes) for domain in domains if len(domains) > 1},
        "before": options.before,
        "gain": None,
    }


def _outcomes(run: Run, name: str, options: EvaluateOptions, prompts: list[Prompt]) -> Iterator[Outcome]:
    """The samples that this evaluation asked for, whatever else an earlier one left in the run."""
    by_id = {prompt.id: prompt for prompt in prompts}
    wanted = pl.col("prompt_id").is_in(list(by_id)) & (pl.col("index") < options.samples)
    labels = [spec.label for spec in options.check]
    columns = ("prompt_id", "response", "tokens", "finish")
    for part in list_parts(run.samples(name)):
        rows = join_part(run, name, part, labels, columns, ("ok", "score"), wanted)
        for (prompt_id,), group in rows.group_by("prompt_id", maintain_order=True):
            yield from _graded(by_id[str(prompt_id)], group, options.check)


def _graded(prompt: Prompt, group: pl.DataFrame, specs: Sequence[CheckSpec]) -> Iterator[Outcome]:
    answers = [extract_answer(response).text for response in group["response"]]
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


def _groups(outcomes: list[Outcome]) -> list[list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.prompt_id].append(outcome)
    return list(groups.values())


def _by_prompt(outcomes: list[Outcome]) -> list[list[bool | None]]:
    return [[o.ok for o in group] for group in _groups(outcomes)]


def _domain(domain: str, outcomes: list[Outcome]) -> dict[str, Any]:
    grades = _by_prompt([o for o in outcomes if o.domain == domain])
    return {"prompts": len(grades), **_interval(estimate_pass_at_1(grades))}


def _earlier(run: Run, options: EvaluateOptions) -> Any:
    """The grades of the evaluation to compare with; refused before any sampling where there is none."""
    if options.before is None:
        return None
    earlier = read_json(run.evaluation_grades(options.before))
    if earlier is None:
        raise UserError(f"'{options.run}' has no evaluation '{options.before}' to compare with.")
    return earlier


def _compare(
    run: Run, options: EvaluateOptions, earlier: Any, outcomes: list[Outcome], metrics: dict[str, Any]
) -> None:
    """Keep the grades, and add the paired gain over the earlier evaluation on the prompts of both."""
    grades = {group[0].prompt_id: [o.ok for o in group] for group in _groups(outcomes)}
    write_json(run.evaluation_grades(options.name), grades)
    if earlier is None:
        return
    both = [key for key in grades if key in earlier]
    if not both:
        raise UserError(f"Evaluation '{options.before}' was on other prompts: there is nothing to compare.")
    gain = estimate_paired_difference([earlier[key] for key in both], [grades[key] for key in both])
    metrics["gain"] = _interval(gain)


def _interval(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _share(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


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
