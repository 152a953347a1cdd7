"""Which rows each optimizer step sees: decided before the first, so that a resumed training sees the others."""

from __future__ import annotations

import torch


def plan_rows(rows: int, epochs: float, batch_size: int, seed: int, repeats: int = 1) -> list[int]:
    """Row numbers of all steps in order, `batch_size` a step; the last step is filled up from the next epoch's order.

    Every epoch is a new order of all rows. repeats: how often each row stands in its step.
    """
    each = batch_size // repeats
    steps = max(1, -(-round(rows * epochs) // each))
    order: list[int] = []
    generator = torch.Generator().manual_seed(seed)
    while len(order) < steps * each:
        order += torch.randperm(rows, generator=generator).tolist()
    return [row for row in order[: steps * each] for _ in range(repeats)]
