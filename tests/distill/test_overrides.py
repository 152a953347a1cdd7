"""The libraries' private methods that are overridden still exist, with the parameters that ours take."""

import inspect

import pytest
from trl.models.utils import prepare_fsdp
from trl.trainer import grpo_trainer
from vllm.distributed import parallel_state
from vllm.v1.engine.core_client import InprocClient

from distill.grpo.policy_engine import PolicyEngine
from distill.grpo.reference import shard_reference
from distill.grpo.trl_trainer import PolicyTrainer
from distill.matching.trl_trainer import LogitsTrainer, OnPolicyTrainer
from distill.sft.trl_trainer import StepTrainer


def overridden() -> list[tuple[type, str]]:
    """Each method of ours that replaces a library's private one."""
    classes = (PolicyEngine, PolicyTrainer, StepTrainer, OnPolicyTrainer, LogitsTrainer)
    names = {"compute_loss", "create_model_card", "get_train_dataloader", "training_step"}
    own = {"_reference_is_policy", "_say_when_gone", "_takes_weights"}
    return [
        (cls, name)
        for cls in classes
        for name, value in vars(cls).items()
        if inspect.isfunction(value)
        and name not in own
        and (name in names or (name[0] == "_" and name[1] != "_"))
    ]


def test_the_overridden_methods_are_known():
    assert {name for _, name in overridden()} == {
        "_compute_loss", "_generate", "_generate_and_score_completions", "_get_num_items_in_batch", "_init_vllm", "_iter_named_params", "_load_from_checkpoint", "_prepare_inputs", "_save_checkpoint",
        "_send_telemetry", "_tokenize_prompts", "compute_loss", "create_model_card", "get_train_dataloader", "training_step",
    }  # fmt: skip


@pytest.mark.parametrize(("cls", "name"), overridden())
def test_an_overridden_method_is_there_and_takes_the_same(cls: type, name: str):
    base = getattr(super(cls, cls), name, None)
    assert base is not None, f"{cls.__bases__[0].__name__} has no {name} any more"
    theirs, ours = (
        list(inspect.signature(method).parameters.values()) for method in (base, getattr(cls, name))
    )
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in ours):
        return
    assert [p.name for p in ours] == [p.name for p in theirs]


def test_what_is_put_in_place_of_parts_of_trl_is_there():
    """The trainer makes these three itself, so ours are put under their names while it is made."""
    made = inspect.getsource(grpo_trainer.GRPOTrainer.__init__)
    for name in (
        "VLLMGeneration(",
        "prepare_fsdp(self.ref_model, self.accelerator)",
        "SyncRefModelCallback(",
    ):
        assert name in made
    assert (
        inspect.signature(shard_reference).parameters.keys()
        == inspect.signature(prepare_fsdp).parameters.keys()
    )


def test_what_vllm_destroys_at_its_end_is_known():
    source = inspect.getsource(parallel_state.cleanup_dist_env_and_memory)
    assert "destroy_distributed_environment()" in source
    assert {"_WORLD", "_NODE_COUNT"} <= vars(parallel_state).keys()
    assert "_finalizer" in inspect.getsource(InprocClient.__init__)
