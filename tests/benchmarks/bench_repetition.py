"""How many true loops `repetition` finds and how many honest enumerations it takes for loops, on both halves.

    python -m tests.benchmarks.bench_repetition [--each 6] [--show]

The families at even places were looked at while the check was mended; those at odd places were not, before
the figures called first sight. The third lot was written later than both, and judged once (`enumerations_later`).
"""

from __future__ import annotations

import argparse
import collections
import sys
from collections.abc import Iterable

from filters.checks.repetition import Repetition
from filters.types import Prompt, Sample
from tests.benchmarks.enumerations_abroad import Listed, list_enumerations
from tests.benchmarks.enumerations_later import HONEST, LOOPS, draw_later
from tests.benchmarks.true_loops import list_loops


def main() -> None:
    """Print the rates, and with --show by family."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=6, help="texts of a family")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--show", action="store_true", help="what was missed or wrongly flagged, by family")
    given = parser.parse_args()
    honest = list(list_enumerations(given.each, given.seed))
    loops = list(list_loops(given.each, given.seed + 2))
    for half in (False, True):
        name = "held out" if half else "tuning"
        report(f"{name}: loops found", [row for row in loops if row.held is half], True, given.show)
        report(f"{name}: honest flagged", [row for row in honest if row.held is half], False, given.show)
    report("third lot: loops found", list(draw_later(LOOPS, given.each, given.seed)), True, given.show)
    report("third lot: honest flagged", list(draw_later(HONEST, given.each, given.seed)), False, given.show)


def report(title: str, rows: list[Listed], wanted: bool, show: bool) -> None:
    """One line, and the families in which the check was wrong."""
    flagged = [found is not None for found in find_rules(rows)]
    sys.stdout.write(f"{title}: {sum(flagged)} of {len(rows)} ({sum(flagged) / len(rows):.1%})\n")
    wrong = collections.Counter(
        row.family for row, found in zip(rows, flagged, strict=True) if found != wanted
    )
    if show:
        sys.stdout.write("".join(f"    {family}: {number}\n" for family, number in sorted(wrong.items())))


def find_rules(rows: Iterable[Listed]) -> list[str | None]:
    """The rule by which each chain was rejected, None where it was not."""
    prompt = Prompt.make("What is asked for?")
    verdicts = Repetition().check([Sample("s", prompt, row.text) for row in rows])
    return [None if verdict.ok else verdict.rule for verdict in verdicts]


if __name__ == "__main__":
    main()
