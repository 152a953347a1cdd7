"""Lets paths that only GPUs take run on a CPU; for processes whose PYTHONPATH begins with this folder.

KEEP_WEIGHTS: vLLM's build for CPUs packs linear weights away after loading and cannot take new ones, its build for
GPUs does not; keep them, so that vLLM can sample a policy beside its training.
SHARD: accelerate shards on GPUs only; let two processes on a CPU pass for two GPUs, so that FSDP2 shards.
"""

import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Callable
from types import ModuleType


class Changed(importlib.abc.MetaPathFinder):
    """Changes one module when it has been imported."""

    def __init__(self, name: str, change: Callable[[ModuleType], None]) -> None:
        self._name, self._change = name, change

    def find_spec(self, name, path, target=None):
        if name != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        load = spec.loader.exec_module

        def run(module):
            load(module)
            self._change(module)

        spec.loader.exec_module = run
        return spec


def keep_weights(module: ModuleType) -> None:
    def keep(layer, remove_weight=True, **more):
        import torch

        layer.cpu_linear = torch.nn.functional.linear

    module.dispatch_cpu_unquantized_gemm = keep


def pass_for_gpus(module: ModuleType) -> None:
    kinds, begin = module.DistributedType, module.PartialState.__init__

    def init(self, *given, **named):
        begin(self, *given, **named)
        if self.__dict__.get("distributed_type") == kinds.MULTI_CPU:
            self.distributed_type = kinds.MULTI_GPU

    module.PartialState.__init__ = init


if os.environ.get("KEEP_WEIGHTS"):
    sys.meta_path.insert(0, Changed("vllm.model_executor.layers.utils", keep_weights))
if os.environ.get("SHARD"):
    sys.meta_path.insert(0, Changed("accelerate.state", pass_for_gpus))
