"""One training in several processes: what the first one found out is shared with the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import torch
from accelerate import PartialState
from accelerate.utils import broadcast_object_list

from filters.errors import UserError

Value = TypeVar("Value")

PATIENCE = timedelta(hours=2)
"""How long processes wait for the first one, which hashes weights and tokenizes up to 800,000 rows."""


def get_process_state() -> PartialState:
    """The state of this process among those that `accelerate launch` started; a single process where it started none."""
    return PartialState(cpu=not torch.cuda.is_available(), timeout=PATIENCE)


def share_outcome(find: Callable[[], Value]) -> Value:
    """What the first process finds, in all of them; where it refuses, all do, so that none is left waiting."""
    found: Value | UserError | None = None
    if get_process_state().is_main_process:
        try:
            found = find()
        except UserError as refusal:
            found = refusal
    shared: Any = share_value(found)
    if isinstance(shared, UserError):
        raise shared
    told: Value = shared
    return told


def share_value(value: Value | None) -> Value:
    """The first process's value, in all of them."""
    box = [value]
    if get_process_state().num_processes > 1:
        broadcast_object_list(box, 0)
    assert box[0] is not None
    return box[0]
