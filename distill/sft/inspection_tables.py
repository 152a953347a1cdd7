"""An inspection on a terminal: the student's facts, the rows by source, what is wrong, and a few rows by loss mask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Span, Text

from curate.intervals import format_percent
from curate.visible_text import escape_controls
from distill.sft.inspection import Found, Inspection, Tally
from distill.sft.kinds import ROW_FAULTS, SET_FAULTS, WARNINGS

STYLES: Final = {
    (False, False): "dim",
    (False, True): "dim reverse",
    (True, False): "green",
    (True, True): "bold green reverse",
}
"""By whether a piece carries loss, and whether it is a special token."""
BEGIN: Final = "▸"
"""Where loss begins, for eyes and files without colours."""


def render_inspection(found: Inspection) -> Iterator[RenderableType]:
    """All of it, the rows last."""
    yield _tabulate_facts(found.facts)
    yield _tabulate_sources(found)
    if found.row_faults or found.set_faults or found.warnings:
        yield _tabulate_findings(found)
    learned, rest = STYLES[True, False], STYLES[False, False]
    yield Text.assemble(
        "Rows, with ", ("what is learned", learned), f" after {BEGIN} and ", ("what is not", rest), "; ", ("special tokens", "reverse"), " are reversed."
    )  # fmt: skip
    for row in sorted(found.shown, key=lambda row: bool(row["fault"])):
        yield from _show_row(row)


def _tabulate_facts(facts: Mapping[str, str]) -> Table:
    table = Table("the student", "as it is trained and used")
    for topic, said in facts.items():
        table.add_row(topic, said)
    return table


def _tabulate_sources(found: Inspection) -> Table:
    table = Table(
        "source", "rows", "used", "with chain", "faulty", "too long", "of the tokens", "tokens", "learned"
    )
    for column in table.columns[1:]:
        column.justify = "right"
    for source, tally in found.tallies.items():
        table.add_row(source or found.set, *_list_cells(tally))
    if len(found.tallies) > 1:
        table.add_section()
        table.add_row("all", *_list_cells(found.total))
    return table


def _list_cells(tally: Tally) -> list[str]:
    every = tally.tokens + tally.tokens_too_long
    return [
        f"{tally.rows:,}",
        f"{tally.used:,}",
        f"{tally.chains:,}",
        f"{tally.bad:,}",
        f"{tally.too_long:,} ({_share(tally.too_long, tally.rows)})",
        _share(tally.tokens_too_long, every),
        f"{tally.tokens:,}",
        f"{tally.learned:,} ({_share(tally.learned, tally.tokens)})",
    ]


def _share(part: int, whole: int) -> str:
    return f"{format_percent(part / whole)}%" if whole else "0%"


def _tabulate_findings(found: Inspection) -> Table:
    table = Table("", "found", "rows", "what it is, and what to do", "such as", show_lines=True)
    for kind, one in found.set_faults.items():
        fault = SET_FAULTS[kind]
        details = f" ({one.said})" if one.said else ""
        said = f"{fault.said}{details}: {fault.remedy}."
        table.add_row(Text("fault", "bold red"), kind, _rows(one), said, ", ".join(one.ids))
    for kind, one in found.row_faults.items():
        fault = ROW_FAULTS[kind]
        first = f" ({one.said.rstrip('.')})" if one.said else ""
        said = f"{fault.said}{first}: {fault.remedy}."
        table.add_row(Text("bad rows", "red"), kind, _rows(one), said, ", ".join(one.ids))
    for kind, one in found.warnings.items():
        table.add_row(Text("warning", "yellow"), kind, _rows(one), f"{WARNINGS[kind]}.", ", ".join(one.ids))
    return table


def _rows(one: Found) -> str:
    return f"{one.rows:,}" if one.rows else ""


def _show_row(row: Mapping[str, Any]) -> Iterator[RenderableType]:
    named = f"{row['id']}" + (f" of {row['source']}" if row["source"] else "") + f", {row['tokens']:,} tokens"
    yield Text(
        f"\n{named}" + (f": {row['fault']}" if row["fault"] else ""), "bold red" if row["fault"] else "bold"
    )
    shown, learned = Text(), False
    for piece in row["pieces"]:
        if piece["learned"] != learned:
            shown.append(BEGIN if piece["learned"] else "", "bold yellow")
            learned = piece["learned"]
        start = len(shown)
        text = escape_controls(piece["text"])
        shown.append(text)
        shown.spans.append(Span(start, start + len(text), STYLES[piece["learned"], piece["special"]]))
        if piece["left_out"]:
            shown.append(f"\n… {piece['left_out']:,} tokens left out …\n", "dim italic")
    yield shown
