"""vLLM as it samples a policy that is being trained: TRL's wrapper, bounded, exact with adapters, and closed without harm."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import torch
from accelerate import Accelerator
from accelerate.utils import is_peft_model
from requests.exceptions import RequestException
from trl.generation.vllm_generation import VLLMGeneration

from distill.common.requirements import PACKED_WEIGHTS
from distill.grpo.adapter_weights import iterate_merged, require_linear
from distill.memory.training import SEQUENCES
from filters.errors import UserError

FARTHEST: Final = 1.0
"""Distance between the engine's and the policy's log probabilities of a token, on average, that no rounding explains.

Equal weights differ by 0.01 to 0.03 in bfloat16.
"""

RENDEZVOUS: Final = ("RANK", "LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""Environment variables by which the processes of a training find each other."""


class PolicyEngine(VLLMGeneration):  # type: ignore[misc]
    """TRL's VLLMGeneration for one training, from its first rollout to `close`."""

    def __init__(self, *, max_num_seqs: int | None = None, **options: Any) -> None:
        if is_peft_model(options["model"]):
            require_linear(options["model"])
            _require_whole_layers(options["accelerator"])
        self._group_is_lent = torch.distributed.is_initialized()
        self._told_before = {name: os.environ[name] for name in RENDEZVOUS if name in os.environ}
        super().__init__(max_num_seqs=min(max_num_seqs or SEQUENCES, SEQUENCES), **options)

    def _init_vllm(self) -> None:
        """Start vLLM, or reach its server. Raises UserError where its weights cannot be replaced afterwards."""
        super()._init_vllm()
        on_cpu = self.accelerator.device.type == "cpu"
        if self.mode == "colocate" and on_cpu and not self._takes_weights():
            raise UserError(PACKED_WEIGHTS)

    def _takes_weights(self) -> bool:
        worker = self.llm.llm_engine.model_executor.driver_worker
        return all(parameter.numel() for parameter in worker.model_runner.model.parameters())

    def _iter_named_params(self) -> Iterator[tuple[str, torch.Tensor]]:
        """The policy's weights under the names of vLLM; those with adapters are sums, and the policy's own stay untouched."""
        if not is_peft_model(self.model):
            yield from super()._iter_named_params()
            return
        for name, values in iterate_merged(self.model, self._dist.gather_params, self.accelerator.device):
            yield self._fix_param_name_to_vllm(name), values

    def sync_weights(self) -> None:
        """Give the engine the policy's weights. Raises UserError where its server is gone."""
        with self._say_when_gone():
            super().sync_weights()

    def generate(self, *args: Any, **options: Any) -> Any:
        """Sample the policy. Raises UserError where the server is gone."""
        with self._say_when_gone():
            return super().generate(*args, **options)

    @contextmanager
    def _say_when_gone(self) -> Iterator[None]:
        try:
            yield
        except RequestException as error:
            raise UserError(
                f"The vLLM server at {self.server_base_url} does not answer any more ({type(error).__name__}): restart it and "
                "this training, which goes on from its last checkpoint."
            ) from None

    def close(self) -> None:
        """End the engine and free its memory; called in every process at the same point of the training."""
        if self.mode != "colocate":
            return
        self.accelerator.wait_for_everyone()
        with _keep_process_group() if self._group_is_lent else _nothing():
            self.llm.llm_engine.engine_core.shutdown()
        del self.llm
        gc.collect()
        # TRL tells vLLM by the environment which process this is; whatever is started next would believe it.
        for name in RENDEZVOUS:
            os.environ.pop(name, None)
        os.environ.update(self._told_before)
        self.accelerator.wait_for_everyone()

    def abandon(self) -> None:
        """Leave the engine to the end of this process, after an error.

        Ending it takes part in collectives, and the other processes may be anywhere.
        """
        if self.mode != "colocate":
            return
        if self.accelerator.num_processes == 1:
            self.close()
            return
        # vLLM ends the engine when it is collected or when the interpreter exits; there is no public way to stop that.
        self.llm.llm_engine.engine_core._finalizer.detach()


@contextmanager
def hold_engine(trainer: Any) -> Iterator[None]:
    """Keep the engine that samples a trainer's policy for the block, and close it while all processes are still there."""
    if not trainer.use_vllm:
        yield
        return
    try:
        yield
    except BaseException:
        with suppress(Exception):  # what ended the training is to be told, and not what follows from it
            trainer.vllm_generation.abandon()
        raise
    trainer.vllm_generation.close()


def require_same_probabilities(difference: float, step: int) -> None:
    """Raises UserError where the engine did not sample the policy.

    difference: between their log probabilities of the tokens sampled, without sign, on average.
    """
    if difference > FARTHEST:
        raise UserError(
            f"Before step {step + 1} vLLM's log probabilities of the tokens it sampled are {difference:.2f} away from the "
            "policy's on average: it holds other weights than the policy, or another model. Train with --rollout "
            "transformers, or restart the server from the same model."
        )


def _require_whole_layers(accelerator: Accelerator) -> None:
    """Raises UserError under FSDP 1, which joins the parameters of adapters and weights into one."""
    plugin = getattr(accelerator.state, "fsdp_plugin", None)
    if plugin is not None and plugin.fsdp_version == 1:
        raise UserError(
            "Under FSDP 1 vLLM cannot be given the weights of a training with LoRA: set fsdp_version to 2 in accelerate's "
            "configuration."
        )


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _keep_process_group() -> Iterator[None]:
    """Within the block vLLM destroys the groups it made and not the default one, which is the training's.

    Ending an engine that lives in the training's process destroys the default group with it. Whatever the
    processes then want of each other (the sharded weights to be saved, a barrier) fails, or never ends.
    """
    from vllm.distributed import parallel_state

    theirs = parallel_state.destroy_distributed_environment

    def leave_default_group() -> None:
        if parallel_state._WORLD:
            parallel_state._WORLD.destroy()
        parallel_state._WORLD = None
        parallel_state._NODE_COUNT = None

    parallel_state.destroy_distributed_environment = leave_default_group
    try:
        yield
    finally:
        parallel_state.destroy_distributed_environment = theirs
