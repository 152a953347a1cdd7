"""Judging shards on a Ray cluster: an actor a machine, with deadline-guarded workers of its own, that is given one shard after the other.

Verdicts are committed by the actor beside the samples. A machine that is lost has its shard given to another; a shard
that could not be judged is told at the end and stops no other.
"""

from __future__ import annotations

import logging
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from curate.checking.shard_judge import ShardJudge
from curate.checking.shards import AdvanceShard, Shard, ShardFault
from curate.cluster.ray_session import (
    Command,
    WaitForRoom,
    describe_command,
    enter_command,
    list_machines,
    name_node,
    tell_first_line,
)
from curate.store.copies import find_address

logger = logging.getLogger(__name__)

POLL_S: Final = 0.5
"""Between two looks at the actors."""
AT_ONCE: Final = 8
"""Most shards that are given at once, which are judged without a stop between them."""
TRIES: Final = 3
"""So many lost machines that had a shard are its fault, and not theirs."""


class JudgeActor:
    """Judges shards on one machine, with a worker process a core."""

    def __init__(self, command: Command, address: str, name: str, workers: int) -> None:
        enter_command(command)
        self._given = (address, name, workers)
        self._judge: ShardJudge | None = None

    def judge(self, shards: Sequence[Shard]) -> list[int | ShardFault]:
        """See `ShardJudge.judge`."""
        self._judge = self._judge or ShardJudge(*self._given)
        return self._judge.judge(shards)

    def name_node(self) -> tuple[str, str]:
        """See `curate.cluster.ray_session.name_node`; answered once it has found a machine."""
        return name_node()


class RayShards:
    """The `ShardPlace` on a connected cluster. ray: the module."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray

    def judge(self, run: Path, name: str, shards: Sequence[Shard], advance: AdvanceShard) -> list[ShardFault]:
        """See `ShardPlace.judge`."""
        work = _Work(self._ray, find_address(run), name, shards, advance)
        try:
            while not work.is_done:
                work.go_on()
            return work.faults
        finally:
            work.end()


class _Work:
    """The shards of one call, and the actors that judge them."""

    def __init__(
        self, ray: Any, address: str, name: str, shards: Sequence[Shard], advance: AdvanceShard
    ) -> None:
        self._ray, self._address, self._name, self._advance = ray, address, name, advance
        self._waiting = deque(shards)
        self._starting: dict[Any, Any] = {}
        self._nodes: dict[Any, str] = {}
        self._idle: list[Any] = []
        self._busy: dict[Any, tuple[Any, Sequence[Shard]]] = {}
        self._losses: Counter[Path] = Counter()
        self._room = WaitForRoom()
        self.faults: list[ShardFault] = []
        cores = [int(machine["CPU"]) for machine in list_machines(ray).values()]
        self._cores = max(1, min(cores, default=1))
        for _ in range(min(len(shards), max(1, sum(count // self._cores for count in cores)))):
            self._start()

    @property
    def is_done(self) -> bool:
        """Whether every shard is judged, or cannot be."""
        return not (self._waiting or self._busy)

    def go_on(self) -> None:
        """Give shards to idle actors, and take what is ready within the next moment."""
        while self._waiting and self._idle:
            actor, shards = self._idle.pop(), self._take_shards()
            self._busy[actor.judge.remote(shards)] = (actor, shards)
        self._room.tell_if_long(not (self._idle or self._busy))
        ready, _ = self._ray.wait([*self._busy, *self._starting], timeout=POLL_S)
        for ref in ready:
            if ref in self._starting:
                self._take_actor(ref)
            else:
                self._take_result(ref)

    def end(self) -> None:
        """End all actors."""
        for actor in [*self._idle, *self._starting.values(), *(actor for actor, _ in self._busy.values())]:
            self._ray.kill(actor)

    def _start(self) -> None:
        """Ask for an actor; it starts where there is room, now or later."""
        options = {"num_cpus": self._cores, "max_restarts": 0, "max_task_retries": 0}
        made = self._ray.remote(JudgeActor).options(**options)
        actor = made.remote(describe_command(), self._address, self._name, self._cores)
        self._starting[actor.name_node.remote()] = actor

    def _take_actor(self, ref: Any) -> None:
        actor = self._starting.pop(ref)
        try:
            _, self._nodes[actor] = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            if not (self._starting or self._idle or self._busy):
                self.faults += [ShardFault(shard.part, tell_first_line(error)) for shard in self._waiting]
                self._waiting.clear()
            return
        self._idle.append(actor)

    def _take_shards(self) -> list[Shard]:
        """The next that ask for the same checks: several while there are many, one that a machine was lost with alone."""
        most = max(1, min(AT_ONCE, len(self._waiting) // max(1, 2 * len(self._nodes))))
        taken = [self._waiting.popleft()]
        while (
            len(taken) < most
            and self._waiting
            and self._waiting[0].specs == taken[0].specs
            and not (self._losses[taken[0].part] or self._losses[self._waiting[0].part])
        ):
            taken.append(self._waiting.popleft())
        return taken

    def _take_result(self, ref: Any) -> None:
        actor, shards = self._busy.pop(ref)
        try:
            results = self._ray.get(ref)
        except self._ray.exceptions.RayTaskError as error:
            self.faults += [ShardFault(shard.part, tell_first_line(error.cause)) for shard in shards]
        except self._ray.exceptions.RayError as error:
            self._lose(actor, shards, error)
            return
        else:
            for shard, result in zip(shards, results, strict=True):
                if isinstance(result, ShardFault):
                    self.faults.append(result)
                else:
                    self._advance(shard, result, self._nodes[actor])
        self._idle.append(actor)

    def _lose(self, actor: Any, shards: Sequence[Shard], error: BaseException) -> None:
        """Have a lost actor's shards judged by others, which need not wait for its successor."""
        said = tell_first_line(error)
        logger.warning(
            f"The machine {self._nodes[actor]} was lost ({said}); its parts are judged on another."
        )
        for shard in shards:
            self._losses[shard.part] += 1
            if self._losses[shard.part] >= TRIES:
                self.faults.append(ShardFault(shard.part, f"{TRIES} machines were lost with it"))
            else:
                self._waiting.append(shard)
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(actor)
        self._start()
