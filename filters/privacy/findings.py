"""What was found in a text, told by kind, number and place, and never by the value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Hit(NamedTuple):
    """A stretch of a text and what it is: characters `start` to `end`, half-open."""

    kind: str
    start: int
    end: int


def merge_findings(found: Iterable[Hit]) -> list[Hit]:
    """Findings in the order of the text, each stretch once: what overlaps goes by the name found first, and the longest."""
    merged: list[Hit] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if merged and one.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = last._replace(end=max(last.end, one.end))
        else:
            merged.append(one)
    return merged


def count_kinds(found: Sequence[Hit]) -> str:
    """The kinds with their numbers, in the order of the text: `AWS key (2), private key`."""
    counts = Counter(one.kind for one in found)
    return ", ".join(f"{kind} ({number})" if number > 1 else kind for kind, number in counts.items())
