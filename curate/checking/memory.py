"""What the engines of a stage's checks need: judges that run in this process, told before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine
from curate.memory.preview import Preview, preview_engine
from filters.engine import EngineOptions
from filters.spec import CheckSpec


def preview_memory(options: Any, shapes: Shapes, machine: Machine) -> Preview:
    """What the judges among the checks of `verify` or `filter` need on that machine, each alone."""
    previews = [preview_engine(one, shapes, machine, None) for one in list_check_engines(options.check)]
    return Preview(
        tuple(estimate for one in previews for estimate in one.estimates),
        tuple(note for one in previews for note in one.notes),
    )


def list_check_engines(specs: Iterable[CheckSpec]) -> list[EngineOptions]:
    """The engines that checks ask."""
    given = [spec.options.get("engine") for spec in specs]
    return [EngineOptions(**one) for one in given if isinstance(one, Mapping)]
