"""Adapters are put where they are asked for and can be trained and merged; anything else is refused before training."""

import pytest
from peft import get_peft_model
from transformers import AutoModelForCausalLM

from distill.common.loading import make_lora_config
from distill.common.options import LoraOptions
from distill.common.saving import require_mergeable
from filters.errors import UserError
from tests.distill.tiny import make_model


@pytest.fixture
def model(tmp_path):
    """Its embedding and head are one matrix."""
    return AutoModelForCausalLM.from_pretrained(make_model(tmp_path / "base"))


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (("q_proj", "qkv_proj"), r"no module of the model is 'qkv_proj'; its linear layers are .*q_proj"),
        ("layers", "no module of the model is 'layers'"),
        (("q_proj", "lm_head"), "'lm_head' means the model's head"),
        ("lm_head", "'lm_head' means the model's head"),
        (".*", "means the model's head"),
    ],
)
def test_a_target_that_would_not_be_trained_is_refused(model, targets, said):
    with pytest.raises(UserError, match=said):
        make_lora_config(LoraOptions(targets=targets), model)


@pytest.mark.parametrize("targets", ["all-linear", ("q_proj", "self_attn.v_proj"), r".*\.1\..*proj"])
def test_targets_are_those_of_peft(model, targets):
    config = make_lora_config(LoraOptions(targets=targets), model)
    adapted = {name for name, _ in get_peft_model(model, config).named_modules() if name.endswith("lora_A")}
    assert len(adapted) == {"all-linear": 14, r".*\.1\..*proj": 7}.get(targets, 4)


def test_an_adapter_of_an_embedding_that_is_the_head_too_is_kept_apart_or_refused(model):
    options = LoraOptions(targets=("q_proj", "embed_tokens"))
    adapted = get_peft_model(model, make_lora_config(options, model))
    with pytest.raises(UserError, match=r"embedding and head are one matrix.*lora\.merge=false"):
        require_mergeable(adapted, options)
    require_mergeable(adapted, options.model_copy(update={"merge": False}))
