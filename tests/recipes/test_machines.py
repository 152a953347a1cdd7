"""What distill/README.md says fits on 1, 8 and 64 GPUs does, by the estimate, with the flags it names."""

from pathlib import Path

import pytest

import distill
from curate.cli.flags import _nest_values
from curate.options import fill
from distill.grpo.options import GrpoOptions
from distill.sft.options import DistillOptions
from recipes.machines import COUNTS, FLAGS, MODELS, list_cells, write_table

CELLS = list(list_cells())


def test_there_is_a_cell_for_each_size_machine_and_command():
    asked = [(cell.command, cell.size, cell.machine.gpus) for cell in CELLS]
    assert sorted(asked) == sorted((c, s, n) for c in ("distill", "grpo") for s in MODELS for n in COUNTS)
    assert set(FLAGS) <= set(asked)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: f"{cell.command}-{cell.size}-{cell.machine.gpus}")
def test_every_cell_fits(cell):
    assert cell.settled.estimate.fits, cell.settled.estimate.explain()


@pytest.mark.parametrize(("command", "size", "count"), FLAGS)
def test_the_flags_are_the_options(command, size, count):
    flags, added = FLAGS[command, size, count]
    model = GrpoOptions if command == "grpo" else DistillOptions
    words = flags.split()
    given = {
        name.removeprefix("--").replace("-", "_"): value
        for name, value in zip(words[::2], words[1::2], strict=True)
    }
    start = {"run": "r", "model": "m", **({"prompts": "p"} if command == "grpo" else {})}
    assert fill(model, {**start, **_nest_values(model, given)}, "flags") == fill(
        model, {**start, **added}, "added"
    )


def test_the_readme_shows_the_table():
    assert write_table() in (Path(distill.__file__).parent / "README.md").read_text("utf-8")
