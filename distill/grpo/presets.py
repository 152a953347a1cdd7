"""GRPO as published: what each paper sets, over the defaults, which are DeepSeek-R1's.

A preset only fills options that are not given. Comments name what a paper does and TRL's trainer cannot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

Preset = Literal["r1", "r1-zero", "dapo", "dr-grpo"]

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
    """The given values on top of those of the preset they name; nested options are merged, lists replaced."""
    preset: Any = values.get("preset", "r1")
    merged = dict(PRESETS.get(preset, {}))
    for key, value in values.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = {**merged[key], **value} if both else value
    if preset == "dapo" and "reward" not in values:
        # The penalty begins at four fifths of the limit, wherever that is.
        limit = merged["sampling"]["max_tokens"]
        penalty = {"max_tokens": limit, "buffer": max(1, limit // 5)}
        merged["reward"] = ["math_answer", {"check": "overlong_penalty", "options": penalty}]
    return merged
