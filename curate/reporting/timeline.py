"""The run as its recipe went: every stage with its time and, in one line, what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from curate.intervals import format_percent
from curate.reporting.run_facts import Facts, Samples, Tally
from curate.reporting.training import format_number
from curate.store.run_metrics import read_last_nodes

NODES_SHOWN: Final = 8
"""Machines that are named, those that made most."""


class Stage(NamedTuple):
    """A stage by its title in timings.json."""

    title: str
    seconds: float
    told: str


def summarize_stages(facts: Facts) -> list[Stage]:
    """The stages of the run's recipe, in order; none where no recipe made the run."""
    return [Stage(title, seconds, _describe_stage(facts, title)) for title, seconds in facts.timings.items()]


def _describe_stage(facts: Facts, title: str) -> str:
    kind, _, name = title.partition(" ")
    tell = _TOLD.get(kind)
    return "" if tell is None else tell(facts, name)


def _describe_generate(facts: Facts, name: str) -> str:
    one = _find_samples(facts, name)
    if one is None:
        return ""
    tokens = f", {one.tokens:,} tokens" if one.tokens else ""
    return f"{one.whole:,} samples of {one.prompts:,} prompts{tokens}{_describe_nodes(facts, name)}"


def _describe_nodes(facts: Facts, name: str) -> str:
    """What each machine made in the last call that sampled, where there were several."""
    nodes = read_last_nodes(facts.run.metrics(name))
    most = sorted(nodes, key=lambda node: -node["tokens"])[:NODES_SHOWN]
    told = "; ".join(
        f"{node['node']} ({node['state']}) {node['samples']:,} samples, {node['tokens_per_second']:,} tokens/s"
        for node in most
    )
    return f". On {len(nodes):,} machines: {told}{'; …' if len(nodes) > len(most) else ''}" if nodes else ""


def _describe_verify(facts: Facts, name: str) -> str:
    return _describe_shares(_find_samples(facts, name), readable=False)


def _describe_filter(facts: Facts, name: str) -> str:
    return _describe_shares(_find_samples(facts, name), readable=True)


def _describe_shares(one: Samples | None, *, readable: bool) -> str:
    """The share of samples that passes each check, of the readability filters or of the others."""
    if one is None:
        return ""
    shown = [tally for tally in one.checks if (tally.role == "readability") == readable]
    told = ", ".join(map(_describe_tally, shown))
    return f"of the samples, true for {told}" if told else ""


def _describe_tally(tally: Tally) -> str:
    number = tally.true + tally.false + tally.null
    undecided = f" ({tally.null:,} undecided)" if tally.null else ""
    return f"{tally.label} {format_percent(tally.true / (number or 1))}%{undecided}"


def _describe_mix(facts: Facts, name: str) -> str:
    made = next((one for one in facts.sets if one.name == name), None)
    if made is None:
        return ""
    sampled = sum(funnel.sampled for funnel in made.funnels)
    return f"{made.rows:,} rows of {sampled:,} samples"


def _describe_training(facts: Facts, name: str) -> str:
    model = next((one for one in facts.models if one.name == name), None)
    if model is None:
        return ""
    steps = f"{model.about['steps']:,} steps"
    if model.change is not None:
        title, first, last = model.change
        steps += f", {title} {format_number(first)} to {format_number(last)}"
    return f"{steps}; trouble: see below" if model.troubles else steps


def _describe_evaluate(facts: Facts, name: str) -> str:
    one = next((one for one in facts.evaluations if one.name == name), None)
    if one is None:
        return ""
    gain = f", {format_percent(one.gain.value, sign='+')} points over {one.before}" if one.gain else ""
    notes = "; see the notes" if one.notes else ""
    return f"pass@1 {format_percent(one.pass_at_1.value)}%{gain}{notes}"


def _find_samples(facts: Facts, name: str) -> Samples | None:
    return next((one for one in facts.samples if one.name == name), None)


_TOLD: Final[Mapping[str, Callable[[Facts, str], str]]] = {
    "generate": _describe_generate,
    "verify": _describe_verify,
    "filter": _describe_filter,
    "mix": _describe_mix,
    "distill": _describe_training,
    "grpo": _describe_training,
    "evaluate": _describe_evaluate,
}
