"""How the needs of a recipe are shown: one table, what is to be known of it in words, and how to make a pilot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import RenderableType
from rich.table import Table

from curate.planning.amounts import UNITS, Amount
from curate.planning.cluster import Cluster
from curate.planning.plan import RecipeNeeds

HOW: str = (
    "A pilot tells tokens, hours and storage with their intervals: sample some prompts of the recipe by `r1curate run RECIPE "
    "--override generate.plan.prompts=64`, which runs all its stages on these, or of one stage by `r1curate generate --plan "
    "64` with its options; then plan again, with --pilot RUN where that was another run."
)
"""Said where a `generate` has no pilot."""


def render_needs(needs: RecipeNeeds, cluster: Cluster | None) -> Iterator[RenderableType]:
    """The table, the notes by stage, and how to make a pilot where one is missing."""
    if any(amount.is_known for _, one in needs.stages for amount in one.amounts.values()):
        yield _make_table(needs, cluster)
    yield from _list_notes(needs)
    if needs.missing:
        yield HOW


def _list_notes(needs: RecipeNeeds) -> Iterator[str]:
    """Each note once, with the stages that it is of."""
    of: dict[str, list[str]] = {}
    for title, one in needs.stages:
        for note in one.notes:
            of.setdefault(note, []).append(title)
    for note, titles in of.items():
        where = titles[0] if len(titles) == 1 else f"stages {', '.join(one.split()[0] for one in titles)}"
        yield f"{where}: {note.rstrip('.')}."


def _make_table(needs: RecipeNeeds, cluster: Cluster | None) -> Table:
    place = "as the recipe's options say"
    if cluster is not None:
        place = f"for {cluster.machines:,} machine{'s' if cluster.machines > 1 else ''} with {cluster.machine} each"
    table = Table("stage", "", "at least", "estimate", "at most", title=f"What it comes to, {place}")
    for column in table.columns[2:]:
        column.justify = "right"
    for title, one in needs.stages:
        _add_rows(table, title, one.amounts)
    if sum(bool(one.amounts) for _, one in needs.stages) > 1:
        _add_rows(table, "all of these", needs.sum_up())
    table.caption = _describe_sources(needs)
    return table


def _add_rows(table: Table, title: str, amounts: Mapping[str, Amount]) -> None:
    shown = [of for of in UNITS if of in amounts and amounts[of].is_known]
    for place, of in enumerate(shown):
        name, scale = UNITS[of]
        table.add_row("" if place else title, name, *amounts[of].format(scale))
    table.add_section()


def _describe_sources(needs: RecipeNeeds) -> str:
    if not needs.pilots:
        return "bounds from the recipe's options alone; ? is not known without a pilot"
    said = "; ".join(dict.fromkeys(pilot.source for pilot in needs.pilots))
    return (
        f"from {said}; intervals of 95%, those of sums by their ends; days as speed grows with replicas, the engine as "
        "full as in the pilot; storage of sets before compression; trainings apart"
    )
