"""Opening the engine that options describe: a new kind of engine is a module beside this one and a branch here.

Each engine's libraries are imported by its own module, when it is opened.
"""

from __future__ import annotations

import os

from filters.engine import Engine, EngineOptions


async def open_engine(options: EngineOptions) -> Engine:
    """Load the model, or reach for the server, that the options describe; the caller closes it.

    An engine that consists of several processes runs in processes that can be ended, and is started again when one of
    them is lost. Raises UserError where the model, the script or a setting is at fault.
    """
    if options.kind == "server" or (options.replicas == 1 and not has_processes(options)):
        return await open_here(options)
    from curate.engines.replicas import Replicas

    return await Replicas.open(options)


async def open_here(options: EngineOptions) -> Engine:
    """The same, for one copy, in this process; EngineDied where it ends while it loads."""
    if options.kind == "vllm":
        from curate.engines.vllm import VllmEngine

        return await VllmEngine.open(options)
    if options.kind == "server":
        from curate.engines.server import ServerEngine

        return ServerEngine(options)
    from curate.engines.scripted import ScriptedEngine

    return ScriptedEngine.open(options)


def has_processes(options: EngineOptions) -> bool:
    """Whether vLLM would start processes of its own, as it does on GPUs."""
    if options.kind != "vllm":
        return False
    from curate.engines.vllm_loading import is_cpu_build

    own = os.environ.get("VLLM_ENABLE_V1_MULTIPROCESSING", "0" if is_cpu_build() else "1")
    return own != "0" or options.tensor_parallel > 1
