"""The cluster that a recipe is planned for, and how many replicas of an engine it has room for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from curate.memory.machine import Machine, find_machine
from filters.engine import EngineOptions

SHAPE: Final = re.compile(r"([1-9]\d*)x(\d+)(?:x(\d+(?:\.\d+)?))?")


@dataclass(frozen=True, slots=True)
class Cluster:
    """Machines that are alike. gpus: of each; 0 is a CPU. gib: memory of each GPU; None is that of the GPUs here, else the usual."""

    machines: int
    gpus: int
    gib: float | None = None

    @property
    def machine(self) -> Machine:
        """One of its machines."""
        return find_machine(self.gpus, self.gib)

    def count_replicas(self, engine: EngineOptions, on: str) -> int:
        """How many copies of the model sample at once; 0 where no machine has GPUs enough for one.

        On one machine, and of a server, as many as the options say; on Ray as many as there is room for, up to that number
        where it is more than one.
        """
        if on == "local" or engine.kind != "vllm":
            return engine.replicas
        room = self.machines * (self.gpus // engine.tensor_parallel if self.gpus else 1)
        return min(room, engine.replicas) if engine.replicas > 1 else room


def read_cluster(value: Any) -> Any:
    """A cluster from MACHINESxGPUS or MACHINESxGPUSxGIB, or as it is."""
    if not isinstance(value, str):
        return value
    found = SHAPE.fullmatch(value)
    if found is None:
        raise ValueError(
            f"'{value}' is not of the form MACHINESxGPUS or MACHINESxGPUSxGIB, as 64x8 or 64x8x80"
        )
    return Cluster(int(found[1]), int(found[2]), float(found[3]) if found[3] else None)
