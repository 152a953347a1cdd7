"""Opening the engine that options describe: a new kind of engine is a module beside this one and a branch here.

Each engine's libraries are imported by its own module, when it is opened.
"""

from __future__ import annotations

from filters.engine import Engine, EngineOptions


async def open_engine(options: EngineOptions) -> Engine:
    """Load the model, or reach for the server, that the options describe; the caller closes it.

    Raises UserError where the model, the script or a setting is at fault.
    """
    if options.replicas > 1 and options.kind != "server":
        from curate.engines.replicas import Replicas

        return await Replicas.open(options)
    if options.kind == "vllm":
        from curate.engines.vllm import VllmEngine

        return await VllmEngine.open(options)
    if options.kind == "server":
        from curate.engines.server import ServerEngine

        return ServerEngine(options)
    from curate.engines.scripted import ScriptedEngine

    return ScriptedEngine.open(options)
