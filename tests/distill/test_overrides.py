"""The libraries' private methods that are overridden still exist, with the parameters that ours take."""

import inspect

import pytest

from distill.grpo.trl_trainer import PolicyTrainer
from distill.matching.trl_trainer import LogitsTrainer, OnPolicyTrainer
from distill.sft.trl_trainer import StepTrainer


def overridden() -> list[tuple[type, str]]:
    """Each method of ours that replaces a library's private one."""
    classes = (PolicyTrainer, StepTrainer, OnPolicyTrainer, LogitsTrainer)
    names = {"compute_loss", "create_model_card", "get_train_dataloader", "training_step"}
    return [
        (cls, name)
        for cls in classes
        for name, value in vars(cls).items()
        if inspect.isfunction(value) and (name in names or (name[0] == "_" and name[1] != "_"))
    ]


def test_the_overridden_methods_are_known():
    assert {name for _, name in overridden()} == {
        "_compute_loss", "_generate", "_generate_and_score_completions", "_get_num_items_in_batch", "_load_from_checkpoint", "_prepare_inputs", "_save_checkpoint",
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
