"""The option `--on` of a training: on several machines, by Slurm or on a Ray cluster."""

from __future__ import annotations

import os
import re
import uuid
from dataclasses import dataclass
from typing import Final

from curate.store.copies import find_url
from distill.common.machines import find_step
from distill.common.on_machine import MachineTask
from distill.common.options import TrainingOptions
from distill.common.plan import Plan
from filters.errors import UserError

ON: Final = re.compile(r"local|slurm|(ray)(?::(.+))?")
NO_SLURM: Final = "--on slurm: this is not in a Slurm allocation: give the command in one (sbatch --nodes=2 …), or leave --on out."


@dataclass(frozen=True, slots=True)
class Several:
    """Several machines. ray: the address of their cluster; None by Slurm. leads: whether this process tells the result."""

    ray: str | None
    leads: bool

    def train(self, plan: Plan, options: TrainingOptions, stage: str) -> None:
        """Train as planned. stage: the package whose main program is run in each process."""
        machines = find_step(os.environ) if self.ray is None else None
        task = MachineTask(
            aside=plan.aside.absolute(),
            title=f"training {options.name}",
            stage=stage,
            options=options.model_dump_json(),
            launch=machines.launch if machines else uuid.uuid4().hex[:12],
        )
        if self.ray is None:
            from distill.common.slurm import train_by_slurm

            train_by_slurm(task)
        else:
            from distill.common.on_ray import train_by_ray

            train_by_ray(task, self.ray, options.gpus)


def find_several(options: TrainingOptions) -> Several | None:
    """The machines that a training is asked to run on; None is this one alone. Raises UserError where that cannot be."""
    found = ON.fullmatch(options.on)
    if found is None:
        raise UserError(
            f"--on {options.on}: a training runs on local, slurm, ray, or ray:ADDRESS, as ray:auto for the cluster of this machine."
        )
    if options.on == "local":
        return None
    if (url := find_url(options.run)) is not None:
        raise UserError(
            f"--on {options.on}: machines that train together share checkpoints by a file system that all of them see, and "
            f"'{url}' is an object store: give a run folder, or train on one machine."
        )
    if found[1]:
        return Several(found[2] or os.environ.get("RAY_ADDRESS", ""), leads=True)
    step = find_step(os.environ)
    if step is None and "SLURM_JOB_ID" not in os.environ:
        raise UserError(NO_SLURM)
    if step is None and int(os.environ.get("SLURM_JOB_NUM_NODES", "1")) == 1:
        return None
    return Several(None, leads=step is None or step.index == 0)
