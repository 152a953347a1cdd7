"""Settings that follow from the memory there is, and what to change where nothing fits.

Each is tried by the same estimate that is shown: a remedy that is named fits when it is computed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

from curate.memory.estimate import Estimate
from curate.memory.machine import Machine
from distill.common.batches import choose_micro_batch_size
from distill.common.options import LoraOptions, TrainingOptions
from filters.errors import UserError

Options = TypeVar("Options", bound=TrainingOptions)

CONFIG_VARIABLES: Final = {"ACCELERATE_USE_DEEPSPEED": "zero3", "ACCELERATE_USE_FSDP": "fsdp2"}
"""Variables of a process that accelerate was told to share a model in, and how."""
COUNTS: Final = (2, 4, 8, 16, 32, 64, 128, 256, 512)
"""Numbers of GPUs that a remedy names."""
LENGTHS: Final = (16384, 8192, 4096, 2048)
"""Lengths in tokens that a remedy names."""


def settle_as_configured(
    options: Options, settle: Callable[[Options], SettledOptions[Options]]
) -> SettledOptions[Options]:
    """Settle for the sharing that accelerate's own config says, where there is one, and leave it to that.

    Raises UserError where another is asked for.
    """
    told = [
        how for name, how in CONFIG_VARIABLES.items() if os.environ.get(name, "").lower() in ("true", "1")
    ]
    if not told:
        return settle(options)
    if options.shard not in ("auto", told[0]):
        raise UserError(
            f"shard={options.shard} contradicts accelerate's config, which says {told[0]}: leave one of them out."
        )
    settled = settle(options.model_copy(update={"shard": told[0]}))
    kept = settled.options.model_copy(update={"shard": options.shard})
    return replace(settled, options=kept)


def choose_rows(asked: int | None, batch: int, longest: int, machine: Machine) -> int:
    """Rows of a micro batch per device, by the rule of the training itself: a divisor of the step's share.

    Raises UserError where the rows of a step cannot be divided evenly.
    """
    return choose_micro_batch_size(asked, batch, longest, machine.devices, "cuda" if machine.gpus else "cpu")


def list_ways(options: Options, machine: Machine, *, one_row: bool = True) -> Iterator[Options]:
    """The options with each way to hold the model that may be taken, the fastest first.

    Where nothing is asked for: a copy on each GPU before FSDP2, and both with the usual micro batches before a row at a
    time. one_row: whether that may be chosen.
    """
    shards = ("none", "fsdp2") if options.shard == "auto" else (options.shard,)
    for rows in (None, 1) if options.micro_batch_size is None and one_row else (options.micro_batch_size,):
        for shard in shards if machine.gpus > 1 else ("none",):
            yield options.model_copy(update={"shard": shard, "micro_batch_size": rows})


@dataclass(frozen=True, slots=True)
class SettledOptions(Generic[Options]):
    """Options with nothing left to choose, and what they need."""

    options: Options
    estimate: Estimate


def choose(tried: Iterable[SettledOptions[Options]]) -> SettledOptions[Options]:
    """The first that fits, else the first that may, else the last: where nothing fits, what divides most."""
    listed = list(tried)
    for settled in listed:
        if settled.estimate.fits:
            return settled
    return next((settled for settled in listed if settled.estimate.possible), listed[-1])


@dataclass(frozen=True, slots=True)
class Change:
    """A change that may make a training fit. gpus: on so many of the same."""

    words: str
    options: Mapping[str, Any]
    gpus: int | None = None


def add_remedy(
    settled: SettledOptions[Options],
    options: Options,
    free: Sequence[Change],
    dear: Sequence[Sequence[Change]],
    settle: Callable[[Options, Machine], SettledOptions[Options]],
) -> SettledOptions[Options]:
    """The same with a remedy, where it is not expected to fit.

    free: changes that cost speed at most; the first that fits is named alone. dear: groups of changes that cost more; the
    first of each group that fits is named, as alternatives.
    """
    if settled.estimate.fits:
        return settled
    machine = settled.estimate.machine

    def helps(change: Change) -> bool:
        other = replace(machine, gpus=change.gpus, planned=True) if change.gpus else machine
        try:
            return settle(apply_change(options, change), other).estimate.fits
        except UserError:
            return False  # the batch cannot be divided so

    named = [change.words for change in free if helps(change)][:1]
    if not named:
        kinds = [next((change for change in group if helps(change)), None) for group in dear]
        found = [change for change in kinds if change is not None]
        # Adapters with another change are named where adapters alone are not enough.
        enough = any(set(change.options) == {"lora"} for change in found)
        named = [
            one.words for one in found if not (enough and len(one.options) > 1 and "lora" in one.options)
        ]
    remedy = " or ".join(named) if named else "take a smaller model, or GPUs with more memory"
    return replace(settled, estimate=replace(settled.estimate, remedy=remedy))


def apply_change(options: Options, change: Change) -> Options:
    """The options with those of a change; nested ones are merged."""
    merged: dict[str, Any] = {}
    for name, value in change.options.items():
        before = getattr(options, name)
        merged[name] = before.model_copy(update=dict(value)) if isinstance(value, Mapping) else value
    return options.model_copy(update=merged)


def list_free_changes(options: TrainingOptions) -> list[Change]:
    """Changes that leave the result as it is."""
    changes = []
    if options.shard == "none":
        changes.append(Change("shard the weights (--shard fsdp2)", {"shard": "fsdp2"}))
    if options.gradient_checkpointing is False:
        changes.append(Change("turn gradient checkpointing on", {"gradient_checkpointing": True}))
    if options.micro_batch_size not in (None, 1):
        changes.append(Change("lower --micro-batch-size to 1", {"micro_batch_size": 1}))
    return changes


def list_dear_changes(
    options: TrainingOptions, machine: Machine, shorter: Sequence[Change]
) -> list[list[Change]]:
    """Changes that cost machines, freedom or length: each kind alone, and where none fits, adapters with another one."""
    counts = [n for n in COUNTS if n > machine.gpus] if machine.gpus else []
    more = [
        Change(f"take {n} GPUs of {machine.gib:.0f} GiB", {"shard": "auto", "micro_batch_size": None}, n)
        for n in counts
    ]
    if options.lora is not None:
        return [more, list(shorter)]
    lora, words = {"lora": LoraOptions()}, "train adapters (--lora-rank 32)"

    def with_adapters(changes: Sequence[Change]) -> list[Change]:
        return [Change(f"{words} and {one.words}", {**one.options, **lora}, one.gpus) for one in changes]

    return [[Change(words, lora)], more, list(shorter), with_adapters(more), with_adapters(shorter)]
