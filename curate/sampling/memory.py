"""What the engine of a stage that samples needs, told before anything is loaded."""

from __future__ import annotations

from curate.checking.memory import list_check_engines
from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine
from curate.memory.preview import Preview, preview_engine
from curate.sampling.options import PromptedOptions
from filters.engine import SamplingOptions


def preview_memory(options: PromptedOptions, shapes: Shapes, machine: Machine) -> Preview:
    """What the engine needs on that machine; empty for a server's. On a cluster, what one replica needs on each of its machines."""
    sampling = getattr(options, "sampling", None)
    longest = sampling.max_tokens if isinstance(sampling, SamplingOptions) else None
    engine = options.engine
    if options.on != "local":  # as many replicas as there is room for on all machines; this is one of them
        engine = engine.model_copy(update={"replicas": 1})
    own = preview_engine(engine, shapes, machine, longest)
    # Judges of general answers, which are opened once the teacher is closed.
    judges = [
        preview_engine(one, shapes, machine, None)
        for one in list_check_engines(getattr(options, "check", ()))
    ]
    return Preview(
        tuple(estimate for one in (own, *judges) for estimate in one.estimates),
        tuple(note for one in (own, *judges) for note in one.notes),
    )
