"""What is to be known of an evaluation's numbers, in sentences: what they leave out, and what they compare.

One place for the command, the report and the cards, so that no number is shown anywhere without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from curate.intervals import format_interval, format_percent


def list_notes(metrics: Mapping[str, Any]) -> list[str]:
    """The reservations about what metrics.json holds; none where all was made and decided.

    Evaluations of earlier versions say less of themselves, and so less is said of them.
    """
    return [
        *_list_unmade(metrics),
        *_list_left_out(metrics),
        *_list_undecided_checks(metrics),
        *_list_contaminated(metrics),
        *_list_comparison(metrics),
    ]


def _list_unmade(metrics: Mapping[str, Any]) -> Iterator[str]:
    samples = metrics.get("samples", {})
    asked = f"of {samples.get('asked', 0):,} samples"
    if samples.get("refused"):
        yield f"{samples['refused']:,} {asked} were refused for good: they have no answer, and count as wrong."
    if samples.get("stopped"):
        yield f"{samples['stopped']:,} {asked} were stopped: they have no answer, and count as wrong."
    unmade = samples.get("failed", 0) + samples.get("missing", 0)
    if unmade:
        yield (
            f"Unfinished: {unmade:,} {asked} failed or are missing, and count as undecided; "
            "run the same command again to make them."
        )


def _list_left_out(metrics: Mapping[str, Any]) -> Iterator[str]:
    asked, (lowest, highest) = metrics.get("prompts_asked"), metrics.get("bounds", (0.0, 0.0))
    if metrics.get("prompts_left_out"):
        yield (
            f"pass@1 leaves out {metrics['prompts_left_out']:,} of {asked:,} prompts, without a decided sample."
        )
    if format_percent(lowest) != format_percent(highest):
        yield (
            "Whatever the undecided samples are, pass@1 over all prompts is between "
            f"{format_percent(lowest)} and {format_percent(highest)}."
        )
    draws = metrics.get("pass@k", {})
    k = max(map(int, draws), default=1)
    if k > 1 and draws[str(k)]["left_out"]:
        yield f"pass@{k} leaves out {draws[str(k)]['left_out']:,} of {asked:,} prompts, with fewer than {k} decided samples."
    votes = metrics.get("cons@k") or {}
    if votes.get("left_out"):
        yield (
            f"cons@{votes['k']} leaves out {votes['left_out']:,} of {asked:,} prompts, "
            "whose most frequent answer is undecided."
        )


def _list_undecided_checks(metrics: Mapping[str, Any]) -> Iterator[str]:
    for label, number in metrics.get("checks_undecided", {}).items():
        if number:
            yield f"{label} leaves out {number:,} samples that it could not decide about."


def _list_contaminated(metrics: Mapping[str, Any]) -> Iterator[str]:
    """Which prompts stand in what the model was trained on; nothing where nobody knows what that was."""
    found = metrics.get("contamination") or {}
    names = ", ".join(one["name"] for one in found.get("trained_on", ()) if not one["lost"])
    if found.get("contaminated"):
        clean = found["clean"]
        without = (
            ""
            if clean is None or clean["value"] is None
            else f"; without them pass@1 is {format_interval((clean['value'], clean['low'], clean['high']))}"
        )
        yield f"{found['contaminated']:,} of {metrics['prompts_asked']:,} prompts stand in what the model was trained on ({names}: {found['rule']}){without}."
    elif names:
        yield f"None of the {metrics['prompts_asked']:,} prompts stands in what the model was trained on ({names}: {found['rule']})."
    for one in found.get("trained_on", ()):
        if one["lost"]:
            yield f"The prompts were not compared with '{one['name']}', which the model was trained on: {one['lost']}"
        elif one["changed"]:
            yield f"'{one['name']}' has other rows now than those that the model was trained on: the comparison is with these."


def _list_comparison(metrics: Mapping[str, Any]) -> Iterator[str]:
    gain, before = metrics.get("gain") or {}, metrics.get("before")
    if gain.get("only_before") or gain.get("only_after") or gain.get("left_out"):
        yield (
            f"The gain over {before} is over {gain['counted']:,} prompts: of the {gain['shared']:,} that both asked, "
            f"{gain['left_out']:,} are undecided; {gain['only_before']:,} more were asked only by {before}, "
            f"{gain['only_after']:,} only here."
        )
    if gain.get("differences"):
        yield f"The gain over {before} is between two ways to measure: {'; '.join(gain['differences'])}."
