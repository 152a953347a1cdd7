"""One machine's part of a training on several: its own processes, by accelerate, which meet those of the others.

Started once on each machine: by an actor on a Ray cluster, or by `srun` as `python -P -m distill.common.on_machine TASK.json`.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from distill.common.machines import Machines, find_step
from distill.common.ranks import Launch
from filters.errors import UserError


class MachineTask(BaseModel):
    """What every machine of a training is given.

    aside: the training's workplace, which all machines see. stage: the package whose main program is run. options: of
    the training, as JSON. launch: the name of this launch. processes: on each machine; None is one per GPU.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    aside: Path
    title: str
    stage: str
    options: str
    launch: str
    processes: int | None = None


def train_on_machine(task: MachineTask, machines: Machines, *, unseen: bool = False) -> None:
    """Run this machine's processes to the end; see `Launch.run`."""
    processes = task.processes or max(1, count_gpus())
    launch = Launch(task.aside, task.title, machines)
    launch.run(machines.list_arguments(processes), task.stage, task.options, unseen=unseen)


def count_gpus() -> int:
    """The GPUs that this process may use."""
    import torch

    return int(torch.cuda.device_count())


def main() -> int:
    """Be one task of a step that the driver of a training has started; what fails is left in the logs, for the driver to tell."""
    task = MachineTask.model_validate_json(Path(sys.argv[1]).read_text(encoding="utf-8"))
    machines = find_step(os.environ)
    assert machines is not None
    try:
        train_on_machine(task, replace(machines, launch=task.launch))
    except UserError as error:
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
