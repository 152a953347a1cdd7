"""How many rows go through a model at once: the same rule for a training and for the estimate of what it needs."""

from __future__ import annotations

from typing import Final

from filters.errors import UserError

TOKENS_AT_ONCE: Final = {"cuda": 16_384, "cpu": 4_096}
"""Tokens per micro batch by default: enough to keep a GPU busy, and few enough for a CPU's caches."""


SFT_TOKENS: Final = {"cuda": 16_384, "cpu": 1_024}
"""The same of rows that are laid end to end."""


def choose_micro_batch_size(
    asked: int | None, batch_size: int, longest: int, processes: int, device: str
) -> int:
    """Rows per device in one forward pass: as given, or as many rows of the longest length as fit.

    Raises UserError where the rows of a step cannot be divided evenly.
    """
    share, rest = divmod(batch_size, processes)
    if rest or not share:
        raise UserError(f"A batch of {batch_size} rows cannot be divided evenly among {processes} processes.")
    if asked is None:
        fitting = max(1, TOKENS_AT_ONCE[device] // longest)
        return max(n for n in range(1, share + 1) if share % n == 0 and n <= fitting)
    if share % asked:
        raise UserError(f"micro_batch_size={asked} does not divide the {share} rows per step and device.")
    return asked
