"""The finished model: a folder that engines load as it is, moved into place whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from peft import PeftModel
from peft.tuners.lora import LoraLayer
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from curate.store.layout import MODEL_INFO, Run
from curate.store.whole_files import replace_folder, write_json
from distill.common import parallel
from distill.common.card import render_card
from distill.common.finite import assert_finite, assert_finite_everywhere
from distill.common.options import LoraOptions
from distill.common.plan import Plan
from filters.errors import UserError

MERGED_APART: Final = 0.1
"""Divergence per token above which merged adapters are not what was trained; rounding to bfloat16 gives about 1e-3."""
LOOKED_AT: Final = 32
"""Tokens on which merged and separate adapters are compared."""
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
    if room is not None:
        config.get_text_config().max_position_embeddings = room
    aside = plan.aside / "model"
    shutil.rmtree(aside, ignore_errors=True)
    if lora is None:
        cast = _cast(state, config.dtype, model.all_tied_weights_keys)
        assert_finite(cast, f"as {config.dtype}")  # a narrower type may not hold what was trained
        model.save_pretrained(aside, state_dict=cast)
    elif lora.merge:
        merged = _merged(plan, model, state, config.dtype)
        assert_finite(merged.state_dict(), f"merged, as {config.dtype}")
        merged.save_pretrained(aside)
    else:
        model.save_pretrained(aside, state_dict=dict(state))
    if lora is None or lora.merge:
        config.save_pretrained(aside)
    stops = _stops(end, model.generation_config.eos_token_id)
    # Many bases name what pads a batch in their tokenizer alone.
    padding = tokenizer.pad_token_id if config.pad_token_id is None else config.pad_token_id
    GenerationConfig(
        bos_token_id=config.bos_token_id, eos_token_id=stops, pad_token_id=padding, **EVALUATION
    ).save_pretrained(aside)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(end)
    tokenizer.save_pretrained(aside)
    (aside / "README.md").write_text(render_card(Run(plan.folder.parents[1]), about, card), encoding="utf-8")
    for file in files:
        shutil.copy(file, aside)
    write_json(aside / MODEL_INFO, about)
    replace_folder(aside, plan.folder)


def _cast(
    state: Mapping[str, torch.Tensor], dtype: torch.dtype, tied: Mapping[str, str]
) -> dict[str, torch.Tensor]:
    """All weights in one type; tied weights share memory, so that they are saved once.

    tied: names of weights, and of those they are tied to; gathered from several GPUs they no longer share memory.
    """
    cast = {
        name: tensor.to("cpu", dtype if tensor.is_floating_point() else tensor.dtype)
        for name, tensor in state.items()
        if tied.get(name) not in state
    }
    return {name: cast[name if name in cast else tied[name]] for name in state}


def _merged(plan: Plan, model: Any, state: Mapping[str, torch.Tensor], dtype: torch.dtype) -> Any:
    """The base model with the adapters added to its weights, on the CPU and in the base's type.

    The sums are made in float32, a layer at a time, and rounded once.
    """
    adapter = plan.aside / "adapter"
    model.save_pretrained(adapter, state_dict=dict(state))
    base = AutoModelForCausalLM.from_pretrained(plan.base.model, revision=plan.base.commit, dtype=dtype)
    adapted = PeftModel.from_pretrained(base, adapter)
    before = _look(adapted)
    for layer in [module for module in adapted.modules() if isinstance(module, LoraLayer)]:
        layer.float()
        layer.merge()
        layer.to(dtype)
    merged = adapted.unload()
    apart = float((before.exp() * (before - _look(merged))).sum(-1).mean())
    if not apart <= MERGED_APART:
        raise UserError(
            f"Merged into the model's weights the adapters give other probabilities (a divergence of {apart:.3g}): keep "
            "them apart with --set lora.merge=false."
        )
    return merged


def _look(model: Any) -> torch.Tensor:
    """The model's log probabilities after a few tokens, [tokens, vocabulary] in float32."""
    size = model.get_input_embeddings().weight.shape[0]
    ids = torch.arange(LOOKED_AT)[None] * max(1, size // LOOKED_AT) % size
    with torch.no_grad():
        logits: torch.Tensor = model.eval()(input_ids=ids).logits[0]
        return logits.float().log_softmax(-1)


def _stops(end: int, before: int | list[int] | None) -> list[int]:
    """The token that ends a turn, then every token at which the base model stopped already."""
    listed = before if isinstance(before, list) else [before]
    return [end, *(token for token in listed if token not in (end, None))]
