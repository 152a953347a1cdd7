"""`evaluate` is generate and verify under another name, then statistics.

The paper samples k responses a question at temperature 0.6 and top_p 0.95 and reports pass@1 as their mean,
and cons@k as the accuracy of the majority answer (arXiv 2501.12948, section 3).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import polars as pl
from pydantic import Field
from rich.table import Table

from curate.checks import Spec, distinct, spec_of
from curate.console import emit
from curate.engines import engine_identity
from curate.folder import Run, parts, read_json, write_json
from curate.generate import PromptedOptions, sample
from curate.judging import sidecar
from curate.stopping import StoppingRule
from distill.statistics import Estimate, cons_at_k, paired_difference, pass_at_1
from filters.answers.equality import answer_classes
from filters.answers.extract import extract
from filters.engine import EvaluationSampling
from filters.vocabulary import Prompt, UserError


class EvaluateOptions(PromptedOptions):
    """Measure a model."""

    name: str
    """What this evaluation is called."""
    samples: int = Field(16, gt=0)
    """Responses a prompt (k)."""
    before: str | None = None
    """The name of an evaluation on the same prompts that this one is compared with."""
    check: tuple[Spec, ...] = (spec_of("math_answer"),)
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


def evaluate(options: EvaluateOptions) -> None:
    """Sample k responses a prompt at temperature 0.6 and top_p 0.95; report pass@1 and cons@k with 95% intervals.

    Reads prompts with the columns prompt and answer (rename with --map).
    Writes RUN/samples/eval-NAME with verdicts, and RUN/evals/NAME/metrics.json.

    Example: r1curate evaluate --run runs/r1 --name student --prompts aime.jsonl --model my-student --samples 64
    """
    run, specs = Run(options.run), distinct(options.check)
    earlier = _earlier(run, options)
    prompts = list(options.read_prompts(("prompt", "answer")))
    name = f"eval-{options.name}"
    sample(
        run, name, prompts, StoppingRule(samples=options.samples), options.engine, options.sampling, specs, options.workers
    )  # fmt: skip
    outcomes = list(_outcomes(run, name, options, prompts))
    metrics = measure(options, outcomes)
    _compare(run, options, earlier, outcomes, metrics)
    write_json(run.evaluation(options.name) / "metrics.json", metrics)
    emit(_table(metrics))


def measure(options: EvaluateOptions, outcomes: list[Outcome]) -> dict[str, Any]:
    """The statistics of an evaluation, as metrics.json holds them."""
    if all(outcome.ok is None for outcome in outcomes):
        raise UserError(
            f"Evaluation '{options.name}': '{options.check[0].label}' could decide about none of the samples; "
            f"see why with r1curate report {options.run}."
        )
    overall = pass_at_1(_by_prompt(outcomes))
    votes = [[(o.class_, o.ok) for o in group] for group in _groups(outcomes)]
    counted = [o.tokens for o in outcomes if o.tokens is not None]
    labels = [spec.label for spec in options.check]
    domains = sorted({o.domain for o in outcomes if o.ok is not None})
    return {
        "name": options.name,
        "model": options.engine.model,
        "identity": engine_identity(options.engine),
        "prompts": len(votes),
        "samples_per_prompt": options.samples,
        "sampling": options.sampling.model_dump(mode="json"),
        "check": labels[0],
        "pass@1": _interval(overall),
        "cons@k": {"k": options.samples, **_interval(cons_at_k(votes))},
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
    for part in parts(run.samples(name)):
        frames = [pl.scan_parquet(part)]
        for spec in options.check:
            value = pl.col("score" if spec.build().graded else "ok").cast(pl.Float64).fill_null(0.0)
            verdicts = pl.scan_parquet(sidecar(run, name, spec.label, part))
            frames.append(
                verdicts.select(pl.col("ok").alias(f"={spec.label}"), value.alias(f"~{spec.label}"))
            )
        wanted = pl.col("prompt_id").is_in(list(by_id)) & (pl.col("index") < options.samples)
        rows = pl.concat(frames, how="horizontal").filter(wanted).collect()
        for (prompt_id,), group in rows.group_by("prompt_id", maintain_order=True):
            yield from _graded(by_id[str(prompt_id)], group, [spec.label for spec in options.check])


def _graded(prompt: Prompt, group: pl.DataFrame, labels: list[str]) -> Iterator[Outcome]:
    answers = [extract(response).text for response in group["response"]]
    classes = iter(answer_classes([answer for answer in answers if answer]))
    for answer, row in zip(answers, group.iter_rows(named=True), strict=True):
        yield Outcome(
            prompt.id,
            prompt.domain,
            row[f"={labels[0]}"],
            next(classes) if answer else None,
            row["tokens"],
            row["finish"] == "length",
            {label: row[f"~{label}"] for label in labels[1:]},
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
    return {"prompts": len(grades), **_interval(pass_at_1(grades))}


def _earlier(run: Run, options: EvaluateOptions) -> Any:
    """The grades of the evaluation to compare with; refused before any sampling where there is none."""
    if options.before is None:
        return None
    earlier = read_json(run.evaluation(options.before) / "grades.json")
    if earlier is None:
        raise UserError(f"'{options.run}' has no evaluation '{options.before}' to compare with.")
    return earlier


def _compare(
    run: Run, options: EvaluateOptions, earlier: Any, outcomes: list[Outcome], metrics: dict[str, Any]
) -> None:
    """Keep the grades, and add the paired gain over the earlier evaluation on the prompts of both."""
    grades = {group[0].prompt_id: [o.ok for o in group] for group in _groups(outcomes)}
    write_json(run.evaluation(options.name) / "grades.json", grades)
    if earlier is None:
        return
    both = [key for key in grades if key in earlier]
    if not both:
        raise UserError(f"Evaluation '{options.before}' was on other prompts: there is nothing to compare.")
    gain = paired_difference([earlier[key] for key in both], [grades[key] for key in both])
    metrics["gain"] = _interval(gain)


def _interval(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _share(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _table(metrics: Mapping[str, Any]) -> Table:
    gain = metrics["gain"]
    table = Table(show_header=False, title=f"{metrics['name']}, in percent with 95% intervals")
    table.add_row("pass@1", shown(metrics["pass@1"]))
    if gain is not None:
        table.add_row(f"gain over {metrics['before']}", shown(gain, "+"))
    table.add_row(f"cons@{metrics['samples_per_prompt']}", shown(metrics["cons@k"]))
    for label, share in metrics["checks"].items():
        table.add_row(label, f"{100 * share:.1f}")
    table.add_row("samples undecided", str(metrics["undecided"]))
    return table


def shown(interval: Mapping[str, float], sign: str = "") -> str:
    """A value and its 95% interval, in percent."""
    value, low, high = (f"{100 * interval[key]:{sign}.1f}" for key in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"
