"""How a training by a set's rows is logged and warmed up, by the number of its optimizer steps."""

from __future__ import annotations

from typing import Final

FEW_STEPS: Final = 10
"""Optimizer steps below which a training has little effect, and there is no warm-up: its first step has a rate of 0."""
POINTS: Final = 50
"""Points of the loss curve, roughly."""


def space_points(steps: int) -> int:
    """Steps from one point of the curve to the next."""
    return max(1, steps // POINTS)
