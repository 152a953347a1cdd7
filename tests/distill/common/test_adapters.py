"""Adapters are put where they are asked for and can be trained and merged; anything else is refused before training."""

import pytest
from peft import get_peft_model
from transformers import AutoModelForCausalLM

from distill.common.adapters import make_lora_config, require_adaptable
from distill.common.options import LoraOptions
from filters.errors import UserError
from tests.distill.tiny import make_model


@pytest.fixture
def model(tmp_path):
    """Its embedding and head are one matrix."""
    return AutoModelForCausalLM.from_pretrained(make_model(tmp_path / "base"))


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        (
            ("q_proj", "qkv_proj"),
            r"'qkv_proj': no module of the model is called so; the model's linear layers are .*q_proj",
        ),
        ("layers", "'layers': no module of the model is called so"),
        (("q_proj", "lm_head"), "'lm_head' means the model's head"),
        ("lm_head", "'lm_head' means the model's head"),
        (".*(lm_head|v_proj)", "means the model's head"),
        (("norm",), "'model.norm' is no layer that takes an adapter"),
        (".*", "is no layer that takes an adapter"),
    ],
)
def test_a_target_that_would_not_be_trained_is_refused(model, targets, said):
    with pytest.raises(UserError, match=said):
        require_adaptable(model.config, LoraOptions(targets=targets))


@pytest.mark.parametrize("targets", ["all-linear", ("q_proj", "self_attn.v_proj"), r".*\.1\..*proj"])
def test_targets_are_those_of_peft(model, targets):
    options = LoraOptions(targets=targets)
    require_adaptable(model.config, options)
    config = make_lora_config(options)
    adapted = {name for name, _ in get_peft_model(model, config).named_modules() if name.endswith("lora_A")}
    assert len(adapted) == {"all-linear": 14, r".*\.1\..*proj": 7}.get(targets, 4)


def test_an_adapter_of_an_embedding_that_is_the_head_too_is_kept_apart_or_refused(model):
    options = LoraOptions(targets=("q_proj", "embed_tokens"))
    with pytest.raises(UserError, match=r"which is its head too.*lora\.merge=false"):
        require_adaptable(model.config, options)
    require_adaptable(model.config, options.model_copy(update={"merge": False}))
    model.config.tie_word_embeddings = False
    require_adaptable(model.config, options)


@pytest.mark.parametrize(("targets", "said"), [([], "it is empty"), ("(", "is no regular expression")])
def test_targets_that_say_nothing_are_refused(targets, said):
    with pytest.raises(ValueError, match=said):
        LoraOptions(targets=targets)
