"""The bytes that a forward pass saves are those that torch saves, operation by operation."""

from contextlib import nullcontext

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, LlamaConfig, Qwen2Config, Qwen3Config, set_seed

from curate.memory.find_shape import read_config
from distill.memory.activations import BFLOAT16, FLOAT32, Numbers, count_saved_bytes

TOKENS, RANK = 128, 4
WAYS = {
    "float32": (torch.float32, False, Numbers(FLOAT32, FLOAT32)),
    "autocast": (torch.float32, True, Numbers(BFLOAT16, FLOAT32, casts=True)),
    "bfloat16": (torch.bfloat16, False, Numbers(BFLOAT16, BFLOAT16)),
}
TOLERANCE = 0.01
"""What is not counted: position ids, and a bool here and there."""


def make_model(kind, dtype):
    set_seed(0)
    config = kind(
        vocab_size=128, hidden_size=64, intermediate_size=160, num_hidden_layers=3, num_attention_heads=4,
        num_key_value_heads=2, tie_word_embeddings=False, attn_implementation="sdpa", head_dim=16,
    )  # fmt: skip
    return AutoModelForCausalLM.from_config(config, dtype=dtype).train()


def measure(model, backbone, *, autocast, padded):
    """Bytes that the backbone saves for its backward pass, without weights and autocast's copies of them."""
    weights = {p.untyped_storage().data_ptr() for p in model.parameters()}
    shapes = {tuple(p.shape) for p in model.parameters()} | {
        tuple(p.T.shape) for p in model.parameters() if p.ndim == 2
    }
    saved, kept = {}, []

    def pack(tensor):
        storage = tensor.untyped_storage()
        copy = tensor.dtype == torch.bfloat16 and tuple(tensor.shape) in shapes and tensor.shape[0] != TOKENS
        if storage.data_ptr() not in weights and not (autocast and copy):
            saved[storage.data_ptr()] = storage.nbytes()
            kept.append(tensor)  # or another tensor takes its place
        return tensor

    ids = torch.randint(0, 128, (1, TOKENS))
    mask = torch.ones_like(ids)
    mask[0, :3] = 0 if padded else 1
    with (
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
        torch.autocast("cpu", torch.bfloat16) if autocast else nullcontext(),
    ):
        backbone(input_ids=ids, attention_mask=mask, use_cache=False)
    return sum(saved.values())


@pytest.mark.parametrize("kind", [Qwen2Config, Qwen3Config, LlamaConfig])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("padded", [False, True])
def test_all_weights(kind, way, padded):
    dtype, autocast, numbers = WAYS[way]
    model = make_model(kind, dtype)
    shape = read_config(model.config, "m", "s")
    expected = TOKENS * count_saved_bytes(shape, numbers, checkpointing=False, padded=padded)
    # The mask, and the numbers that attention makes of it, are counted with a training's rows.
    expected += TOKENS**2 * (1 + numbers.compute) if padded else 0
    measured = measure(model, model.model, autocast=autocast, padded=padded)
    assert measured == pytest.approx(expected, rel=TOLERANCE)


@pytest.mark.parametrize("way", ["float32", "autocast"])
def test_adapters(way):
    dtype, autocast, numbers = WAYS[way]
    if autocast:  # frozen weights need no float32, and what layers hand on is theirs
        dtype, numbers = torch.bfloat16, Numbers(BFLOAT16, BFLOAT16, casts=True)
    model = get_peft_model(make_model(Qwen2Config, dtype), LoraConfig(r=RANK, target_modules="all-linear"))
    shape = read_config(model.config, "m", "s")
    expected = TOKENS * count_saved_bytes(shape, numbers, checkpointing=False, padded=False, rank=RANK)
    # The first norm saves nothing, since nothing before it is trained.
    measured = measure(model, model.base_model.model.model, autocast=autocast, padded=False)
    assert measured == pytest.approx(expected, rel=3 * TOLERANCE)


@pytest.mark.parametrize("way", WAYS)
def test_with_checkpointing_a_layer_keeps_its_input_alone(way):
    """Only what is held after the forward pass: the layer that is computed again comes in the backward pass."""
    dtype, autocast, numbers = WAYS[way]
    model = make_model(Qwen2Config, dtype)
    model.gradient_checkpointing_enable({"use_reentrant": False})
    shape = read_config(model.config, "m", "s")
    one = count_saved_bytes(shape, numbers, checkpointing=False, padded=False)
    angles = 2 * numbers.stream * 16  # held by the layers themselves
    one = (one - (FLOAT32 + numbers.stream) * 64 - angles) // 3
    expected = TOKENS * (count_saved_bytes(shape, numbers, checkpointing=True, padded=False) - one - angles)
    assert measure(model, model.model, autocast=autocast, padded=False) == pytest.approx(expected, rel=0.03)
