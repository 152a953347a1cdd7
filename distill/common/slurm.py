"""A training on the machines of a Slurm allocation: one step with a task on each, by `srun`.

A command that was itself started by `srun` on each machine is such a task, and starts nothing but its own processes.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from typing import Final

from curate.engines.process_group import describe_exit
from distill.common.machines import find_step
from distill.common.on_machine import MachineTask, train_on_machine
from distill.common.ranks import clear_logs, explain_failure, name_logs
from filters.child_python import make_command, make_environment
from filters.errors import UserError

ENDING_S: Final = 30.0
"""What a step may take to end once it was interrupted."""


def train_by_slurm(task: MachineTask) -> None:
    """Train on all machines of the step that this process is a task of, or else of the allocation. Raises what kept it from its end."""
    machines = find_step(os.environ)
    if machines is not None:
        train_on_machine(task, machines)
    else:
        _run_step(task, int(os.environ["SLURM_JOB_NUM_NODES"]))


def _run_step(task: MachineTask, nodes: int) -> None:
    """Start the task on each machine and wait; where one ends badly Slurm ends all."""
    srun = shutil.which("srun")
    if srun is None:
        raise UserError("--on slurm: there is no srun on this machine.")
    logs = name_logs(task.aside, task.launch)
    clear_logs(logs)
    logs.mkdir(parents=True, exist_ok=True)
    file = logs / "task.json"
    file.write_text(task.model_dump_json(), encoding="utf-8")
    # srun takes this from its flags alone.
    cores = os.environ.get("SLURM_CPUS_PER_TASK")
    step = [
        *(srun, f"--nodes={nodes}", f"--ntasks={nodes}", "--ntasks-per-node=1", "--kill-on-bad-exit=1"),
        *([f"--cpus-per-task={cores}"] if cores else []),
        *make_command("distill.common.on_machine", str(file.absolute())),
    ]
    process = subprocess.Popen(step, env=make_environment(), stdin=subprocess.DEVNULL)  # noqa: S603  our own module
    try:
        code = process.wait()
    except BaseException:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_S)
        process.kill()
        raise
    if code:
        raise explain_failure(logs, task.title, f"srun {describe_exit(code)}")
