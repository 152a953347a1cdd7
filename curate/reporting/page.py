"""The HTML report: one file that needs nothing else, opens from a disk, and can be sent to somebody."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from curate.calibration.told_rows import list_rows, tell_outcome
from curate.general.chain_table import count_chains, tell_chains
from curate.intervals import format_percent
from curate.reporting.benchmark_matches import BenchmarkMatches, SetComparison, compare_set, list_matches
from curate.reporting.charts import Column, Curve, Step, make_columns, make_curve, make_waterfall
from curate.reporting.clusters import Clusters, choose_clusters
from curate.reporting.coverage import (
    CoverageMap,
    Difficulty,
    read_samples_difficulty,
    read_set_coverage,
)
from curate.reporting.distributions import Lengths, PassRates, count_lengths, count_pass_rates, find_verifier
from curate.reporting.examples import Example, Reason, choose_rejected, choose_selected
from curate.reporting.lessons import Lessons, read_lessons
from curate.reporting.models import Model
from curate.reporting.rollouts import Group, read_rollouts
from curate.reporting.run_facts import (
    DataSet,
    Facts,
    Samples,
    display_model,
    list_other_checks,
    pair_evaluations,
    temperatures_differ,
    title_comparisons,
)
from curate.reporting.timeline import summarize_stages
from curate.reporting.training import describe_training, format_duration, format_number
from curate.scrubber import hide_secrets
from curate.selection.composition import Composition, read_composition
from curate.selection.effects import Effect
from curate.selection.licences import LicenceEntry, read_licences
from curate.selection.pass_rate_classes import CLASSES
from curate.visible_text import escape_controls


class SetView(NamedTuple):
    """A set, its sources' funnels as bars, what its selection did, how hard it is, and what it covers, the benchmarks it was compared with, and its parts."""

    made: DataSet
    funnels: Sequence[tuple[str, Sequence[Step]]]
    examples: Sequence[tuple[str, Sequence[Example]]]
    effects: Sequence[Effect]
    difficulty: Difficulty
    rate_bars: Sequence[Column]
    coverage: CoverageMap
    comparison: SetComparison | None
    composition: Composition | None
    licences: Sequence[LicenceEntry]


class SamplesView(NamedTuple):
    """A set of samples and its distributions. chains: of general prompts, how many were asked for one, in words."""

    samples: Samples
    rates: PassRates | None
    rate_bars: Sequence[Column]
    lengths: Lengths | None
    length_bars: Sequence[Column]
    reasons: Sequence[Reason]
    difficulty: Difficulty
    matches: Sequence[BenchmarkMatches]
    clusters: Sequence[Clusters]
    chains: str


class ModelView(NamedTuple):
    """A model, its curves by title, a few responses of a training on rewards, and what a fine-tuned one saw of its set."""

    model: Model
    curves: Mapping[str, Curve]
    groups: Sequence[Group]
    lessons: Lessons | None


def render_page(facts: Facts, made_at: str) -> str:
    """The whole page: the template escapes every text that comes from a model, a file or a name; then keys
    are taken out, since a page gets sent to people, and controls and hidden characters are shown by name.
    """
    environment = Environment(
        loader=PackageLoader("curate.reporting"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters |= {
        "share": lambda value: f"{format_percent(value)}%",
        "points": lambda value: format_percent(value, sign="+"),
        "percent": format_percent,
        "whole": lambda value: "none" if value is None else f"{value:,.0f}",
        "duration": format_duration,
        "number": format_number,
        "plain": format_options,
        "sampling": format_sampling,
        "training": describe_training,
        "yaml": lambda value: yaml.safe_dump(value, sort_keys=False, allow_unicode=True),
        "model": lambda name: display_model(name, facts.run),
        "told_rows": list_rows,
        "outcome": lambda found, label: tell_outcome(label, found),
    }
    page = environment.get_template("report.html.jinja").render(_context(facts, made_at))
    return escape_controls(hide_secrets(page))


def format_options(values: Mapping[str, Any]) -> str:
    """Options in one line, those that are not set left out."""
    shown = [f"{key} {value}" for key, value in values.items() if value not in (None, "", [], {}, ())]
    return " · ".join(shown)[:400]


def format_sampling(made: Mapping[str, Any]) -> dict[str, Any]:
    """How tokens were drawn, of all that generation.json says."""
    return {key: value for key, value in made.items() if key not in ("model", "identity")}


def _context(facts: Facts, made_at: str) -> dict[str, Any]:
    sources = {funnel.source for made in facts.sets for funnel in made.funnels}
    data = [one for one in facts.samples if one.name in sources or not one.evaluates]
    pairs = pair_evaluations(facts.evaluations)
    return {
        "facts": facts,
        "title": facts.run.path.absolute().name,
        "made_at": made_at,
        "stages": summarize_stages(facts),
        "comparisons": list(zip(title_comparisons(pairs, facts.run), pairs, strict=True)),
        "earlier": {one.name: one for one in facts.evaluations},
        "temperatures_differ": temperatures_differ(facts.evaluations),
        "other_checks": list_other_checks(facts.evaluations),
        "sets": [_set(facts, made) for made in facts.sets],
        "classes": CLASSES,
        "samples": [_samples(facts, one) for one in data],
        "models": [_model(facts, one) for one in facts.models],
    }


def _set(facts: Facts, made: DataSet) -> SetView:
    bars = [(funnel.source, make_waterfall(funnel)) for funnel in made.funnels]
    difficulty, coverage = read_set_coverage(facts.run, made)
    columns = make_columns(CLASSES, difficulty.every.classes) if difficulty.is_known else ()
    effects = [Effect(**effect) for effect in made.about.get("effects", ())]
    return SetView(
        made,
        bars,
        choose_selected(facts.run, made),
        effects,
        difficulty,
        columns,
        coverage,
        compare_set(facts, made),
        read_composition(made.about),
        read_licences(made.about),
    )


def _samples(facts: Facts, one: Samples) -> SamplesView:
    decided = next((made.checks[one.name] for made in facts.sets if one.name in made.checks), None)
    label = find_verifier(one, decided or ())
    rates = count_pass_rates(facts.run, one.name, label) if label else None
    known = [tally.label for tally in one.checks]
    chains = count_chains(facts.run, one.name)
    sizes = count_lengths(facts.run, one.name, known if decided is None else decided)
    return SamplesView(
        one,
        rates,
        make_columns(rates.labels, rates.counts) if rates else (),
        sizes,
        make_columns(_bins(sizes), sizes.kept, sizes.rejected) if sizes else (),
        choose_rejected(facts.run, one),
        read_samples_difficulty(facts.run, one.name, decided or ()),
        list_matches(facts.run, one),
        choose_clusters(facts.run, one),
        tell_chains(chains) if chains else "",
    )


def _model(facts: Facts, one: Model) -> ModelView:
    return ModelView(
        one, dict(_curves(one)), read_rollouts(facts.run, one), read_lessons(facts.run, one.name)
    )


def _bins(sizes: Lengths) -> list[str]:
    return [f"{math.ceil(low):,} to {math.ceil(high) - 1:,} tokens" for low, high in pairwise(sizes.edges)]


def _curves(model: Model) -> Iterator[tuple[str, Curve]]:
    for title, points in model.curves.items():
        found = make_curve(points)
        if found is not None:
            yield title, found
