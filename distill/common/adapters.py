"""LoRA's adapters: which layers get one, told from the config alone, and refused where one would not be trained or merged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import torch
from peft import LoraConfig
from transformers import AutoModelForCausalLM
from transformers.pytorch_utils import Conv1D

from distill.common.options import LoraOptions
from filters.errors import UserError

LAYERS: Final = (torch.nn.Linear, torch.nn.Embedding, torch.nn.Conv1d, torch.nn.Conv2d, Conv1D)
"""What peft adapts."""


def make_lora_config(options: LoraOptions | None) -> LoraConfig | None:
    """The options as peft takes them."""
    if options is None:
        return None
    targets = options.targets if isinstance(options.targets, str) else list(options.targets)
    return LoraConfig(r=options.rank, lora_alpha=options.alpha, target_modules=targets, task_type="CAUSAL_LM")


def require_adaptable(config: Any, options: LoraOptions | None) -> None:
    """Raises UserError where a target is no layer of a model of this config, its head, or cannot be merged.

    A target matches as peft has it: a text is a pattern of the whole name, one of several is the end of a name.
    """
    if options is None or options.targets == "all-linear":
        return
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    modules = {name: module for name, module in model.named_modules() if name}
    if isinstance(options.targets, str):
        patterns = {options.targets: options.targets}
    else:
        patterns = {target: rf"(.*\.)?{re.escape(target)}" for target in options.targets}
    for target, pattern in patterns.items():
        found = {name: module for name, module in modules.items() if re.fullmatch(pattern, name)}
        _require_layers(target, found, modules)
        _require_trained(target, found, model, options)


def _require_layers(target: str, found: Mapping[str, Any], modules: Mapping[str, Any]) -> None:
    other = next((name for name, module in found.items() if not isinstance(module, LAYERS)), None)
    if found and other is None:
        return
    linear = {name.rpartition(".")[2] for name, one in modules.items() if isinstance(one, torch.nn.Linear)}
    said = (
        "no module of the model is called so"
        if other is None
        else f"'{other}' is no layer that takes an adapter"
    )
    raise UserError(
        f"lora.targets: '{target}': {said}; the model's linear layers are {', '.join(sorted(linear))}, and all-linear means "
        "all of them except the head."
    )


def _require_trained(target: str, found: Mapping[str, Any], model: Any, options: LoraOptions) -> None:
    head, embedding = model.get_output_embeddings(), model.get_input_embeddings()
    if any(module is head for module in found.values()):
        raise UserError(
            f"lora.targets: '{target}' means the model's head, whose adapter would not be trained: leave it out."
        )
    tied = model.config.get_text_config().tie_word_embeddings
    if tied and options.merge and any(module is embedding for module in found.values()):
        raise UserError(
            f"lora.targets: '{target}' means the model's embedding, which is its head too, and an adapter of one of them cannot "
            "be merged into both: leave it out, or keep the adapters apart with --set lora.merge=false."
        )
