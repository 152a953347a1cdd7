"""Several processes, one training: what the first one found out, all others are told."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

Value = TypeVar("Value")

PATIENCE = timedelta(hours=2)
"""How long processes wait for the first one: it hashes weights and tokenizes 800,000 rows meanwhile."""


def process_state() -> PartialState:
    """The place of this process among those that `accelerate launch` started; alone where it started none."""
    return PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)


def share_value(value: Value | None) -> Value:
    """The first process's value, in all of them."""
    box = [value]
    if process_state().num_processes > 1:
        broadcast_object_list(box, 0)
    assert box[0] is not None
    return box[0]
