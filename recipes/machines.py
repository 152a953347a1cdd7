"""What fits on 1, 8 and 64 GPUs: for three sizes of models the options to add, and what they need. `python -m recipes.machines`.

The table in distill/README.md is what this prints.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from curate.console import emit
from curate.memory.find_shape import find_shape
from curate.memory.machine import Machine
from distill.grpo import memory as grpo
from distill.grpo.options import GrpoOptions
from distill.memory.choices import SettledOptions
from distill.sft import memory as sft
from distill.sft.options import DistillOptions

GIB: Final = 80.0
MODELS: Final = {
    "1.5B": "Qwen/Qwen2.5-1.5B",
    "7B": "Qwen/Qwen2.5-7B",
    "32B": "Qwen/Qwen2.5-32B",
}
COUNTS: Final = (1, 8, 64)
LORA: Final = {"lora": {"rank": 32}}
FLAGS: Final[dict[tuple[str, str, int], tuple[str, dict[str, Any]]]] = {
    ("distill", "7B", 1): ("--lora-rank 32", LORA),
    ("grpo", "7B", 1): ("--lora-rank 32", LORA),
    ("distill", "32B", 1): ("--lora-rank 32 --max-length 4096", {**LORA, "max_length": 4096}),
    # Beside 61 GiB of weights there is no room for the same weights in vLLM: the policy is sampled by itself, a few at once.
    ("grpo", "32B", 1): (
        "--lora-rank 32 --rollout transformers --prompts-per-step 1 --group-size 8 --max-tokens 2048",
        {
            **LORA,
            "rollout": {"kind": "transformers"},
            "prompts_per_step": 1,
            "group_size": 8,
            "sampling": {"max_tokens": 2048},
        },
    ),
    ("distill", "32B", 8): ("--lora-rank 32", LORA),
    ("grpo", "32B", 8): ("--lora-rank 32", LORA),
}
"""The flags to add to a command for a size on so many GPUs, and the same as options; others need none."""
HEAD: Final = """\
| model | GPUs | command | sharding | weights, gradients, optimizer | reference | activations and the rest | vLLM: weights, cache | most at once |
|---|---|---|---|---|---|---|---|---|"""
STATE: Final = ("weights", "frozen weights", "adapters", "gradients", "gradient buckets", "optimizer")
WEIGHTS: Final = "engine's weights"
CACHE: Final = "cache of keys and values"


class Cell(NamedTuple):
    """One size on one machine by one command: the flags to add, the options as they are settled, what they need."""

    command: str
    size: str
    machine: Machine
    flags: str
    settled: SettledOptions[Any]


def list_cells() -> Iterator[Cell]:
    """All of them, by size and machine."""
    for size, model in MODELS.items():
        shape = find_shape(model)
        assert shape is not None
        for count in COUNTS:
            machine = Machine(count, GIB, planned=True)
            for command in ("distill", "grpo"):
                flags, added = FLAGS.get((command, size, count), ("", {}))
                given = {"run": "runs/r1", "model": model, **added}
                settled: SettledOptions[Any]
                if command == "distill":
                    settled = sft.settle_memory(DistillOptions(**given), shape, machine)
                else:
                    settled = grpo.settle_memory(GrpoOptions(**given, prompts="p.jsonl"), shape, machine)
                yield Cell(command, size, machine, flags, settled)


def write_table() -> str:
    """The cells as a table in Markdown, in GiB per GPU."""
    return "\n".join([HEAD, *map(_write_row, list_cells())])


def _write_row(cell: Cell) -> str:
    estimate, options = cell.settled.estimate, cell.settled.options
    size = {part.name: part.gib for part in estimate.parts}
    state = sum(size.get(name, 0.0) for name in STATE)
    engine = {name for name in size if name.startswith("engine's")}
    rest = sum(gib for name, gib in size.items() if name not in {*STATE, *engine, CACHE, "KL reference"})
    cells = [
        cell.size,
        str(cell.machine.gpus),
        f"`{' '.join([cell.command, cell.flags]).rstrip()}`",
        options.shard,
        f"{state:.1f}",
        f"{size['KL reference']:.1f}" if "KL reference" in size else "",
        f"{rest:.1f}",
        _write_engine(cell.command, options, size),
        f"{estimate.compute_need():.1f}",
    ]
    return f"| {' | '.join(cells)} |"


def _write_engine(command: str, options: Any, size: dict[str, float]) -> str:
    """The engine's part: weights, cache, and over how many GPUs a copy is spread."""
    if command != "grpo":
        return ""
    if WEIGHTS not in size:
        return f"none; cache {size[CACHE]:.1f}"
    ranks = options.rollout.tensor_parallel
    return f"{size[WEIGHTS]:.1f}, {size[CACHE]:.1f} (tensor parallel {ranks})"


if __name__ == "__main__":
    emit(write_table())
