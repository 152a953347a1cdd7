"""GRPO as published: what each paper sets, over the defaults, which are DeepSeek-R1's.

A preset only fills options that are not given. Comments name what a paper does and TRL's trainer cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import BaseModel, PositiveInt, TypeAdapter, ValidationError

Preset = Literal["r1", "r1-zero", "dapo", "dr-grpo"]

_LIMIT: Final = TypeAdapter(PositiveInt)

PRESETS: Mapping[Preset, Mapping[str, Any]] = {
    # DeepSeek-R1 (arXiv 2501.12948v2, Nature 645:633): learning rate 3e-6, KL 0.001, clip 10, 16 outputs for
    # each of 32 questions per step at temperature 1, 32,768 tokens, the reference replaced every 400 steps, and accuracy,
    # format and language consistency added up. Its 8,192 outputs per rollout are rollout_steps=16.
    "r1": {},
    # DeepSeek-R1-Zero, the same paper: a base model, its template, and no language reward.
    "r1-zero": {
        "template": "r1-zero",
        "reward": ["math_answer", "format"],
    },
    # DAPO (arXiv 2503.14476): token-level loss, a higher upper clip, no KL, and truncated chains masked or
    # softly punished. TRL does not replace groups whose samples all earn the same ("dynamic sampling"): select
    # prompts by their pass rates instead. Its 512 prompts per rollout are 16 updates of 32.
    "dapo": {
        "learning_rate": 1e-6,
        "kl_coefficient": 0.0,
        "clip_range": 0.2,
        "clip_range_high": 0.28,
        "loss": "dapo",
        "rollout_steps": 16,
        "sampling": {"max_tokens": 20480},
    },
    # Dr. GRPO (arXiv 2503.20783): sums over tokens divided by a constant, advantages not divided by the group's
    # standard deviation, no KL; 128 questions with 8 outputs each, 3,000 tokens.
    "dr-grpo": {
        "learning_rate": 1e-6,
        "kl_coefficient": 0.0,
        "clip_range": 0.2,
        "loss": "dr_grpo",
        "scale_rewards": False,
        "prompts_per_step": 128,
        "group_size": 8,
        "reward": ["math_answer"],
        "sampling": {"max_tokens": 3000},
    },
}


def apply_preset(values: Mapping[str, Any]) -> dict[str, Any]:
    """The given values on top of those of the preset they name; nested options are merged, lists replaced.

    The values are as they were given: the command line gives texts, Python may give filled models.
    """
    preset: Any = values.get("preset", "r1")
    known = isinstance(preset, str) and preset in PRESETS
    merged: dict[str, Any] = dict(PRESETS[preset]) if known else {}
    for key, value in values.items():
        given = value.model_dump(exclude_unset=True) if isinstance(value, BaseModel) else value
        both = isinstance(given, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = {**merged[key], **given} if both else value
    if preset == "dapo" and "reward" not in values:
        merged["reward"] = _reward_of_dapo(merged["sampling"])
    return merged


def _reward_of_dapo(sampling: Any) -> list[Any]:
    """Accuracy, and the penalty that begins at four fifths of the limit, wherever that is."""
    limit = sampling.get("max_tokens") if isinstance(sampling, Mapping) else None
    try:
        limit = _LIMIT.validate_python(limit)
    except ValidationError:
        # Whoever fills the options says what is wrong with the limit itself.
        return ["math_answer"]
    penalty = {"max_tokens": limit, "buffer": max(1, limit // 5)}
    return ["math_answer", {"check": "overlong_penalty", "options": penalty}]
