"""One function on several machines of a Ray cluster at once, which end together: all when one ends badly or is lost."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from curate.cluster.ray_session import (
    Command,
    describe_command,
    enter_command,
    tell_first_line,
)
from filters.errors import UserError, WorkUndone

logger = logging.getLogger(__name__)

POLL_S: Final = 0.5
"""Between two looks at the machines."""
ENDING_S: Final = 30.0
"""What the others may take to say how they ended, once one has ended badly: the loss of a machine is noticed late."""
WAIT_S: Final = 30.0
"""Between two messages that machines are waited for."""


class MachineNeed(NamedTuple):
    """How many machines, and what of each: whole GPUs with their share of the cores, or all cores of the smallest."""

    machines: int
    gpus: int
    cpus: int


class MachineActor:
    """One of the machines."""

    def __init__(self, command: Command) -> None:
        enter_command(command)

    def find_address(self) -> tuple[str, int]:
        """Its address, and a port of it that is free."""
        import ray

        with socket.socket() as free:
            free.bind(("", 0))
            return str(ray.util.get_node_ip_address()), int(free.getsockname()[1])

    def work(self, function: Callable[..., None], given: Sequence[Any]) -> None:
        """Call the function here."""
        function(*given)


def find_need(machines: Mapping[str, Mapping[str, float]], gpus: int | None) -> MachineNeed:
    """What a cluster of such machines gives to one training. gpus: in all; 0 is none; None is every GPU, or every machine's cores where there is no GPU.

    Raises UserError where there are fewer, or where they do not divide evenly over machines.
    """
    fitted = [machine for machine in machines.values() if machine.get("GPU", 0) >= 1] if gpus != 0 else []
    if gpus and not fitted:
        raise UserError(f"{gpus} GPUs are asked for, and the Ray cluster has none.")
    if not fitted:
        cores = [int(machine["CPU"]) for machine in machines.values()]
        return MachineNeed(len(cores), 0, max(1, min(cores, default=1)))
    each = min(int(machine["GPU"]) for machine in fitted)
    count = len(fitted)
    if gpus is not None:
        each = min(each, gpus)
        if gpus % each:
            raise UserError(
                f"{gpus} GPUs do not divide over machines of {each}: ask for a multiple of {each}."
            )
        count = gpus // each
    if count > len(fitted):
        raise UserError(
            f"{gpus} GPUs are asked for, and the Ray cluster has {len(fitted) * each}, {each} on each of {len(fitted)} machines."
        )
    cores = [int(machine["CPU"] * each / machine["GPU"]) for machine in fitted]
    return MachineNeed(count, each, max(1, min(cores)))


class RayMachines:
    """Machines of a connected cluster, reserved until `close`. ray: the module."""

    def __init__(self, ray: Any, need: MachineNeed, title: str) -> None:
        self._ray, self._title = ray, title
        bundle = {"CPU": need.cpus, **({"GPU": need.gpus} if need.gpus else {})}
        self._group = ray.util.placement_group([bundle] * need.machines, strategy="STRICT_SPREAD")
        self._actors: list[Any] = []
        try:
            self._wait_for_room(need)
            place = ray.util.scheduling_strategies.PlacementGroupSchedulingStrategy
            for index in range(need.machines):
                actor = ray.remote(MachineActor).options(
                    num_cpus=need.cpus,
                    num_gpus=need.gpus,
                    max_restarts=0,
                    max_task_retries=0,
                    scheduling_strategy=place(self._group, placement_group_bundle_index=index),
                )
                self._actors.append(actor.remote(describe_command()))
            self.addresses: list[tuple[str, int]] = self._get_addresses()
        except BaseException:
            self.close()
            raise

    def _wait_for_room(self, need: MachineNeed) -> None:
        told = time.monotonic() - WAIT_S + 2 * POLL_S
        while not self._group.wait(timeout_seconds=POLL_S):
            if time.monotonic() - told > WAIT_S:
                told = time.monotonic()
                what = f"{need.gpus} GPUs and {need.cpus} cores" if need.gpus else f"{need.cpus} cores"
                logger.info(f"{self._title}: waiting for {need.machines} machines with {what} each.")

    def _get_addresses(self) -> list[tuple[str, int]]:
        """Each machine's address with a free port. Raises UserError where one cannot take part."""
        try:
            found: list[tuple[str, int]] = self._ray.get([one.find_address.remote() for one in self._actors])
        except self._ray.exceptions.RayError as error:
            cause = getattr(error, "cause", None)
            if isinstance(cause, UserError):
                raise cause from None
            raise WorkUndone(
                f"{self._title}: a machine was lost before it began ({tell_first_line(error)})."
            ) from None
        return found

    def work(
        self, function: Callable[..., None], given: Sequence[Sequence[Any]], look: Callable[[], None]
    ) -> None:
        """Call the function on each machine, with what is given for it, and wait for all. look: called now and then.

        Raises the first failure that the others follow from: a refusal, then the loss of a machine, then the earliest error.
        """
        waited = {
            actor.work.remote(function, one): index
            for index, (actor, one) in enumerate(zip(self._actors, given, strict=True))
        }
        failures: list[Exception] = []
        until: float | None = None
        while waited and (until is None or time.monotonic() < until):
            ready, _ = self._ray.wait(list(waited), num_returns=1, timeout=POLL_S)
            look()
            for ref in ready:
                failure = self._find_failure(ref, waited.pop(ref))
                if failure is not None:
                    failures.append(failure)
                    until = until or time.monotonic() + ENDING_S
        if failures:
            refused = [one for one in failures if not isinstance(one, WorkUndone)]
            lost = [one for one in failures if isinstance(one, _LostError)]
            raise [*refused, *lost, *failures][0]

    def _find_failure(self, ref: Any, index: int) -> Exception | None:
        try:
            self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as error:
            cause = error.cause
            if isinstance(cause, UserError):
                return cause
            return WorkUndone(f"{self._title}: {type(cause).__name__}: {tell_first_line(cause)}")
        except self._ray.exceptions.RayError as error:
            where = self.addresses[index][0]
            return _LostError(f"{self._title}: the machine {where} was lost ({tell_first_line(error)})")
        return None

    def close(self) -> None:
        """End what still runs, and give the machines back."""
        for actor in self._actors:
            with suppress(self._ray.exceptions.RayError):
                self._ray.kill(actor)
        self._ray.util.remove_placement_group(self._group)


class _LostError(WorkUndone):
    """A machine that did not come back."""
