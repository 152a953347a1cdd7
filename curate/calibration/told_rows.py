"""A calibration in rows of words: the same in the terminal, in the report and on the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from rich.padding import Padding
from rich.table import Table

from curate.calibration import bias, gate
from curate.calibration.calibration import FALSE_ACCEPT, FALSE_REJECT, Calibration, ScoreChange, sum_attacks
from curate.intervals import format_percent

NO_BOUND: Final = "any"
"""Of a rate that is told alone: it keeps no check from deciding."""


class ToldRow(NamedTuple):
    """One error of a check in words. tried: cases, decided or not. errors: None of a change of score. share: with its 95% interval.

    most: what it may be; option: by which option, empty of attacks on a judge of answers, of which not one may be accepted.
    """

    meaning: str
    tried: int
    errors: int | None
    undecided: int
    share: str
    most: str
    option: str = ""


def list_rows(found: Calibration) -> Iterator[ToldRow]:
    """What a check was tried for: the rates that have bounds first; of the kinds of attacks on a judge of answers their sum, and each that was accepted.

    No rows where it was tried on nothing, as for want of labelled pairs.
    """
    options: Mapping[str, str] = bias.BOUNDS if _prefers(found) else gate.BOUNDS
    summed = [] if _prefers(found) or not found.rates else [("", sum_attacks(found))]
    single = {
        kind: rate for kind, rate in found.rates.items() if kind in options or rate.errors or _prefers(found)
    }
    first = {kind: single.pop(kind) for kind in (FALSE_ACCEPT, FALSE_REJECT) if kind in single}
    for kind, rate in (*first.items(), *summed, *single.items()):
        share = "none decided"
        if rate.value is not None:
            share = _format_shares(rate.value, *rate.interval)
        tried = rate.decided + rate.undecided
        most = NO_BOUND if _prefers(found) else "none"
        option = options.get(kind, "")
        if option in found.bounds:
            most = f"{100 * found.bounds[option]:g}%"
        yield ToldRow(rate.meaning, tried, rate.errors, rate.undecided, share, most, option)
    for kind, change in found.changes.items():
        yield _tell_change(change, bounded=found.bounds.get(bias.BOUNDS.get(kind, ""), 0) < 1)


def _prefers(found: Calibration) -> bool:
    """Whether it is of a check that prefers responses: each of its kinds of errors has a rate that people ask for by itself."""
    return bias.BOUNDS[bias.WRONG_ORDER] in found.bounds


def _tell_change(change: ScoreChange, *, bounded: bool) -> ToldRow:
    share = f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
    return ToldRow(change.meaning, change.compared, None, 0, share, "chance" if bounded else NO_BOUND)


def _format_shares(value: float, low: float, high: float) -> str:
    said = (format_percent(number, 2) for number in (value, low, high))
    return "{}% [{}, {}]".format(*said)


def tell_outcome(label: str, found: Calibration) -> str:
    """Whether a check may decide, or why not, on which labels, and what it took to find out."""
    outcome = f"decides nothing (judge_unreliable), since {'; '.join(found.faults)}"
    labels = ", ".join(f"{source} {count:,}" for source, count in found.sources.items())
    tried = f"; its labels: {labels}" if labels else ""
    asked = "" if found.model_usage is None else f"; calibrated with {found.model_usage}"
    return f"'{label}' {'may decide' if found.reliable else outcome}{tried}{asked}."


def judge_table(name: str, found: Mapping[str, Calibration]) -> Table:
    """How often checks err, as a table for the terminal. name: of the samples that they judge."""
    table = Table("check and error", title=f"{name}: judges, on cases of which it is known what is right")
    for column in ("tried", "errors", "undecided"):
        table.add_column(column, justify="right")
    table.add_column("rate, 95%", no_wrap=True)
    table.add_column("at most")
    for label, one in found.items():
        table.add_section()
        table.add_row(label)
        for row in list_rows(one):
            errors = "" if row.errors is None else f"{row.errors:,}"
            cells = f"{row.tried:,}", errors, f"{row.undecided:,}", row.share, row.most
            table.add_row(Padding(row.meaning, (0, 0, 0, 2)), *cells)
    table.caption = "\n".join(tell_outcome(label, one) for label, one in found.items())
    table.caption_justify = "left"
    return table
