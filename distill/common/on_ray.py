"""A training on the machines of a Ray cluster: an actor on each starts its processes, and the driver shows what the first one says."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from curate.cluster.ray_machines import RayMachines, find_need
from curate.cluster.ray_session import connect, list_machines
from curate.console import write_message
from distill.common.machines import Machines
from distill.common.on_machine import MachineTask, train_on_machine
from distill.common.ranks import RESUME, SCREEN, name_logs
from filters.errors import UserError, WorkUndone


def train_by_ray(task: MachineTask, address: str, gpus: int | None) -> None:
    """Train on so many GPUs of the cluster; None is all of them, or every machine's cores where it has no GPU.

    address: as for `connect`. Raises UserError where the cluster cannot, and what kept the training from its end.
    """
    logs = name_logs(task.aside, task.launch)
    logs.mkdir(parents=True, exist_ok=True)
    with connect(address) as ray:
        need = find_need(list_machines(ray), gpus)
        with closing(RayMachines(ray, need, task.title)) as machines:
            host, port = machines.addresses[0]
            given = [
                (
                    task.model_copy(update={"processes": max(1, need.gpus)}),
                    Machines(need.machines, index, host, port, task.launch),
                )
                for index in range(need.machines)
            ]
            screen = _Screen(logs / SCREEN)
            try:
                machines.work(_train_unseen, given, screen.show)
            except WorkUndone as error:
                said = str(error)
                raise WorkUndone(said if RESUME in said else f"{said}. {RESUME}") from None
            finally:
                screen.show()


def _train_unseen(task: MachineTask, machines: Machines) -> None:
    if not task.aside.is_dir():
        raise UserError(
            f"The machine {machines.index + 1} of {machines.count} does not see '{task.aside}': the run folder must lie "
            "where all machines see it."
        )
    train_on_machine(task, machines, unseen=machines.index == 0)


class _Screen:
    """What rank 0 tells, read from the file that it is written to."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0

    def show(self) -> None:
        """Show the whole lines that are new."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                whole, end, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return
        self._read += len(whole) + len(end)
        for line in whole.decode("utf-8", "replace").splitlines():
            write_message(line)
