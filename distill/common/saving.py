"""The finished model: a folder that engines load as it is, moved into place whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from curate.store.layout import MODEL_INFO
from curate.store.whole_files import replace_folder, write_json
from distill.common import parallel
from distill.common.finite import assert_finite, assert_finite_everywhere
from distill.common.options import LoraOptions
from distill.common.plan import Plan

EVALUATION = {"do_sample": True, "temperature": 0.6, "top_p": 0.95}
"""How the DeepSeek-R1 paper samples its distilled models, as their generation config says too."""


def save_model(
    plan: Plan,
    lora: LoraOptions | None,
    trainer: Any,
    tokenizer: Any,
    end: int,
    about: Mapping[str, Any],
    card: str,
    room: int | None = None,
    files: Sequence[Path] = (),
) -> None:
    """Write a trainer's model to a temporary folder and move it to `plan.folder`; called in every process.

    end: the token that ends a turn. about: what its `MODEL_INFO` file will hold. card: the text of its README.
    room: the context length in tokens, where it exceeds the base model's. files: copied beside the weights.
    """
    assert_finite_everywhere(trainer.model.named_parameters(), "at the end")
    state = trainer.accelerator.get_state_dict(trainer.model_wrapped)
    if not parallel.get_process_state().is_main_process:
        return
    model = trainer.accelerator.unwrap_model(trainer.model)
    config = AutoConfig.from_pretrained(plan.base.model, revision=plan.base.commit)
    config.dtype = config.dtype or torch.float32
    config.eos_token_id = end
    config.max_position_embeddings = room or config.max_position_embeddings
    aside = plan.aside / "model"
    shutil.rmtree(aside, ignore_errors=True)
    if lora is None:
        cast = _cast(state, config.dtype)
        assert_finite(cast, f"as {config.dtype}")  # a narrower type may not hold what was trained
        model.save_pretrained(aside, state_dict=cast)
    else:
        merged = _merged(plan, model, state, config.dtype)
        assert_finite(merged.state_dict(), f"merged, as {config.dtype}")
        merged.save_pretrained(aside)
    config.save_pretrained(aside)
    stops = _stops(end, model.generation_config.eos_token_id)
    GenerationConfig(
        bos_token_id=config.bos_token_id, eos_token_id=stops, pad_token_id=config.pad_token_id, **EVALUATION
    ).save_pretrained(aside)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(end)
    tokenizer.save_pretrained(aside)
    (aside / "README.md").write_text(_card(about, card), encoding="utf-8")
    for file in files:
        shutil.copy(file, aside)
    write_json(aside / MODEL_INFO, about)
    replace_folder(aside, plan.folder)


def _cast(state: Mapping[str, torch.Tensor], dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """All weights in one type; tied weights keep sharing memory, so that they are saved once."""
    cast: dict[tuple[int, torch.Size], torch.Tensor] = {}
    for tensor in state.values():
        key = (tensor.data_ptr(), tensor.shape)
        if key not in cast:
            cast[key] = tensor.to("cpu", dtype if tensor.is_floating_point() else tensor.dtype)
    return {name: cast[tensor.data_ptr(), tensor.shape] for name, tensor in state.items()}


def _merged(plan: Plan, model: Any, state: Mapping[str, torch.Tensor], dtype: torch.dtype) -> Any:
    """The base model with the adapters added to its weights, on the CPU and in the base's type."""
    adapter = plan.aside / "adapter"
    model.save_pretrained(adapter, state_dict=dict(state))
    base = AutoModelForCausalLM.from_pretrained(plan.base.model, revision=plan.base.commit, dtype=dtype)
    return PeftModel.from_pretrained(base, adapter).merge_and_unload()


def _stops(end: int, before: int | list[int] | None) -> list[int]:
    """The token that ends a turn, then every token at which the base model stopped already."""
    listed = before if isinstance(before, list) else [before]
    return [end, *(token for token in listed if token not in (end, None))]


def _card(about: Mapping[str, Any], card: str) -> str:
    """A model card: the Hub's metadata, the model's name, and the given text."""
    base = f"base_model: {about['base']}\n" if about["base_commit"] else ""
    return f"""---
library_name: transformers
pipeline_tag: text-generation
tags: [reasoning, distillation, r1curate]
{base}---

# {about["name"]}

{card}"""
