"""A run in the terminal: the report's tables, and the short end of `r1curate run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from curate.folder import Run
from curate.funnel import funnel_table
from curate.reporting.examples import visible
from curate.reporting.facts import (
    DataSet,
    Evaluation,
    Facts,
    Interval,
    Samples,
    comparisons,
    model_name,
    read_evaluations,
    read_sets,
)


def final_tables(run: Run) -> list[RenderableType]:
    """Each model's pass@1 before and after, and the funnel of each set."""
    evaluations = read_evaluations(run)
    results = [results_table(run, evaluations)] if evaluations else []
    return [*results, *_funnels(read_sets(run))]


def full_tables(facts: Facts) -> list[RenderableType]:
    """The final screen's tables, and where the samples come from and what each check said of them."""
    results = [results_table(facts.run, facts.evaluations)] if facts.evaluations else []
    data = [one for one in facts.samples if not one.evaluates]
    made = [samples_table(facts.run, data)] if data else []
    checks = [_checks_table(one) for one in data if one.checks]
    return [*made, *checks, *_funnels(facts.sets), *results]


def results_table(run: Run, evaluations: Sequence[Evaluation]) -> Table:
    """pass@1 with its 95% interval, before and after, and the gain with its own."""
    table = Table("model", title="pass@1 with 95% intervals, in percent")
    for column in ("before", "after", "gain"):
        table.add_column(column, no_wrap=True)
    for before, after in comparisons(evaluations):
        table.add_row(
            Text(visible(model_name(after.model, run))),
            "" if before is None else Text(_shown(before.pass_at_1)),
            Text(_shown(after.pass_at_1)),
            "" if after.gain is None else Text(_shown(after.gain, sign="+")),
        )
    return table


def samples_table(run: Run, samples: Sequence[Samples]) -> Table:
    """Where samples come from, and how many there are."""
    table = Table("samples", "from", "prompts", "samples", "tokens", title="samples")
    for one in samples:
        origin = one.made.get("model") or one.adopted.get("source") or "rows given"
        tokens = "" if one.tokens is None else f"{one.tokens:,}"
        shown = Text(visible(model_name(origin, run)))
        table.add_row(one.name, shown, f"{one.prompts:,}", f"{one.whole:,}", tokens)
    return table


def _checks_table(one: Samples) -> Table:
    table = Table("check", "true", "false", "undecided", "commonest reasons", title=f"{one.name}: verdicts")
    for tally in one.checks:
        said = ", ".join(f"{visible(rule)} {count:,}" for rule, count in tally.reasons[:4])
        table.add_row(tally.label, f"{tally.true:,}", f"{tally.false:,}", f"{tally.null:,}", Text(said))
    return table


def _funnels(sets: Sequence[DataSet]) -> Iterator[Table]:
    for made in sets:
        yield funnel_table(f"set {made.name}: {made.rows:,} rows", made.funnels)


def _shown(found: Interval, sign: str = "") -> str:
    value, low, high = (f"{100 * number:{sign}.1f}" for number in found)
    return f"{value} [{low}, {high}]"
