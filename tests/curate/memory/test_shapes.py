"""What follows from a model's shape is what transformers, peft and vLLM make of its config."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    AutoModelForCausalLM,
    GPT2Config,
    LlamaConfig,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
)

from curate.memory.find_shape import read_config
from curate.memory.known_shapes import KNOWN
from curate.memory.shapes import Shape

FORMS = {
    (s.layers, s.hidden, s.intermediate, s.heads, s.kv_heads, s.vocabulary, s.tied): s for s in KNOWN.values()
}
SMALL = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "tie_word_embeddings": False,
}


def make_config(shape: Shape) -> object:
    kind = Qwen2Config if shape.qkv_bias else Qwen3Config if shape.head_norms else LlamaConfig
    return kind(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        intermediate_size=shape.intermediate,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=shape.head_dim,
        max_position_embeddings=shape.context,
        tie_word_embeddings=shape.tied,
    )


@pytest.mark.parametrize("shape", FORMS.values(), ids=lambda shape: shape.model)
def test_the_parameters_of_known_models_are_those_of_transformers(shape):
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(make_config(shape))
    assert model.num_parameters() == shape.parameters
    assert sum(p.numel() for p in model.model.layers[0].parameters()) == shape.layer_parameters
    assert read_config(model.config, shape.model, shape.source) == shape


def test_published_counts():
    """As the models' cards and the Hub tell them."""
    assert KNOWN["Qwen/Qwen2.5-Math-1.5B"].parameters == 1_543_714_304
    assert KNOWN["Qwen/Qwen2.5-32B"].parameters == 32_763_876_352
    assert KNOWN["meta-llama/Llama-3.1-8B"].parameters == 8_030_261_248
    assert KNOWN["Qwen/Qwen2.5-Math-7B"].context == 4096


@pytest.mark.parametrize("kind", [Qwen2Config, Qwen3Config, LlamaConfig])
def test_adapters_have_as_many_parameters_as_pefts(kind):
    config = kind(**SMALL)
    model = get_peft_model(
        AutoModelForCausalLM.from_config(config), LoraConfig(r=4, target_modules="all-linear")
    )
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    assert read_config(config, "m", "s").adapter_parameters(4) == trained


def test_other_kinds_of_models_are_counted():
    moe = Qwen3MoeConfig(**SMALL, num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16)
    shape = read_config(moe, "m", "s")
    assert shape.parameters == AutoModelForCausalLM.from_config(moe).num_parameters()
    assert shape.intermediate == 2 * 16
    biased = read_config(LlamaConfig(**SMALL, attention_bias=True), "m", "s")
    assert biased.parameters == read_config(LlamaConfig(**SMALL), "m", "s").parameters + 3 * (
        32 + 2 * 16 + 32
    )
    with pytest.raises(AttributeError):
        read_config(GPT2Config(), "m", "s")


def test_a_tokens_cache_and_the_gpus_that_may_share_it():
    shape = KNOWN["Qwen/Qwen2.5-32B"]
    # 64 layers, 8 heads of 128 numbers, keys and values, two bytes.
    assert shape.cache_bytes() == 64 * 8 * 128 * 2 * 2 == 262_144
    assert (shape.cache_bytes(4), shape.cache_bytes(16)) == (65_536, 32_768)
    assert [ranks for ranks in (1, 2, 3, 4, 5, 8, 16) if shape.divides(ranks)] == [1, 2, 4, 8]
    assert [ranks for ranks in (1, 2, 4, 7, 8) if KNOWN["Qwen/Qwen2.5-7B"].divides(ranks)] == [1, 2, 4]
