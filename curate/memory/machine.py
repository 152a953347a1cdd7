"""The machine that a plan is for: its GPUs and their memory, or a CPU's, told without starting CUDA.

A process that has started CUDA holds memory on the GPU and must not fork; so the driver is asked, by `nvidia-smi`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

GIB: Final = 1 << 30
MIB_IN_GIB: Final = 1024
GROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
"""Where a container's limit of memory stands."""
USUAL_GPU: Final = 80.0
"""GiB of a GPU that is planned for and not here, where nothing else is said: an A100 or H100."""


@dataclass(frozen=True, slots=True)
class Machine:
    """What there is to fill. gpus: how many; 0 is a CPU. gib: memory of each GPU, or the RAM. planned: whether it was given and not found."""

    gpus: int
    gib: float
    planned: bool = False

    def __str__(self) -> str:
        if not self.gpus:
            return f"a CPU with {self.gib:.0f} GiB of RAM"
        return f"{self.gpus} GPU{'s' if self.gpus > 1 else ''} of {self.gib:.0f} GiB"

    @property
    def devices(self) -> int:
        """How many processes train: one per GPU."""
        return max(1, self.gpus)


def find_machine(gpus: int | None = None, gpu_memory: float | None = None) -> Machine:
    """The machine asked for; what is not said of it is that of the machine this runs on."""
    found = find_gpu_memory()
    if gpus is None:
        gpus = len(found) or int(gpu_memory is not None)
    if gpus == 0:
        return Machine(0, read_ram())
    gib = gpu_memory or (min(found) if found else USUAL_GPU)
    return Machine(gpus, gib, planned=gpus > len(found) or gpu_memory is not None)


def find_own_machine(gpus: int | None = None) -> Machine:
    """The machine that a training runs on now, whatever was planned for.

    Its GPUs are as many as its processes. Before these are started, more than this machine has may be asked for, as
    several machines may be; the processes then look again.
    """
    found, world = find_gpu_memory(), count_ranks()
    if not found:
        return Machine(0, read_ram())
    several = world if world > 1 else max(len(found), gpus or 0) if len(found) > 1 else 1
    return Machine(several, min(found))


def is_rank() -> bool:
    """Whether this is one process of a distributed training, as torchrun and accelerate start them.

    Platforms set WORLD_SIZE and RANK alone, too, and may mean machines.
    """
    return "LOCAL_RANK" in os.environ


def count_ranks() -> int:
    """The processes of the distributed training that this one belongs to; 1 where there is none."""
    return int(os.environ.get("WORLD_SIZE", "1")) if is_rank() else 1


def find_gpu_memory() -> list[float]:
    """GiB of each GPU that this process may use, as the driver tells; empty without one."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    query = [tool, "--query-gpu=index,uuid,memory.total", "--format=csv,noheader,nounits"]
    try:
        told = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)  # noqa: S603  fixed words
    except (OSError, subprocess.SubprocessError):
        return []
    rows = [[cell.strip() for cell in line.split(",")] for line in told.stdout.splitlines()]
    listed = [(row[0], row[1], row[2]) for row in rows if len(row) == 3 and row[2].isdigit()]
    return [int(mib) / MIB_IN_GIB for _, _, mib in _visible(listed)]


def _visible(listed: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The GPUs that CUDA_VISIBLE_DEVICES leaves; as CUDA does, those before the first that is unknown."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is None:
        return listed
    chosen = []
    for name in (part.strip() for part in named.split(",")):
        match = [row for row in listed if name and (row[0] == name or row[1].startswith(name))]
        if not match:
            break
        chosen.append(match[0])
    return chosen


def read_ram() -> float:
    """GiB of memory that this process may use: the machine's, or its container's limit."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = GROUP_LIMIT.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        limit = "max"
    return (min(total, int(limit)) if limit.isdigit() else total) / GIB
