"""A run in the terminal: the report's tables, and the short end of `r1curate run`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from curate.calibration.told_rows import judge_table
from curate.general.chain_table import chain_table, count_chains
from curate.intervals import format_interval, format_percent
from curate.reporting.examples import cut_text
from curate.reporting.models import Model, read_models
from curate.reporting.run_facts import (
    DataSet,
    Evaluation,
    Facts,
    Samples,
    display_model,
    list_other_checks,
    pair_evaluations,
    read_evaluations,
    read_sets,
    temperatures_differ,
    title_comparisons,
)
from curate.reporting.timeline import Stage, summarize_stages
from curate.reporting.training import format_duration, format_number
from curate.selection.composition import read_composition, tell_composition
from curate.selection.funnel import funnel_table
from curate.store.layout import Run


def final_tables(run: Run) -> list[RenderableType]:
    """Each model's pass@1 before and after, the funnel of each set, and what went wrong in a training."""
    evaluations = read_evaluations(run)
    results = [results_table(run, evaluations)] if evaluations else []
    return [
        *results,
        *_note_lines(evaluations),
        *_funnel_tables(read_sets(run)),
        *_trouble_lines(read_models(run)),
    ]


def full_tables(facts: Facts) -> list[RenderableType]:
    """The final screen's tables, every stage's time, where samples come from, what checks said, the trainings."""
    tables: list[RenderableType] = []
    data = [one for one in facts.samples if not one.evaluates]
    if facts.timings:
        tables.append(_stages_table(summarize_stages(facts)))
    if data:
        tables.append(samples_table(facts.run, data))
    for one in data:
        if chains := count_chains(facts.run, one.name):
            tables.append(chain_table(one.name, chains))
        tables += [
            make(one) for make, rows in ((_checks_table, one.checks), (_audits_table, one.audits)) if rows
        ]
        tables += [judge_table(one.name, one.judges.calibrations)] if one.judges.calibrations else []
        tables += [_model_use_table(one)] if one.judges.asked else []
        tables += [Text(f"{one.name}, references: {one.repair}.")] if one.repair else []
    tables += _funnel_tables(facts.sets)
    if facts.models:
        tables.append(training_table(facts.run, facts.models))
    if facts.evaluations:
        tables += [results_table(facts.run, facts.evaluations), *_note_lines(facts.evaluations)]
    return [*tables, *_trouble_lines(facts.models)]


def results_table(run: Run, evaluations: Sequence[Evaluation]) -> Table:
    """pass@1 with its 95% interval and the other checks' shares, before and after, and what was gained.

    Rows and not columns are compared, so that it stays as narrow as a terminal however many checks there are.
    """
    labels, pairs = list_other_checks(evaluations), pair_evaluations(evaluations)
    drawn = temperatures_differ(evaluations)
    table = Table(
        "model", "", title="pass@1 with 95% intervals, and other checks' shares or mean scores, in percent"
    )
    if drawn:
        table.add_column("temp", justify="right")
    table.add_column("pass@1", no_wrap=True)
    for label in labels:
        # Spaces let a narrow terminal break the name in place of cutting it.
        table.add_column(label.replace("_", " "), justify="right")
    for title, (before, after) in zip(title_comparisons(pairs, run), pairs, strict=True):
        name = title
        table.add_section()
        if before is not None:
            table.add_row(name, "before", *_evaluation_cells(before, labels, drawn))
        word = "once" if after.gain is None and before is None else "after"
        table.add_row(name if before is None else "", word, *_evaluation_cells(after, labels, drawn))
        if after.gain is not None:
            changes = [_format_change(before, after, label) for label in labels]
            table.add_row("", "gain", *[""] * drawn, format_interval(after.gain, sign="+"), *changes)
    return table


def training_table(run: Run, models: Sequence[Model]) -> Table:
    """How each model was trained, and how far its loss or its reward went."""
    table = Table(title="training")
    table.add_column("model", no_wrap=True)
    for column in ("by", "from", "steps"):
        table.add_column(column)
    for column in ("first -> last tenth", "time"):
        table.add_column(column, no_wrap=True)
    for one in models:
        moved = (
            ""
            if one.change is None
            else "{} {} -> {}".format(one.change[0], *map(format_number, one.change[1:]))
        )
        base, time = (
            display_model(one.base, run),
            format_duration(one.about["seconds"]),
        )
        table.add_row(one.name, one.kind, base, f"{one.about['steps']:,}", moved, time)
    return table


def samples_table(run: Run, samples: Sequence[Samples]) -> Table:
    """Where samples come from, and how many there are."""
    table = Table("samples", "from", "prompts", "samples", "tokens", title="samples")
    for one in samples:
        origin = one.made.get("model") or one.adopted.get("source") or "rows given"
        tokens = "" if one.tokens is None else f"{one.tokens:,}"
        shown = display_model(origin, run)
        table.add_row(one.name, shown, f"{one.prompts:,}", f"{one.whole:,}", tokens)
    return table


def _evaluation_cells(one: Evaluation, labels: Sequence[str], drawn: bool) -> list[str]:
    """The cells of one evaluation; a dash for a check that it did not measure."""
    temperature = ["-" if one.temperature is None else f"{one.temperature:g}"] if drawn else []
    shares = [one.shares.get(label) for label in labels]
    return [
        *temperature,
        format_interval(one.pass_at_1),
        *("-" if share is None else format_percent(share) for share in shares),
    ]


def _format_change(before: Evaluation | None, after: Evaluation, label: str) -> str:
    if before is None or label not in before.shares or label not in after.shares:
        return "-"
    return format_percent(after.shares[label] - before.shares[label], sign="+")


def _stages_table(found: Sequence[Stage]) -> Table:
    table = Table("stage", "what came of it", title="stages")
    table.add_column("time", justify="right", no_wrap=True)
    for one in found:
        table.add_row(one.title, one.told, format_duration(one.seconds))
    return table


def _note_lines(evaluations: Sequence[Evaluation]) -> Iterator[str]:
    for one in evaluations:
        for note in one.notes:
            yield f"{one.name}: {note}"


def _trouble_lines(models: Sequence[Model]) -> Iterator[Text]:
    for one in models:
        for trouble in one.troubles:
            yield Text(f"Trouble while training {one.name}: {cut_text(trouble)}", style="bold red")


def _audits_table(one: Samples) -> Table:
    table = Table("check", "audit", "tried", "found", "share, 95%", title=f"{one.name}: audits")
    for found in one.audits:
        share = "" if found.share is None else format_interval(found.share)
        table.add_row(found.label, found.of, f"{found.tried:,}", f"{found.found:,}", share)
    return table


def _checks_table(one: Samples) -> Table:
    table = Table("check", "true", "false", "undecided", "commonest reasons", title=f"{one.name}: verdicts")
    for tally in one.checks:
        said = ", ".join(f"{rule} {count:,}" for rule, count in tally.reasons[:4])
        table.add_row(tally.label, f"{tally.true:,}", f"{tally.false:,}", f"{tally.null:,}", said)
    return table


def _model_use_table(one: Samples) -> Table:
    table = Table("check", "for", title=f"{one.name}: what checks asked their models")
    for column in ("requests", "tokens read", "tokens written", "uncounted requests"):
        table.add_column(column, justify="right")
    for used in one.judges.asked:
        usage = used.usage
        counts = usage.requests, usage.prompt_tokens, usage.completion_tokens, usage.uncounted
        table.add_row(used.label, used.purpose, *(f"{count:,}" for count in counts))
    return table


def _funnel_tables(sets: Sequence[DataSet]) -> Iterator[RenderableType]:
    for made in sets:
        yield funnel_table(f"set {made.name}: {made.rows:,} rows", made.funnels)
        composition = read_composition(made.about)
        if composition is not None:
            yield from tell_composition(composition)
