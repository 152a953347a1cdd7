"""What a fine-tuning needs: its options as the estimate takes them, settled and refused before anything is loaded."""

from __future__ import annotations

from typing import Final, Literal

from curate.memory.find_shape import Shapes
from curate.memory.machine import Machine, find_machine, find_own_machine
from curate.memory.preview import UNKNOWN, Preview, show_preview
from curate.memory.shapes import Shape
from curate.store.layout import name_run
from distill.common.batches import SFT_TOKENS
from distill.common.requirements import list_faults
from distill.memory.activations import BFLOAT16, FLOAT32
from distill.memory.choices import (
    LENGTHS,
    Change,
    SettledOptions,
    add_remedy,
    choose,
    choose_rows,
    list_dear_changes,
    list_free_changes,
    list_ways,
    settle_as_configured,
)
from distill.memory.training import Rollout, TrainingSetup, estimate_training
from distill.sft.options import DistillOptions

NO_OFFLOAD: Final = "offload_activations moves what a GPU has no room for; there is no GPU: leave it out."
UNKNOWN_ROWS: Final = 0.05
"""The share of the activations of rows as long as allowed that is sure to be needed, before rows are looked at."""
KNOWN_ROWS: Final = 0.9
"""The same where the longest row is known."""


def settle_memory(
    options: DistillOptions,
    shape: Shape,
    machine: Machine,
    longest: int | None = None,
    teacher: Shape | None = None,
) -> SettledOptions[DistillOptions]:
    """The options with `shard` chosen, what they need, and a remedy where that does not fit.

    longest: tokens of the longest row, where it is known; else the longest allowed. teacher: the shape of the model
    to match, which every process holds whole.
    """
    return add_remedy(
        _settle(options, shape, machine, longest, teacher),
        options,
        list_free_changes(options),
        list_dear_changes(options, machine, _list_shorter(options, longest)),
        lambda tried, other: _settle(tried, shape, other, longest, teacher),
    )


def _settle(
    options: DistillOptions, shape: Shape, machine: Machine, longest: int | None, teacher: Shape | None
) -> SettledOptions[DistillOptions]:
    return choose(
        SettledOptions(one, estimate_training(_describe(one, shape, machine, longest, teacher)))
        for one in list_ways(options, machine)
    )


def _describe(
    options: DistillOptions, shape: Shape, machine: Machine, longest: int | None, teacher: Shape | None
) -> TrainingSetup:
    length = min(options.max_length, longest or options.max_length)
    rows, length = _cut_rows(options, length, machine)
    checkpointing = options.gradient_checkpointing
    assert options.shard != "auto"
    how = "all weights" if options.lora is None else f"LoRA of rank {options.lora.rank}"
    return TrainingSetup(
        what=f"distill {options.name}: {options.model}, {how}, sharding {options.shard}, {rows * length:,} tokens at once",
        shape=shape,
        machine=machine,
        shard=options.shard,
        rows=rows,
        length=length,
        sure=UNKNOWN_ROWS if longest is None else KNOWN_ROWS,
        lora=None if options.lora is None else options.lora.rank,
        bfloat16=options.dtype == "bfloat16",
        checkpointing=bool(machine.gpus) if checkpointing is None else checkpointing,
        keeps_attention=bool(machine.gpus) and options.shard == "none",
        offloads=options.offload_activations,
        padded=options.method != "sft",
        rollout=_find_rollout(options, machine),
        beside=_list_teacher(teacher, machine),
    )


def _cut_rows(options: DistillOptions, longest: int, machine: Machine) -> tuple[int, int]:
    """The rows of a micro batch and their length: end to end one long row, or padded where a teacher is matched."""
    if options.method != "sft":
        return choose_rows(options.micro_batch_size, options.batch_size, longest, machine), longest
    return 1, _count_tokens(options, longest, machine)


def _find_rollout(options: DistillOptions, machine: Machine) -> Rollout | None:
    """How the student is sampled, where it is."""
    if options.method != "on_policy":
        return None
    asked = options.on_policy
    vllm = asked.rollout == "vllm" or (asked.rollout == "auto" and machine.gpus > 0)
    at_once = -(-options.batch_size // machine.devices)
    kind: Literal["vllm", "transformers"] = "vllm" if vllm else "transformers"
    return Rollout(kind, asked.tensor_parallel, asked.gpu_memory, sleeps=True, rows=at_once)


def _list_teacher(teacher: Shape | None, machine: Machine) -> tuple[tuple[str, float], ...]:
    """The teacher's weights, in bfloat16 on a GPU."""
    if teacher is None:
        return ()
    return (("teacher", float(teacher.parameters * (BFLOAT16 if machine.gpus else FLOAT32))),)


def _count_tokens(options: DistillOptions, length: int, machine: Machine) -> int:
    """Tokens of a micro batch: what is asked for, or a device's usual number, and at least the longest row."""
    usual = SFT_TOKENS["cuda" if machine.gpus else "cpu"]
    tokens = max(options.micro_batch_tokens or usual, length)
    share = -(-options.batch_size // machine.devices)
    return min(tokens, length * min(share, options.micro_batch_size or share))


def _list_shorter(options: DistillOptions, longest: int | None) -> list[Change]:
    before = min(options.max_length, longest or options.max_length)
    return [
        Change(f"lower --max-length to {length}", {"max_length": length})
        for length in LENGTHS
        if length < before
    ]


def _find_teacher(options: DistillOptions, shapes: Shapes) -> Shape | None:
    return None if options.teacher is None else shapes.find(options.teacher, options.teacher_revision)


def preview_memory(
    options: DistillOptions, shapes: Shapes, machine: Machine | None = None, longest: int | None = None
) -> Preview:
    """What the training needs, for people, and why it would be refused; shapes learn of the model it will make.

    machine: the one to plan for where the options name none.
    """
    if machine is None or options.gpus is not None or options.gpu_memory is not None:
        machine = find_machine(options.gpus, options.gpu_memory)
    shape, teacher = shapes.find(options.model, options.revision), _find_teacher(options, shapes)
    offloads = options.offload_activations and not machine.gpus
    faults = (NO_OFFLOAD,) * offloads + list_faults(
        options,
        shapes,
        machine,
        options.on_policy.rollout,
        others=[] if options.teacher is None else [(options.teacher, options.teacher_revision)],
    )
    shapes.add(name_run(options.run).model(options.name), shape, options.max_length)
    models = [(options.model, shape), *([(options.teacher, teacher)] if options.teacher else [])]
    unknown = tuple(UNKNOWN.format(model=name) for name, found in models if found is None and not faults)
    if shape is None:
        return Preview(notes=unknown, faults=faults)
    settled = settle_memory(options, shape, machine, longest, teacher)
    return Preview((settled.estimate,), unknown, faults)


def show_memory(options: DistillOptions, longest: int | None = None) -> str | None:
    """Show on standard error what the training needs; why it would be refused, or None.

    longest: tokens of the longest row, where it is known.
    """
    return show_preview(preview_memory(options, Shapes(), longest=longest))


def require_memory(options: DistillOptions, longest: int | None = None) -> DistillOptions:
    """The options settled for this machine. Raises UserError where it cannot hold the training; warns where it comes close.

    A model whose shape nothing here knows is left to be loaded as it is asked for, and what is left to choose stays so
    where the driver's tool tells of no GPU: on a CPU, and on GPUs of other makers.
    """
    shapes = Shapes()
    shape = shapes.find(options.model, options.revision)
    if shape is None:
        return options
    machine = find_own_machine(options.gpus)
    teacher = _find_teacher(options, shapes)
    settled = settle_as_configured(options, lambda one: settle_memory(one, shape, machine, longest, teacher))
    settled.estimate.require()
    return settled.options if machine.gpus else options
