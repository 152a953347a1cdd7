"""Default learning rates: those of the DeepSeek-R1 paper, which fall as students grow."""

from __future__ import annotations

from math import log
from pathlib import Path
from typing import NamedTuple


class Rate(NamedTuple):
    """The initial learning rate with which a student of the paper was distilled, and its number of parameters."""

    student: str
    parameters: float
    rate: float


PAPER = (
    Rate("Qwen2.5-Math-1.5B", 1.5e9, 1e-4),
    Rate("Qwen2.5-Math-7B", 7.6e9, 8e-5),
    Rate("Qwen2.5-14B", 14.8e9, 7e-5),
    Rate("Qwen2.5-32B", 32.8e9, 6e-5),
    Rate("Llama-3.1-8B", 8.0e9, 5e-5),
    Rate("Llama-3.3-70B", 70.6e9, 2e-5),
)
"""DeepSeek-R1 (arXiv 2501.12948v2), the table of the distilled models' initial learning rates."""

LORA = 10.0
"""An adapter learns best at about ten times the rate of full fine-tuning, whatever the model's size (Schulman
et al., "LoRA Without Regret", Thinking Machines Lab 2025)."""


def choose_learning_rate(student: str, parameters: int, *, lora: bool = False) -> float:
    """The paper's initial learning rate for a student of this name, else for the nearest size on a log scale.

    student: a Hub id or a folder, of which the last part counts. parameters: how many it has.
    """
    name = Path(student).name.lower()
    named = [rate for rate in PAPER if name.startswith(rate.student.lower())]
    nearest = min(named or PAPER, key=lambda rate: abs(log(rate.parameters) - log(max(parameters, 1))))
    return nearest.rate * (LORA if lora else 1.0)
