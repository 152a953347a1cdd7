"""What the engines of a stage's checks need: judges that run in this process, told before anything is loaded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine
from curate.memory.preview import Preview, preview_engine
from filters.engine import EngineOptions


def preview_memory(options: Any, shapes: Shapes, machine: Machine) -> Preview:
    """What the judges among the checks of `verify` or `filter` need on that machine, each alone."""
    given = [spec.options.get("engine") for spec in options.check]
    engines = [EngineOptions(**one) for one in given if isinstance(one, Mapping)]
    previews = [preview_engine(engine, shapes, machine, None) for engine in engines]
    return Preview(
        tuple(estimate for one in previews for estimate in one.estimates),
        tuple(note for one in previews for note in one.notes),
    )
