"""How many samples each check passed, rejected and could not decide, and for which reasons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.table import Table

from curate.store.answer_journal import Usage, read_usage
from curate.store.joined import scan_sidecars
from curate.store.layout import Run
from curate.store.verdict_counts import count_verdicts


@dataclass(frozen=True, slots=True)
class VerdictCounts:
    """The verdicts of one check on some samples, and its rules that were not true, commonest first."""

    label: str
    true: int
    false: int
    null: int
    reasons: Sequence[tuple[str, int]]
    usage: Usage | None = None


def count_checks(run: Run, name: str, labels: Iterable[str]) -> list[VerdictCounts]:
    """The verdicts on `samples(name)`, counted by check."""
    found = []
    for label in labels:
        counts, reasons = count_verdicts(scan_sidecars(run, name, label))
        found.append(
            VerdictCounts(
                label, counts[True], counts[False], counts[None], reasons, read_usage(run, name, label)
            )
        )
    return found


def verdict_table(name: str, counts: Sequence[VerdictCounts]) -> Table:
    """The counts as a table for the terminal."""
    table = Table("check", "true", "false", "undecided", "commonest reasons", title=f"{name}: verdicts")
    for one in counts:
        said = ", ".join(f"{rule} {count:,}" for rule, count in one.reasons[:4])
        table.add_row(one.label, f"{one.true:,}", f"{one.false:,}", f"{one.null:,}", said)
    used = [f"{one.label}: {one.usage}" for one in counts if one.usage is not None]
    table.caption = "; ".join(used) or None
    return table
