"""Amounts with their bounds: what a stage takes, at least, as estimated and at most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from curate.sampling.cost_estimate import Estimate

UNITS: Final[Mapping[str, tuple[str, float]]] = MappingProxyType(
    {
        "prompts": ("prompts", 1.0),
        "samples": ("samples", 1.0),
        "tokens": ("tokens, million", 1e6),
        "accepted": ("accepted", 1.0),
        "requests": ("requests to judges", 1.0),
        "judge_read": ("tokens that judges read, million", 1e6),
        "judge_written": ("tokens that they write, million", 1e6),
        "rows": ("rows", 1.0),
        "gpu_seconds": ("GPU-hours", 3600.0),
        "seconds": ("days", 86400.0),
        "stored": ("storage, GB", 1e9),
        "written": ("written to the run folder, GB", 1e9),
        "read": ("read from it, GB", 1e9),
    }
)
"""What is told of a stage, in order: its title, and by what it is divided."""
TOTALS: Final = (
    "tokens",
    "requests",
    "judge_read",
    "judge_written",
    "gpu_seconds",
    "seconds",
    "stored",
    "written",
    "read",
)
"""What adds up over stages."""


class Amount(NamedTuple):
    """At least, as estimated, and at most; None where that is not known."""

    low: float
    value: float | None
    high: float | None

    @property
    def is_known(self) -> bool:
        """Whether anything is."""
        return self.value is not None or self.high is not None

    def times(self, factor: float) -> Amount:
        """So many times as much."""
        return self._change(lambda end: factor * end)

    def at_most(self, most: float | None) -> Amount:
        """The same, and no more than so much."""
        if most is None:
            return self
        return self._change(lambda end: min(most, end))

    def _change(self, change: Callable[[float], float]) -> Amount:
        value, high = (None if end is None else change(end) for end in (self.value, self.high))
        return Amount(change(self.low), value, high)

    def format(self, scale: float) -> tuple[str, str, str]:
        """Its three cells, divided by `scale`; what is counted one by one is whole."""
        low, value, high = (
            "?" if end is None else f"{end:,.0f}" if scale == 1 else format_number(end / scale)
            for end in self
        )
        return low, value, high


def exactly(number: float) -> Amount:
    """What is known."""
    return Amount(number, number, number)


def up_to(most: float | None) -> Amount:
    """What has an upper bound alone; None where it has not even that."""
    return Amount(0.0, None, most)


def from_estimate(found: Estimate) -> Amount:
    """An estimate and its interval."""
    return Amount(found.low, found.value, found.high)


def add_amounts(several: Iterable[Amount]) -> Amount:
    """The sum, each end of the ends: wider than a sum's interval, since all would have to err the same way."""
    listed = list(several)
    values, highs = ([getattr(one, end) for one in listed] for end in ("value", "high"))
    return Amount(
        sum(one.low for one in listed),
        None if None in values else sum(values),
        None if None in highs else sum(highs),
    )


def format_number(number: float) -> str:
    """Whole from 1,000 on and where it is whole, else with four digits that count."""
    if abs(number) >= 1000 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.4g}"
