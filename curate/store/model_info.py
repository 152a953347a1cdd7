"""What the folder of a trained model says of itself, with its options under the names they have today."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from curate.store.whole_files import read_json

RENAMED_GRPO_OPTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "clip": "clip_range",
        "clip_high": "clip_range_high",
        "kl": "kl_coefficient",
        "questions": "prompts_per_step",
        "samples": "group_size",
    }
)
"""Former names of the options of `grpo`, which models trained before hold, each with its name today."""


def read_model_info(path: Path) -> dict[str, Any] | None:
    """A model's r1curate.json; None where there is none."""
    about: dict[str, Any] | None = read_json(path)
    if about is None or about.get("kind") != "grpo":
        return about
    options = {RENAMED_GRPO_OPTIONS.get(name, name): value for name, value in about["options"].items()}
    return {**about, "options": options}
