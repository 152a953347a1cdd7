"""Where the marks of the page's charts stand, in percent of their width and height; the template draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from curate.selection.funnel import Funnel

WHOLE: Final = ("read", "sampled")
"""The steps of a funnel that others are parts of."""


class Step(NamedTuple):
    """One fate in a funnel: its bar begins where the samples that went on end."""

    name: str
    kind: str
    number: int
    share: float
    start: float


class Column(NamedTuple):
    """One bin of a histogram: the height of one series above the axis, and of another below it."""

    label: str
    counts: tuple[int, ...]
    heights: tuple[float, ...]


class Curve(NamedTuple):
    """A line, as the points of an SVG polyline in a box of 100 by 100, and its axes' ends; `zero` is the height of its zero line."""

    points: str
    first: float
    last: float
    low: float
    high: float
    steps: tuple[int, int]
    zero: float


def make_waterfall(funnel: Funnel) -> list[Step]:
    """The funnel as bars: every fate takes its share off the end, until the selected remain.

    The first is the whole: what was read of a file, else what was sampled. Of a file, `sampled` is what is left in between.
    """
    left = whole = funnel.read or funnel.sampled
    steps = []
    for name, count in funnel.rows():
        kind = name.split()[0].rstrip(",")
        if kind not in WHOLE:
            left -= count
        start = 0.0 if kind in WHOLE else 100 * left / max(1, whole)
        steps.append(Step(name, kind, count, 100 * count / max(1, whole), start))
    return steps


def make_columns(labels: Sequence[str], *series: Sequence[int]) -> list[Column]:
    """Bins of one or more series, each series as shares of itself, all on the scale of the tallest bin."""
    shares = [[count / max(1, sum(counts)) for count in counts] for counts in series]
    top = max((share for one in shares for share in one), default=0.0) or 1.0
    heights = [[100 * share / top for share in one] for one in shares]
    return [
        Column(label, counts, tall)
        for label, counts, tall in zip(
            labels, zip(*series, strict=True), zip(*heights, strict=True), strict=True
        )
    ]


def make_curve(points: Sequence[tuple[float, float]], most: int = 400) -> Curve | None:
    """A line through points (step, value); of many, the mean of neighbours, so that the page stays small."""
    finite = [(step, value) for step, value in points if math.isfinite(value)]
    if len(finite) < 2:
        return None
    drawn = _thin_out(finite, most)
    first, end = drawn[0][0], drawn[-1][0]
    values = [value for _, value in drawn]
    low, high = min(0.0, *values), max(0.0, *values)
    # A line that is zero throughout lies on the ground.
    high = high if high > low else 1.0
    width, height = (end - first) or 1.0, high - low
    path = [f"{100 * (x - first) / width:.2f},{100 * (high - y) / height:.2f}" for x, y in drawn]
    steps = round(finite[0][0]), round(finite[-1][0])
    return Curve(" ".join(path), finite[0][1], finite[-1][1], low, high, steps, 100 * high / height)


def _thin_out(points: Sequence[tuple[float, float]], most: int) -> list[tuple[float, float]]:
    size = -(-len(points) // most)
    groups = [points[at : at + size] for at in range(0, len(points), size)]
    return [(sum(x for x, _ in g) / len(g), sum(y for _, y in g) / len(g)) for g in groups]
