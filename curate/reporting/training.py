"""How a model was trained, as pairs of a name and a text, for the report's page and a model's card."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.reporting.models import Model


def format_duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def format_number(value: float) -> str:
    """A number of any size in a few characters."""
    if math.isnan(value):
        return "none"
    return f"{value:,.0f}" if value == 0 or abs(value) >= 100 else f"{value:#.3g}"


def describe_training(model: Model) -> list[tuple[str, str]]:
    """What a training used and took, with the names it is shown by."""
    return _on_rewards(model) if model.kind == "grpo" else _on_a_set(model)


def _on_a_set(model: Model) -> list[tuple[str, str]]:
    about = model.about
    left_out = [f"{count:,} {why.replace('_', ' ')}" for why, count in about["left_out_by"].items() if count]
    return [
        *_on_a_teacher(model),
        ("rows", f"{about['rows']:,}"),
        ("rows left out", ", ".join(left_out) or "none"),
        ("tokens", f"{about['tokens']:,}, of which {about['learned_tokens']:,} contribute to the loss"),
        ("longest row", f"{about['longest']:,} tokens"),
        ("steps", f"{about['steps']:,}"),
        ("learning rate", f"{about['learning_rate']:g}, cosine to a tenth"),
        ("time", format_duration(about["seconds"])),
    ]


def _on_a_teacher(model: Model) -> list[tuple[str, str]]:
    """Whose distribution was matched, and how; nothing of a model that learned completions alone."""
    about = model.about
    if "teacher" not in about:
        return []
    commit = about["teacher_commit"]
    # A folder's path says nothing to other people.
    teacher = f"{about['teacher']}, commit {commit}" if commit else Path(about["teacher"]).name
    return [
        ("teacher", teacher),
        ("matched on", "the set's completions" if model.kind == "logits" else "its own responses"),
        ("divergence", f"{about['divergence']:g} (0 forward KL, 1 reverse KL)"),
    ]


def _on_rewards(model: Model) -> list[tuple[str, str]]:
    about, options = model.about, model.about["options"]
    general = about.get("general_prompts")
    prompts = f"{about['prompts']:,}" + (f", and {general:,} general ones" if general else "")
    drawn = options["sampling"]
    return [
        ("preset", about["preset"]),
        ("rewards", ", ".join(map(_reward, options["reward"]))),
        ("prompts", prompts),
        ("steps", f"{about['steps']:,}"),
        ("per step", f"{options['prompts_per_step']:,} prompts × {options['group_size']:,} samples"),
        ("learning rate", f"{options['learning_rate']:g}, constant"),
        ("KL", _kl(options)),
        ("sampling", f"temperature {drawn['temperature']:g}, at most {drawn['max_tokens']:,} tokens"),
        *_lengths(model),
        ("time", format_duration(about["seconds"])),
    ]


def _reward(spec: Mapping[str, Any]) -> str:
    """A reward with its weight, and the prompts it is for where those are not the reasoning ones alone."""
    on = {"general": " on general prompts", "all": " on all prompts"}.get(spec["prompts"], "")
    return f"{spec['weight']:g} × {spec['label']}{on}"


def _kl(options: Mapping[str, Any]) -> str:
    if not options["kl_coefficient"]:
        return "none"
    every = None if options["lora"] else options["reference_steps"]
    replaced = f"replaced by the policy every {every:,} steps" if every else "kept"
    return f"{options['kl_coefficient']:g}, reference model {replaced}"


def _lengths(model: Model) -> list[tuple[str, str]]:
    """Tokens of a response in the first and the last step that were kept."""
    points = [row["tokens"] for row in model.about["curve"] if row.get("tokens") is not None]
    return [("response", f"{points[0]:,.0f} tokens at first, {points[-1]:,.0f} at last")] if points else []
