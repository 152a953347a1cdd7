"""Several copies of one engine at work on one machine: replicas times tensor parallel, with one command."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import partial

from curate.engines.replica import Replica
from curate.engines.restarting import RestartingEngine
from curate.engines.suspects import Guilty
from filters.engine import Completion, Engine, EngineOptions, Request
from filters.errors import UserError


class Replicas:
    """The `Engine` over several engines: a request goes to the one with the fewest outstanding."""

    def __init__(self, engines: Sequence[Engine]) -> None:
        self.identity = engines[0].identity
        self.concurrency = sum(engine.concurrency for engine in engines)
        self.in_force = engines[0].in_force
        self._outstanding = dict.fromkeys(engines, 0)

    @classmethod
    async def open(cls, options: EngineOptions) -> Replicas:
        """Start `options.replicas` processes at once, each with its share of the GPUs or cores."""
        alone = options.model_copy(update={"replicas": 1})
        places = [_place(number, options) for number in range(options.replicas)]
        guilty: Guilty = {}
        opening = [
            asyncio.create_task(RestartingEngine.open(partial(Replica.open, alone, place), guilty))
            for place in places
        ]
        opened = False
        try:
            engines = await asyncio.gather(*opening)
            opened = True
        finally:
            if not opened:
                await _abandon(opening)
        return cls(engines)

    async def complete(self, request: Request) -> Completion:
        """Answer one request on the least busy replica."""
        engine = min(self._outstanding, key=self._outstanding.__getitem__)
        self._outstanding[engine] += 1
        try:
            return await engine.complete(request)
        finally:
            self._outstanding[engine] -= 1

    async def close(self) -> None:
        """End all processes."""
        await asyncio.gather(*(engine.close() for engine in self._outstanding))


async def _abandon(opening: Sequence[asyncio.Task[RestartingEngine]]) -> None:
    """End those that still load, and close those that have loaded."""
    for task in opening:
        task.cancel()
    ended = await asyncio.gather(*opening, return_exceptions=True)
    await asyncio.gather(*(one.close() for one in ended if isinstance(one, RestartingEngine)))


def _place(number: int, options: EngineOptions) -> dict[str, str]:
    """The environment that gives one replica its own GPUs, or its share of the cores."""
    gpus = _gpus()
    if not gpus or options.kind != "vllm":
        if options.replicas == 1:
            return {}
        share = max(1, len(os.sched_getaffinity(0)) // options.replicas)
        return {"OMP_NUM_THREADS": str(share)}
    needed = options.replicas * options.tensor_parallel
    if needed > len(gpus):
        raise UserError(
            f"{options.replicas} replicas of {options.tensor_parallel} GPUs need {needed} GPUs; here are {len(gpus)}."
        )
    first = number * options.tensor_parallel
    return {"CUDA_VISIBLE_DEVICES": ",".join(gpus[first : first + options.tensor_parallel])}


def _gpus() -> list[str]:
    """The GPUs this process may use, by the names that CUDA_VISIBLE_DEVICES takes."""
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        return [gpu for gpu in visible.split(",") if gpu.strip()]
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return []
    listed = subprocess.run([tool, "-L"], capture_output=True, text=True, check=False)  # noqa: S603
    return [str(number) for number, line in enumerate(listed.stdout.splitlines()) if line.startswith("GPU ")]
