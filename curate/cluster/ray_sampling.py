"""Sampling on a Ray cluster: an actor beside each replica of the engine, and one that holds the leases.

Samples never pass through Ray: each actor writes a segment of the run folder. An actor that is lost, with its machine
or alone, is fenced; what it has written counts, and the rest of its prompts is leased again. Another is asked for
as long as there are prompts to lease: it starts where there is room, on machines that come later, too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

from curate.cluster.node_tally import EndState, NodeTally
from curate.cluster.ray_actors import SILENT_S, LeaseActor, SamplerActor
from curate.cluster.ray_session import (
    WaitForRoom,
    describe_command,
    list_machines,
    tell_first_line,
)
from curate.sampling.leased_work import LeasedTask
from curate.sampling.leases import LeaseBook
from curate.sampling.node_work import NodeWork
from curate.sampling.places import Recover, SampledElsewhere, Show
from curate.store.segments import name_segment
from filters.errors import UserError, WorkUndone

logger = logging.getLogger(__name__)

POLL_S: Final = 0.5
"""Between two looks at the samplers."""
NODES_S: Final = 5.0
"""Between two looks at each of them: they report as often."""
ALIKE: Final = 3
"""So many replicas that fail alike before any made a sample are enough to know."""
ENDING_S: Final = 30.0
"""What samplers may take to abort what is in flight and write what they have."""


@dataclass(slots=True)
class _Replica:
    """An actor that was asked for: its segment, and what it will say. node: where it is, for Ray and for people; empty until then."""

    actor: Any
    segment: str
    place: Any
    result: Any
    node: tuple[str, str] = ("", "")

    @property
    def is_up(self) -> bool:
        """Whether it has found a machine."""
        return bool(self.node[0])


class RaySampling:
    """Drives the samplers of one command.

    ray: the module, connected. limit: most replicas; None is as many as there is room for. recover: see `Place.sample`.
    """

    def __init__(
        self,
        ray: Any,
        task: LeasedTask,
        make_book: Callable[[], LeaseBook],
        limit: int | None,
        recover: Recover,
    ) -> None:
        self._ray, self._task, self._limit, self._recover = ray, task, limit, recover
        here = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(
            ray.get_runtime_context().get_node_id(), soft=False
        )
        actor = ray.remote(LeaseActor).options(num_cpus=0, scheduling_strategy=here)
        self._book = actor.remote(make_book)
        self._replicas: list[_Replica] = []
        self._tally, self._told = NodeTally(), time.monotonic()
        self._room = WaitForRoom()
        self._barred: list[str] = []
        self._failures: list[UserError] = []
        self._reasons: list[str] = []
        self._has_samples = False
        self._in_force: Mapping[str, object] = {}

    def run(self, minutes: float | None, show: Show) -> SampledElsewhere:
        """Sample to the end. show: told now and then what was done.

        Raises UserError or WorkUndone where no replica is left, with what ended the last.
        """
        try:
            return self._follow(minutes, show)
        except self._ray.exceptions.RayError as error:
            raise WorkUndone(
                f"The process that holds the leases was lost, or the cluster itself ({tell_first_line(error)}). Finished work is "
                "kept; run the same command again to go on."
            ) from error
        finally:
            self._end_all()

    def _follow(self, minutes: float | None, show: Show) -> SampledElsewhere:
        started, over = None, False
        while True:
            look = self._ray.get(self._book.look.remote())
            # Waiting for room and loading the model do not count.
            started = started or (time.monotonic() if look.has_begun else None)
            seconds = time.monotonic() - started if started else 0.0
            self._has_samples = look.counts.whole > 0
            show(look.counts, self._look_at_nodes())
            if look.is_done and not any(one.is_up for one in self._replicas):
                look.counts.seconds = seconds
                return SampledElsewhere(look.counts, self._tally.list_nodes(), look.given_up, self._in_force)
            if not look.is_done:
                self._ask_for_another()
            self._listen()
            for one in [one for one in self._replicas if one.segment in look.silent]:
                self._lose(one, f"has told nothing for {SILENT_S:.0f} seconds", "lost", blame=True)
            if minutes is not None and not over and seconds > 60 * minutes:
                over = True
                self._ray.get(self._book.stop.remote("minutes"))

    def _look_at_nodes(self) -> list[NodeWork]:
        """The machines, with what their replicas have told lately."""
        if time.monotonic() - self._told >= NODES_S:
            self._tally.tell(self._ray.get(self._book.list_counts.remote()))
            self._told = time.monotonic()
        return self._tally.list_nodes()

    def _ask_for_another(self) -> None:
        """Keep one replica asked for, until there are as many as there may be. Raises what ended the last where there is no hope."""
        if any(not one.is_up for one in self._replicas):
            self._room.tell_if_long(not any(one.is_up for one in self._replicas))
            if not any(one.is_up for one in self._replicas) and self._is_hopeless():
                raise self._failures[-1]
            return
        if self._limit is not None and len(self._replicas) >= self._limit:
            return
        if not self._replicas and self._is_hopeless():
            raise self._failures[-1]
        segment, need = name_segment(), describe_need(self._ray, self._task, self._barred)
        actor = self._ray.remote(SamplerActor).options(**need)
        # Its checks have the cores that it was given, and not all of its machine's.
        task = replace(self._task, workers=self._task.workers or need["num_cpus"])
        made = actor.remote(task, segment, self._book, describe_command())
        self._replicas.append(_Replica(made, segment, made.name_node.remote(), made.sample.remote()))

    def _is_hopeless(self) -> bool:
        """Whether replicas failed wherever there is room, or alike on several machines before any made a sample."""
        if not self._failures:
            return False
        need = describe_need(self._ray, self._task, ())
        roomy = {
            node
            for node, machine in list_machines(self._ray).items()
            if machine["CPU"] >= need["num_cpus"] and machine.get("GPU", 0) >= need.get("num_gpus", 0)
        }
        alike = not self._has_samples and len(self._reasons) >= ALIKE and len(set(self._reasons)) == 1
        return alike or roomy <= set(self._barred)

    def _listen(self) -> None:
        """Take what replicas have to say within the next moment."""
        waited = [one.result if one.is_up else one.place for one in self._replicas]
        if not waited:
            return
        ready, _ = self._ray.wait(waited, num_returns=len(waited), timeout=POLL_S)
        said = set(ready)
        for one in list(self._replicas):
            if not one.is_up and one.place in said:
                self._take_place(one)
            elif one.is_up and one.result in said:
                self._take_result(one)

    def _take_place(self, one: _Replica) -> None:
        try:
            one.node = self._ray.get(one.place)
            self._tally.begin(one.segment, one.node[1])
        except self._ray.exceptions.RayError as error:
            self._lose(one, f"was lost before it began ({tell_first_line(error)})", "lost")

    def _take_result(self, one: _Replica) -> None:
        try:
            counts, in_force = self._ray.get(one.result)
            self._in_force = self._in_force or in_force
        except self._ray.exceptions.RayTaskError as error:
            self._bar(one, error.cause)
        except self._ray.exceptions.RayError as error:
            self._lose(one, f"was lost ({tell_first_line(error)})", "lost", blame=True)
        else:
            self._replicas.remove(one)
            self._ray.get(self._book.end.remote(one.segment, counts))
            self._tally.end(one.segment, one.node[1], counts, "done")

    def _bar(self, one: _Replica, cause: BaseException) -> None:
        """A replica that ends with an error is not tried again on its machine; the others go on."""
        known = isinstance(cause, UserError)
        said = str(cause) if known else f"{type(cause).__name__}: {tell_first_line(cause)}"
        where = f"On {one.node[1]}: {said}"
        self._failures.append((type(cause) if known else WorkUndone)(where))  # type: ignore[arg-type]
        self._reasons.append(said)
        self._barred.append(one.node[0])
        self._lose(one, f"ended: {said}", "failed")

    def _lose(self, one: _Replica, why: str, how: EndState, *, blame: bool = False) -> None:
        """Fence a replica, keep what it has written, and lease the rest of its prompts again."""
        logger.warning(f"The replica on {one.node[1] or 'no machine yet'} {why}; its prompts go to others.")
        self._ray.kill(one.actor)
        self._replicas.remove(one)
        leased = self._ray.get(self._book.list_leased.remote(one.segment))
        left = self._recover(one.segment, leased if one.is_up else None)
        self._ray.get(self._book.lose.remote(one.segment, left, blame))
        if one.is_up:
            self._tally.end(one.segment, one.node[1], left.counts, how)

    def _end_all(self) -> None:
        """Let samplers abort what is in flight and write what they have; whoever does not is killed and fenced."""
        exceptions = self._ray.exceptions
        with suppress(exceptions.RayError):
            self._ray.get(self._book.stop.remote("end"), timeout=ENDING_S)
        up = [one.result for one in self._replicas if one.is_up]
        if up:
            self._ray.wait(up, num_returns=len(up), timeout=ENDING_S)
        for one in self._replicas:
            self._ray.kill(one.actor)
            if one.is_up:  # one that never began has written nothing
                self._recover(one.segment, None)
        self._ray.kill(self._book)


def describe_need(ray: Any, task: LeasedTask, barred: Sequence[str]) -> dict[str, Any]:
    """What a replica needs of a machine, as options of an actor: its GPUs with their share of the cores, or all cores of the smallest.

    barred: machines that it may not be on.
    """
    machines = list(list_machines(ray).values())
    gpus = task.engine.tensor_parallel
    with_gpus = [machine for machine in machines if machine.get("GPU", 0) >= gpus]
    need: dict[str, Any] = {"max_restarts": 0, "max_task_retries": 0}
    if task.engine.kind == "vllm" and with_gpus:
        cores = min(machine["CPU"] * gpus / machine["GPU"] for machine in with_gpus)
        need |= {"num_gpus": gpus, "num_cpus": max(1, int(cores))}
    else:
        need |= {"num_cpus": max(1, int(min((machine["CPU"] for machine in machines), default=1)))}
    if barred:
        need["label_selector"] = {"ray.io/node-id": f"!in({','.join(barred)})"}
    return need
