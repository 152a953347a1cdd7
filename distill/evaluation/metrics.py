"""The statistics of an evaluation, as RUN/evals/NAME/metrics.json holds them.

Every sample that was asked for counts in one way: `samples` = whole + refused + stopped + failed + missing. What is
refused for good (or stopped) has no answer, and is wrong, as an answer cut off at its limit is; what failed or is
missing may be made yet, and is undecided, as is what the check could not judge.

    name, model, identity      the evaluation, its model, the digest of weights and template
    prompts_asked, prompts     the prompts, and those of them with a whole sample
    prompts_left_out           prompts without a decided sample: pass@1 is over the others
    samples_per_prompt         k
    samples                    asked, and of these whole, refused, stopped, failed, missing
    sampling                   how tokens were drawn
    check, check_digest        the label of what decides, and the content key of its options and version
    pass@1                     an estimate
    pass@k                     estimates by k, as text: the powers of two up to samples_per_prompt, 10 and 100
    cons@k                     an estimate, with k; null where what decides compares no final answers, which could vote
    undecided                  whole samples that the check could not judge
    bounds                     what pass@1 over all prompts may be, whatever the undecided are
    tokens_mean, truncated     of whole samples: mean tokens, the share cut off at max_tokens
    checks, checks_undecided   of each further check, by label: the share of the whole samples it decided about that
                               pass (or their mean score), null of none; how many it could not decide about
    by_domain                  pass@1 by domain where there are several; with prompts, the number asked
    contamination              null where nobody knows what the model was trained on; else trained_on (each name, whether its rows are
                               others now, why it cannot be read), the rule, contaminated (how many prompts stand there), prompts
                               (their ids), the first of them with the row, and clean: pass@1 over the others, null where all stand there
    before, gain               the evaluation compared with, and the paired gain in pass@1: an estimate over the prompts
                               of both (`shared`); with only_before and only_after, the prompts of one alone, and
                               differences, what was not measured alike, in words

An estimate has value (null where nothing is decided), low and high (its 95% interval), counted and left_out (the
prompts it is over, and the undecided ones), and bounds (its value over both, whatever the undecided are).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any, Final

from curate.engines.identity import identify_engine
from distill.evaluation.options import EvaluateOptions
from distill.evaluation.outcomes import FATES, OPEN_FATES, Outcome
from distill.evaluation.pass_at_1 import (
    Estimate,
    estimate_cons_at_k,
    estimate_paired_difference,
    estimate_pass_at_1,
    estimate_pass_at_k,
    list_k,
)
from filters.engine import SamplingOptions
from filters.errors import UserError

Grades = Mapping[str, Sequence[bool | None]]
"""Of each prompt by its id: whether each sample is correct, None where that is undecided or not made yet."""


def compute_metrics(
    options: EvaluateOptions, outcomes: Sequence[Outcome], contamination: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The statistics of an evaluation, without its gain over another. Raises UserError where no sample is decided.

    contamination: what `compare_with_training` gives.
    """
    groups, whole = _groups(outcomes), [o for o in outcomes if o.fate == "whole"]
    if all(o.ok is None for o in whole):
        raise UserError(_explain_nothing(options, outcomes))
    grades = _grades(groups)
    overall = estimate_pass_at_1(grades)
    counted = [o.tokens for o in whole if o.tokens is not None]
    first, *others = options.check
    return {
        "name": options.name,
        "model": options.engine.model,
        "identity": identify_engine(options.engine),
        "prompts_asked": len(groups),
        "prompts": len({o.prompt_id for o in whole}),
        "prompts_left_out": overall.left_out,
        "samples_per_prompt": options.samples,
        "samples": _count_fates(outcomes),
        "sampling": options.sampling.model_dump(mode="json"),
        "check": first.label,
        "check_digest": first.build().digest,
        "pass@1": _describe(overall),
        "pass@k": {str(k): _describe(estimate_pass_at_k(grades, k)) for k in list_k(options.samples)},
        "cons@k": _vote(groups, options.samples) if first.build().compares_answers else None,
        "undecided": sum(o.ok is None for o in whole),
        "bounds": list(overall.bounds),
        "tokens_mean": fmean(counted) if counted else None,
        "truncated": fmean(o.truncated for o in whole),
        "checks": {spec.label: _mean_value(spec.label, whole) for spec in others},
        "checks_undecided": {spec.label: sum(o.values[spec.label] is None for o in whole) for spec in others},
        "by_domain": _by_domain(groups),
        "contamination": contamination and {**contamination, "clean": _score_others(groups, contamination)},
        "before": options.before,
        "gain": None,
    }


def _score_others(
    groups: Sequence[Sequence[Outcome]], contamination: Mapping[str, Any]
) -> dict[str, Any] | None:
    """pass@1 over the prompts that do not stand in what the model was trained on."""
    held = set(contamination["prompts"])
    others = [group for group in groups if group[0].prompt_id not in held]
    return _describe(estimate_pass_at_1(_grades(others))) if others else None


def list_grades(outcomes: Sequence[Outcome]) -> dict[str, list[bool | None]]:
    """The grades of an evaluation, by prompt."""
    return {group[0].prompt_id: [o.ok for o in group] for group in _groups(outcomes)}


def compute_gain(
    before: Grades, after: Grades, earlier: Mapping[str, Any], now: Mapping[str, Any]
) -> dict[str, Any]:
    """The paired gain on the prompts of both evaluations, with its interval; `earlier` and `now` are their metrics.

    Raises UserError where they have no prompts in common.
    """
    both = [key for key in after if key in before]
    if not both:
        raise UserError(
            f"Evaluation '{now['before']}' has no prompts in common with this one: there is nothing to compare."
        )
    found = estimate_paired_difference([before[key] for key in both], [after[key] for key in both])
    return {
        **_describe(found),
        "shared": len(both),
        "only_before": len(before) - len(both),
        "only_after": len(after) - len(both),
        "differences": list(_list_differences(earlier, now)),
    }


def is_unfinished(metrics: Mapping[str, Any]) -> bool:
    """Whether the same command would make more samples."""
    return any(metrics["samples"][fate] for fate in OPEN_FATES)


def _list_differences(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """What two evaluations did not measure alike; an earlier version's metrics say less of it."""
    before, after = ({**found, **found["sampling"]} if found else {} for found in (earlier, now))
    for key, title in (("check", "check"), ("samples_per_prompt", "samples per prompt"), *_DRAWN):
        if key in before and before[key] != after[key]:
            yield f"{title} {before[key]} before, {after[key]} now"
    same = before.get("check") == after["check"]
    if same and before.get("check_digest", after["check_digest"]) != after["check_digest"]:
        yield f"other options or another version of check {after['check']}"


_DRAWN: Final = tuple((key, key) for key in SamplingOptions.model_fields if key != "seed")


def _explain_nothing(options: EvaluateOptions, outcomes: Sequence[Outcome]) -> str:
    """Why there is no number, and what to do."""
    if any(o.fate == "whole" for o in outcomes):
        return (
            f"Evaluation '{options.name}': '{options.check[0].label}' could not decide about any sample; "
            f"r1curate report {options.run} shows why."
        )
    counts = _count_fates(outcomes)
    ended = ", ".join(f"{counts[fate]:,} {fate}" for fate in FATES if counts[fate])
    more = any(counts[fate] for fate in OPEN_FATES)
    hint = "run the same command again to try them again" if more else "no other try would be answered"
    return (
        f"Evaluation '{options.name}': none of its {len(outcomes):,} samples was answered ({ended}): {hint}."
    )


def _count_fates(outcomes: Sequence[Outcome]) -> dict[str, int]:
    found = Counter(o.fate for o in outcomes)
    return {"asked": len(outcomes), **{fate: found[fate] for fate in FATES}}


def _groups(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        groups[outcome.prompt_id].append(outcome)
    return list(groups.values())


def _grades(groups: Sequence[Sequence[Outcome]]) -> list[list[bool | None]]:
    return [[o.ok for o in group] for group in groups]


def _vote(groups: Sequence[Sequence[Outcome]], k: int) -> dict[str, Any]:
    votes = estimate_cons_at_k([[(o.class_, o.ok) for o in group] for group in groups])
    return {"k": k, **_describe(votes)}


def _by_domain(groups: Sequence[Sequence[Outcome]]) -> dict[str, Any]:
    by_domain: dict[str, list[Sequence[Outcome]]] = defaultdict(list)
    for group in groups:
        by_domain[group[0].domain].append(group)
    if len(by_domain) < 2:
        return {}
    return {
        domain: {"prompts": len(found), **_describe(estimate_pass_at_1(_grades(found)))}
        for domain, found in sorted(by_domain.items())
    }


def _describe(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "counted": estimate.counted,
        "left_out": estimate.left_out,
        "bounds": list(estimate.bounds),
    }


def _mean_value(label: str, whole: Sequence[Outcome]) -> float | None:
    found = [value for o in whole if (value := o.values[label]) is not None]
    return fmean(found) if found else None
