"""The machines of one training, as each of them knows them: how many, which one this is, and where they meet.

Each machine starts its own processes by accelerate; the first one's address and port are where all of them meet
(torch's static rendezvous, so that the first machine has rank 0, which alone writes and tells).
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from filters.errors import UserError

PORTS: Final = range(20000, 32000)
"""Where a Slurm step's machines meet: below the ports that systems hand out by themselves."""
STEP: Final = ("SLURM_STEP_NUM_NODES", "SLURM_STEP_NUM_TASKS", "SLURM_STEP_NODELIST", "SLURM_NODEID")
"""What `srun` tells each task of a step."""


@dataclass(frozen=True, slots=True)
class Machines:
    """The machines of one training.

    count: how many. index: which of them this is; 0 is the first. address, port: of the first, where all meet.
    launch: a name that they share and that no other launch has.
    """

    count: int
    index: int
    address: str
    port: int
    launch: str

    def list_arguments(self, processes: int) -> list[str]:
        """The arguments of `accelerate launch` for so many processes on each machine."""
        whole = self.count * processes
        return [
            *(["--multi_gpu"] if whole > 1 else []),
            *("--num_processes", str(whole)),
            *("--num_machines", str(self.count), "--machine_rank", str(self.index)),
            *("--main_process_ip", self.address, "--main_process_port", str(self.port)),
            *("--rdzv_backend", "static", "--same_network"),
        ]


def find_step(environment: Mapping[str, str]) -> Machines | None:
    """The machines of the Slurm step that a process belongs to; None where it is in none, or in one of a single machine.

    Raises UserError where a machine has not exactly one process of the step.
    """
    machines = int(environment.get("SLURM_STEP_NUM_NODES", "1"))
    if machines < 2:
        return None
    missing = [name for name in STEP if name not in environment]
    if missing:
        raise UserError(
            f"--on slurm: srun has not set {', '.join(missing)} here; start this command by srun."
        )
    tasks = int(environment["SLURM_STEP_NUM_TASKS"])
    if tasks != machines:
        raise UserError(
            f"--on slurm: this step has {tasks} tasks on {machines} machines, and a training wants one on each, which starts "
            "a process per GPU: srun --ntasks-per-node=1 …"
        )
    job, step = environment.get("SLURM_JOB_ID", "0"), environment.get("SLURM_STEP_ID", "0")
    tries = environment.get("SLURM_RESTART_COUNT", "0")
    return Machines(
        count=machines,
        index=int(environment["SLURM_NODEID"]),
        address=name_first(environment["SLURM_STEP_NODELIST"]),
        port=PORTS[(31 * int(job) + int(step)) % len(PORTS)],
        launch=f"{job}.{step}.{tries}",
    )


def name_first(listed: str) -> str:
    """The first host of a list as Slurm writes it: node[01-04,07],login becomes node01."""
    whole = re.match(r"(?:[^,\[\]]|\[[^\]]*\])+", listed)
    if whole is None:
        raise UserError(f"--on slurm: '{listed}' is no list of hosts.")
    return re.sub(r"\[(\w+)[^\]]*\]", r"\1", whole[0])


def count_neighbours(processes: int) -> int:
    """The processes of a distributed training that run on this machine, as torch's launcher says; else all of them."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", processes))
