"""What the engine of a stage that samples needs, told before anything is loaded."""

from __future__ import annotations

from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine
from curate.memory.preview import Preview, preview_engine
from curate.sampling.options import PromptedOptions
from filters.engine import SamplingOptions


def preview_memory(options: PromptedOptions, shapes: Shapes, machine: Machine) -> Preview:
    """What the engine needs on that machine; empty for a server's."""
    sampling = getattr(options, "sampling", None)
    longest = sampling.max_tokens if isinstance(sampling, SamplingOptions) else None
    return preview_engine(options.engine, shapes, machine, longest)
