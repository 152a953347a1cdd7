"""The statistics of an evaluation, as its metrics.json holds them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from curate.engines.identity import identify_engine
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.pass_at_1 import (
    Estimate,
    estimate_cons_at_k,
    estimate_paired_difference,
    estimate_pass_at_1,
)
from filters.errors import UserError

Grades = Mapping[str, Sequence[bool | None]]
"""Of each prompt by its id: whether each sample is correct, None where that is undecided."""


class Outcome(NamedTuple):
    """One sample of an evaluation.

    class_: equal for equal answers to a prompt, None where there is no answer. values: for each check but the
    first, the score if it grades, else 1 where it passed and 0 where it did not.
    """

    prompt_id: str
    domain: str
    ok: bool | None
    class_: int | None
    tokens: int | None
    truncated: bool
    values: Mapping[str, float]


def compute_metrics(options: EvaluateOptions, outcomes: list[Outcome]) -> dict[str, Any]:
    """The statistics of an evaluation, without its gain over another. Raises UserError where no sample is decided."""
    if all(outcome.ok is None for outcome in outcomes):
        raise UserError(
            f"Evaluation '{options.name}': '{options.check[0].label}' could not decide about any sample; "
            f"r1curate report {options.run} shows why."
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


def list_grades(outcomes: list[Outcome]) -> dict[str, list[bool | None]]:
    """The grades of an evaluation, by prompt."""
    return {group[0].prompt_id: [o.ok for o in group] for group in _groups(outcomes)}


def compute_gain(before: Grades, after: Grades, name: str) -> dict[str, float]:
    """The paired gain of `after` over the evaluation `name` on the prompts of both, with its interval.

    Raises UserError where there are none.
    """
    both = [key for key in after if key in before]
    if not both:
        raise UserError(
            f"Evaluation '{name}' has no prompts in common with this one: there is nothing to compare."
        )
    return _interval(estimate_paired_difference([before[key] for key in both], [after[key] for key in both]))


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


def _interval(estimate: Estimate) -> dict[str, float]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high}


def _share(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
