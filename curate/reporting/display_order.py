"""In which order what a run made is shown: as its recipe made it, what no recipe made by name after that."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable

from curate.store.layout import EVALUATION

Place = tuple[int, str]


def order_by_stage(stages: Iterable[str], *kinds: str) -> Callable[[str], Place]:
    """A sort key for names: their first stage's place among `stages`, titles as in timings.json.

    kinds: the commands that make what is to be sorted.
    """
    places: dict[str, int] = {}
    for place, title in enumerate(stages):
        kind, _, name = title.partition(" ")
        if kind in kinds:
            places.setdefault(name, place)
    return lambda name: (places.get(name, sys.maxsize), name)


def order_samples(stages: Iterable[str]) -> Callable[[str], Place]:
    """A sort key for names of samples, those of evaluations among them."""
    titles = list(stages)
    data = order_by_stage(titles, "generate", "verify", "filter")
    measured = order_by_stage(titles, "evaluate")
    return lambda name: measured(name.removeprefix(EVALUATION)) if name.startswith(EVALUATION) else data(name)
