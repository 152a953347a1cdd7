"""The numbers of one command, kept by who works and read by who watches, each from threads of their own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from curate.visible_text import escape_controls

if TYPE_CHECKING:
    from prometheus_client.core import Metric

LONGEST: Final = 100
"""Characters of a label's value: what checks and machines are called is bounded, whatever it is."""
MOST_SERIES: Final = 10_000
"""Series of one family; what comes beyond is told as one of `REST`, by the first label, so that no text from outside makes them endless."""
REST: Final = "(rest)"


@dataclass(frozen=True, slots=True)
class Family:
    """One number by labels, named and described as the OpenMetrics standard has it: counters without their `_total`."""

    name: str
    kind: Literal["counter", "gauge"]
    about: str
    labels: tuple[str, ...]
    most: int = MOST_SERIES


Series = tuple[Family, tuple[str, ...]]
"""A family and the values of its labels."""


class Board:
    """What is read here is what was put or added last, of all families at one moment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[Family, dict[tuple[str, ...], float]] = {}

    def put(self, values: Mapping[Series, float]) -> None:
        """Set numbers at once; those that end as one series, beyond the most that a family may have, are summed."""
        with self._lock:
            found: dict[Series, float] = {}
            for (family, labels), value in values.items():
                series = family, self._find_series(family, labels)
                found[series] = found.get(series, 0) + value
            for (family, labels), value in found.items():
                self._values[family][labels] = value

    def add(self, family: Family, value: float, *labels: str) -> None:
        """Add to a number."""
        with self._lock:
            series = self._find_series(family, labels)
            self._values[family][series] = self._values[family].get(series, 0) + value

    def collect(self) -> Iterator[Metric]:
        """All numbers, as a collector of `prometheus_client`."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        with self._lock:
            values = {family: dict(found) for family, found in self._values.items()}
        for family, found in values.items():
            kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            metric = kind(family.name, family.about, labels=family.labels)
            for labels, value in found.items():
                metric.add_metric(labels, value)
            yield metric

    def _find_series(self, family: Family, labels: tuple[str, ...]) -> tuple[str, ...]:
        """The labels under which a number is kept. They stay the same: who counts does not count down."""
        assert len(labels) == len(family.labels), f"{family.name} has the labels {family.labels}"
        there = self._values.setdefault(family, {})
        shown = tuple(escape_controls(label)[:LONGEST].replace("\n", " ") for label in labels)
        if shown not in there and len(there) >= family.most:
            return (*shown[:1], *[REST] * len(shown[1:]))
        there.setdefault(shown, 0)
        return shown
