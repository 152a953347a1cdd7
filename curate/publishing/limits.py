"""What is known to be wrong with a set, or is not known of it, for its card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from curate.benchmarks.contamination import Contamination
from curate.publishing.card_facts import Judge
from curate.reporting.run_facts import DataSet, Samples, Tally
from curate.selection.composition import read_composition
from curate.selection.licences import read_licences, tell_licences
from curate.store.joined import EITHER
from curate.visible_text import code_span


def list_limits(made: DataSet, sources: Sequence[Samples], judges: Sequence[Judge] = ()) -> list[str]:
    """What the run's records cannot vouch for."""
    said = [
        "The texts were written by a model. Nobody has read all of them.",
        "A check that compares final answers says nothing of the steps: a chain may be wrong and end well.",
    ]
    told = list_kept_by_file(made)
    bare = [name for name, labels in made.checks.items() if not labels and name not in told]
    if bare:
        said.append(f"No check is known to have been applied to: {', '.join(bare)}.")
    said += [
        f"What is kept of {name} is what its file says is right; by which checks is not known here."
        for name in told
        if not made.checks.get(name)
    ]
    undecided = sum(funnel.undecided for funnel in made.funnels)
    if undecided:
        said.append(
            f"{undecided:,} samples could not be judged and were left out; they may be harder than the rest."
        )
    return [
        *said,
        *_say_parts(made),
        *_say_judged(judges),
        *_say_distinct(made),
        *_say_all_compared(made, sources),
    ]


def list_kept_by_file(made: DataSet) -> list[str]:
    """The sources of which rows were left out because of what their own file says of them, as `verify --out` writes it."""
    return [funnel.source for funnel in made.funnels if funnel.not_kept]


def _say_parts(made: DataSet) -> Iterator[str]:
    """What could not be filled, and which licences speak against each other or are not known."""
    composition = read_composition(made.about)
    yield from composition.shortfalls if composition is not None else ()
    yield from tell_licences(read_licences(made.about))


def _say_judged(judges: Sequence[Judge]) -> Iterator[Markup]:
    """Which checks asked a model and may err, and which of them was found to err too often to decide."""
    for one in judges:
        said = f"A model was asked by {code_span(one.label)} about {code_span(one.where)}"
        if one.found.reliable:
            yield Markup(f"{said}; how often it erred on labelled cases stands above.")  # noqa: S704  names are code
        else:
            why = code_span("; ".join(one.found.faults))
            yield Markup(f"{said}; it errs too often, or nobody knows how often, and decided nothing: {why}.")  # noqa: S704


def _say_distinct(made: DataSet) -> Iterator[str]:
    if distinct := made.about["options"].get("distinct"):
        away = sum(funnel.rejected.get("near_duplicate", 0) for funnel in made.funnels)
        yield (
            f"Of {distinct}s that are alike one was kept, and {away:,} samples were left out. Rewordings by other words are "
            "not found."
        )


def _say_all_compared(made: DataSet, sources: Sequence[Samples]) -> Iterator[str]:
    """With which benchmarks the set was compared when it was mixed, or its sources by their checks; or that it was not."""
    comparison = made.about.get("comparison")
    alone = [one.name for one in sources if not any(_list_compared(one, made.checks.get(one.name, ())))]
    if comparison is not None:
        yield _say_comparison(comparison)
    elif len(alone) == len(sources):
        yield "The prompts were not compared with any benchmark: do not measure on what may stand here."
    elif alone:
        yield f"The prompts of these were not compared with any benchmark: {', '.join(alone)}."
    for one in sources:
        yield from _say_compared(one, made.checks.get(one.name, ()))


def _say_comparison(about: Mapping[str, Any]) -> Markup:
    """With which benchmarks all sources were compared when they were mixed, by which rule, and what was left out."""
    benchmarks = ", ".join(code_span(one["name"]) for one in about["benchmarks"])
    return Markup(  # noqa: S704  names alone come from elsewhere, and are code
        f"All {about['prompts']:,} prompts of accepted samples were compared with {benchmarks} ({about['rule']}): "
        f"{about['contaminated_prompts']:,} of them held a problem, and {about['rows']:,} samples were left out. "
        "Rewordings by other words are not found."
    )


def _list_compared(samples: Samples, decide: Sequence[str]) -> list[Tally]:
    """The checks by which samples were compared with benchmarks, of those that decide."""
    labels = {label for either in decide for label in either.split(EITHER)}
    return [one for one in samples.checks if one.check == Contamination.name and one.label in labels]


def _say_compared(samples: Samples, decide: Sequence[str]) -> Iterator[Markup]:
    """With which benchmarks samples were compared, by which rule, and how many were rejected."""
    for one in _list_compared(samples, decide):
        check = Contamination.model_validate(one.options)
        what = {"prompt": "prompts", "chain": "chains", "both": "prompts and chains"}[check.of]
        benchmarks = ", ".join(map(code_span, check.against))
        yield Markup(  # noqa: S704  names alone come from elsewhere, and are code
            f"The {what} of {code_span(samples.name)} were compared with {benchmarks} ({check.match_rules.describe()}): "
            f"{one.false:,} of {one.true + one.false + one.null:,} samples rejected. Rewordings by other words are not found."
        )
