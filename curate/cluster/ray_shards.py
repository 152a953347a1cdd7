"""Judging shards on a Ray cluster: an actor a machine, with deadline-guarded workers of its own, that is given one shard after the other.

Verdicts are committed by the actor beside the samples. A machine that is lost has its shard given to another; a shard
that could not be judged is told at the end and stops no other.
"""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from curate.checking.executors.local import LocalExecutor
from curate.checking.run_checks import judge_by_rule
from curate.checking.shards import Shard, ShardFault
from curate.cluster.ray_session import require_same_code
from curate.store.layout import Run
from curate.store.parquet import count_rows
from filters.spec import CheckSpec

logger = logging.getLogger(__name__)

POLL_S: Final = 0.5
"""Between two looks at the actors."""
TRIES: Final = 3
"""So many lost machines that had a shard are its fault, and not theirs."""


class JudgeActor:
    """Judges shards on one machine, with a worker process a core."""

    def __init__(self, folder: str, version: str, workers: int) -> None:
        import ray

        require_same_code(version, str(ray.util.get_node_ip_address()))
        if Path(folder).is_dir():
            os.chdir(folder)  # what options name by a relative path is found as there
        self._workers = workers
        self._specs: tuple[CheckSpec, ...] = ()
        self._executor: LocalExecutor | None = None

    def judge(self, run: Path, name: str, shard: Shard) -> int:
        """Judge one shard and commit its verdicts; how many samples it has. Workers are kept from one shard to the next."""
        if self._executor is None or shard.specs != self._specs:
            self.close()
            self._specs, self._executor = shard.specs, LocalExecutor(shard.specs, self._workers)
        judge_by_rule(Run(run), name, {shard.part: shard.specs}, self._executor, lambda rows: None)
        return count_rows(shard.part)

    def close(self) -> None:
        """End the workers."""
        if self._executor is not None:
            self._executor.close()


@dataclass(slots=True)
class _Busy:
    actor: Any
    shard: Shard


class RayShards:
    """The `ShardPlace` on a connected cluster. ray: the module."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray

    def judge(
        self, run: Path, name: str, shards: Sequence[Shard], advance: Callable[[int], None]
    ) -> list[ShardFault]:
        """See `ShardPlace.judge`."""
        waiting, faults = deque(shards), list[ShardFault]()
        tries: dict[Path, int] = {}
        busy: dict[Any, _Busy] = {}
        idle: list[Any] = self._start(len(shards))
        exceptions = self._ray.exceptions
        try:
            while waiting or busy:
                while waiting and idle:
                    actor, shard = idle.pop(), waiting.popleft()
                    busy[actor.judge.remote(run.absolute(), name, shard)] = _Busy(actor, shard)
                ready, _ = self._ray.wait(list(busy), timeout=POLL_S)
                for ref in ready:
                    one = busy.pop(ref)
                    try:
                        advance(self._ray.get(ref))
                    except exceptions.RayTaskError as error:
                        faults.append(ShardFault(one.shard.part, _say(error.cause)))
                    except exceptions.RayError as error:
                        tries[one.shard.part] = tries.get(one.shard.part, 0) + 1
                        logger.warning(f"A machine was lost ({_say(error)}); its part is judged on another.")
                        if tries[one.shard.part] >= TRIES:
                            faults.append(ShardFault(one.shard.part, f"{TRIES} machines were lost with it"))
                        else:
                            waiting.append(one.shard)
                        with suppress(exceptions.RayError):
                            self._ray.kill(one.actor)
                        idle += self._start(1)
                        continue
                    idle.append(one.actor)
        finally:
            for actor in [*idle, *(one.actor for one in busy.values())]:
                self._ray.kill(actor)
        return faults

    def _start(self, shards: int) -> list[Any]:
        """An actor a machine, as far as there are shards; where there is no room yet, its calls wait for it."""
        cores = [
            int(node["Resources"]["CPU"])
            for node in self._ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU")
        ]
        least = max(1, min(cores, default=1))
        actor = self._ray.remote(JudgeActor).options(num_cpus=least, max_restarts=0, max_task_retries=0)
        several = min(shards, max(1, sum(count // least for count in cores))) if shards > 1 else 1
        return [actor.remote(str(Path.cwd()), metadata.version("r1curate"), least) for _ in range(several)]


def _say(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(error).__name__
