"""An engine gets the sum of weights and adapters rounded once, and the policy's own weights keep every bit."""

from contextlib import nullcontext
from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from distill.grpo.adapter_weights import iterate_merged, require_linear
from filters.errors import UserError
from tests.distill.tiny import make_model

CPU = torch.device("cpu")


def adapted(folder: Path, **config):
    """A bfloat16 model with adapters of some weight."""
    base = AutoModelForCausalLM.from_pretrained(make_model(folder / "base"), dtype=torch.bfloat16)
    torch.manual_seed(0)
    model = get_peft_model(base, LoraConfig(r=4, lora_alpha=8, task_type="CAUSAL_LM", **config))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter, std=0.05)
    return model


def whole(parameters):
    return nullcontext()


def sent(model):
    return dict(iterate_merged(model, whole, CPU))


def test_a_hundred_transfers_leave_every_bit_of_the_base(tmp_path):
    model = adapted(tmp_path, target_modules="all-linear")
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    first = sent(model)
    for _ in range(99):
        last = sent(model)
    assert all(torch.equal(parameter, before[name]) for name, parameter in model.named_parameters())
    assert all(torch.equal(first[name], last[name]) for name in first)


def test_the_sum_is_rounded_once(tmp_path):
    model = adapted(tmp_path, target_modules="all-linear")
    layer = model.base_model.model.model.layers[1].mlp.up_proj
    a, b = layer.lora_A["default"].weight, layer.lora_B["default"].weight
    exact = layer.base_layer.weight.double() + 2.0 * (b.double() @ a.double())
    given = sent(model)["model.layers.1.mlp.up_proj.weight"]
    assert given.dtype == torch.bfloat16
    # Float32 sums may fall to the other side where the exact one lies half way; nothing else may differ.
    differ = given != exact.to(torch.bfloat16)
    assert differ.float().mean() < 0.01
    step = (given.double() - exact.to(torch.bfloat16).double()).abs()[differ]
    assert torch.all(step <= exact.abs()[differ] * 2**-7)
    assert not torch.equal(given, layer.base_layer.weight)


def test_names_and_values_are_those_of_the_model_without_adapters(tmp_path):
    model = adapted(tmp_path, target_modules=["q_proj"])
    plain = AutoModelForCausalLM.from_pretrained(tmp_path / "base", dtype=torch.bfloat16)
    expected, given = dict(plain.named_parameters()), sent(model)
    assert list(given) == list(expected)
    changed = {name for name in given if not torch.equal(given[name], expected[name])}
    assert changed == {f"model.layers.{n}.self_attn.q_proj.weight" for n in (0, 1)}


def test_the_sum_in_float32_does_not_touch_the_weights_either(tmp_path):
    model = adapted(tmp_path, target_modules="all-linear").float()
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    sent(model)
    assert all(torch.equal(parameter, before[name]) for name, parameter in model.named_parameters())


@pytest.mark.parametrize(
    "config", [{"target_modules": ["embed_tokens"]}, {"target_modules": ["q_proj"], "use_dora": True}]
)
def test_an_adapter_whose_sum_is_not_known_is_refused(tmp_path, config):
    require_linear(adapted(tmp_path, target_modules="all-linear"))
    with pytest.raises(
        UserError, match=r"The adapter on 'model\..*' is not one on a linear layer.*lora\.targets"
    ):
        require_linear(adapted(tmp_path, **config))
