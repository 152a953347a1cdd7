"""One training in several processes: what the first one found out is shared with the others."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

Value = TypeVar("Value")

PATIENCE = timedelta(hours=2)
"""How long processes wait for the first one, which hashes weights and tokenizes up to 800,000 rows."""


def get_process_state() -> PartialState:
    """The state of this process among those that `accelerate launch` started; a single process where it started none."""
    return PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)


def share_value(value: Value | None) -> Value:
    """The first process's value, in all of them."""
    box = [value]
    if get_process_state().num_processes > 1:
        broadcast_object_list(box, 0)
    assert box[0] is not None
    return box[0]
