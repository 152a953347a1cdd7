"""Callbacks of all trainers: a progress meter, and checkpoints by the clock."""

from __future__ import annotations

import time
from contextlib import ExitStack
from typing import Any

import torch
from transformers import TrainerCallback

from curate.progress import open_meter


class StepMeter(TrainerCallback):  # type: ignore[misc]
    """Advances a progress meter with each optimizer step, and shows the latest value of a metric beside it.

    stack: closes the meter when the training ends, also with an error.
    """

    def __init__(self, stack: ExitStack, title: str, metric: str = "loss") -> None:
        self._stack, self._title, self._metric = stack, title, metric

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Open the meter, now that the number of steps is known."""
        steps = open_meter(self._title, state.max_steps, state.global_step)
        self._meter = self._stack.enter_context(steps)

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Count a step."""
        self._meter.advance(1)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any) -> None:
        """Show the latest value of the metric."""
        value = (logs or {}).get(self._metric)
        if value is not None:
            self._meter.advance(0, f"{self._metric} {float(value):.3f}")


class TimedCheckpoints(TrainerCallback):  # type: ignore[misc]
    """Asks for a checkpoint every few minutes: long trainings lose little, short ones write none.

    steps: ask only after a multiple of this many steps, because what these share (a rollout) is not saved.
    """

    def __init__(self, minutes: float, steps: int = 1) -> None:
        self._every, self._steps, self._last = 60 * minutes, steps, time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Ask for a checkpoint when it is due, in all processes at the same step."""
        due = torch.tensor(float(time.monotonic() - self._last >= self._every), device=args.device)
        if args.world_size > 1:
            torch.distributed.broadcast(due, 0)
        if due and state.global_step % self._steps == 0 and state.global_step < state.max_steps:
            control.should_save = True
            self._last = time.monotonic()
