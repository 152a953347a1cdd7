"""The option `--on`: where a command's work runs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

from curate.sampling.leased_work import LeasedTask
from curate.sampling.leases import LeaseBook
from curate.sampling.places import Place, Recover, SampledElsewhere, Show
from filters.errors import UserError

ON: Final = re.compile(r"(local|ray)(?::(.+))?")


@contextmanager
def open_place(on: str) -> Iterator[Place | None]:
    """The place that `--on` names, for as long as the block runs; None is this process.

    local; ray: the cluster that RAY_ADDRESS names, else one on this machine; ray:ADDRESS (`curate.cluster.slurm` has
    arrays). Raises UserError where there is none.
    """
    found = ON.fullmatch(on)
    if found is None or (found[1] == "local" and found[2]):
        raise UserError(
            f"--on {on}: it is local, ray, ray:ADDRESS, as ray:auto for the cluster of this machine, or slurm:N for an array of N "
            "jobs."
        )
    if found[1] == "local":
        yield None
        return
    from curate.cluster.ray_session import connect

    with connect(found[2] or os.environ.get("RAY_ADDRESS", "")) as ray:
        yield _RayPlace(ray)


class _RayPlace:
    """A connected cluster."""

    def __init__(self, ray: Any) -> None:
        from curate.cluster.ray_shards import RayShards

        self._ray, self.shards = ray, RayShards(ray)

    def sample(
        self,
        task: LeasedTask,
        make_book: Callable[[], LeaseBook],
        minutes: float | None,
        recover: Recover,
        show: Show,
    ) -> SampledElsewhere:
        """See `Place.sample`. With one replica asked for, as by default, there are as many as there is room for."""
        from curate.cluster.ray_sampling import RaySampling

        limit = task.engine.replicas if task.engine.replicas > 1 else None
        alone = task.engine.model_copy(update={"replicas": 1})
        return RaySampling(self._ray, replace(task, engine=alone), make_book, limit, recover).run(
            minutes, show
        )
