"""Modules that take seconds to import and may be imported once, before the processes that need them are forked.

Only where vLLM is its CPU build. Beside a GPU nothing heavy is imported before a fork: CUDA survives none, several
libraries look for devices while they are imported, and a stage there takes so long that seconds do not count. polars
and pyarrow, and what imports them (datasets, TRL's trainers), are left out everywhere: they start threads.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from importlib import import_module
from typing import Final

HEAVY: Final = ("torch", "transformers", "peft", "vllm.v1.engine.llm_engine")
"""In the order in which they are imported."""
FURTHER: Final = {
    "transformers": ("transformers.models.auto.modeling_auto",),
    "vllm.v1.engine.llm_engine": (
        "vllm.v1.worker.cpu_worker",
        "vllm.model_executor.models.qwen2",
        "vllm.model_executor.models.llama",
    ),
}
"""What these import only when they are used."""


def list_imported() -> list[str]:
    """Those that this process has imported by now."""
    import sys

    return [name for name in HEAVY if name in sys.modules]


def import_heavy(names: Collection[str]) -> None:
    """Import those of them that are named, without a thread."""
    wanted = [name for name in HEAVY if name in names]
    if not wanted:
        return
    from curate.engines.vllm_loading import is_cpu_build, prepare_import

    if not is_cpu_build():
        return
    # OpenBLAS starts its threads when numpy is imported.
    given = os.environ.get("OPENBLAS_NUM_THREADS")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    try:
        # A stage that needs what cannot be imported says so itself.
        with suppress(Exception), prepare_import():
            for name in wanted:
                for module in (name, *FURTHER.get(name, ())):
                    import_module(module)
    finally:
        if given is None:
            del os.environ["OPENBLAS_NUM_THREADS"]
        else:
            os.environ["OPENBLAS_NUM_THREADS"] = given
