"""A damaged pilot is told in a sentence, and what nobody counted is no zero."""

import shutil
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from curate.sampling.cost_estimate import PlanOptions, choose_pilot, estimate_table
from curate.stages.generate import GenerateOptions
from curate.store.layout import Run, list_parts
from tests.curate.planning.fake_pilot import (
    PROMPTS,
    SAMPLES,
    amounts_of,
    plan,
    read_stages,
    run_stages,
    write_world,
)

MOST = 500


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Run]:
    folder = tmp_path_factory.mktemp("made")
    path, run = write_world(folder, sampling={"max_tokens": MOST}), Run(folder / "pilot")
    run_stages(path, run)
    return path, run


@pytest.fixture
def piloted(tmp_path: Path, made) -> tuple[Path, Run]:
    """A recipe, and a copy of a whole run of it, to be damaged."""
    path, run = made
    return path, Run(Path(shutil.copytree(run.path, tmp_path / "pilot")))


def damage_middle(file: Path) -> None:
    """Change all but the two ends by which a file is known."""
    file.write_bytes(b"PAR1" + b"\xff" * (file.stat().st_size - 8) + b"PAR1")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-10])


@pytest.mark.parametrize("damage", [damage_middle, cut])
@pytest.mark.parametrize(
    "which", ["samples/teacher/part-*", "prompts/teacher/*", "verdicts/teacher/*/part-*"]
)
def test_a_damaged_part_makes_no_pilot_and_no_error(tmp_path: Path, piloted, which: str, damage):
    path, run = piloted
    files = list(run.path.glob(f"{which}.parquet"))
    assert files
    for file in files:
        damage(file)
    needs = plan(path, Run(tmp_path / "run"), run)
    assert needs.refusals == [] and needs.missing == 1
    note = dict(needs.stages)["1 generate teacher"].notes[0]
    assert note.startswith("no pilot: ") and ("damaged" in note) and "\n" not in note


def test_lines_of_metrics_that_say_nothing_change_nothing(tmp_path: Path, piloted):
    path, run = piloted
    before = amounts_of(plan(path, Run(tmp_path / "run"), run), "1 generate teacher")
    metrics = run.metrics("teacher")
    metrics.write_bytes(b'{"seconds": 1}\n[]\n\xff\n' + metrics.read_bytes() + b'{"seconds')
    assert amounts_of(plan(path, Run(tmp_path / "run"), run), "1 generate teacher") == before


def test_tokens_that_nobody_counted_are_taken_for_the_most_and_told(tmp_path: Path, piloted):
    path, run = piloted
    for part in list_parts(run.samples("teacher")):
        about = pq.read_schema(part).metadata
        table = pl.read_parquet(part).with_columns(tokens=pl.lit(None, pl.Int32)).to_arrow()
        schema = pq.read_schema(part)
        pq.write_table(table.cast(schema).replace_schema_metadata(about), part)
    needs = plan(path, Run(tmp_path / "run"), run)
    found = amounts_of(needs, "1 generate teacher")
    assert found["tokens"] == (0, None, PROMPTS * SAMPLES * MOST)
    assert found["stored"].value > 0 and "seconds" not in found
    assert (
        "nobody counted the tokens of 20 of the pilot's 20 samples"
        in dict(needs.stages)["1 generate teacher"].notes[0]
    )

    options = GenerateOptions(run=run.path, **read_stages(path)[0]["generate"])
    chosen = choose_pilot(options.read_prompts(), PROMPTS)
    table = estimate_table(run, "teacher", chosen, ["math_answer"], 7.0, PlanOptions(), options, MOST)
    assert [column.header for column in table.columns] == ["domain", "prompts", "tokens, million", "accepted"]
    assert next(iter(table.columns[2].cells)).startswith("0.01 ")
    assert "nobody counted the tokens of 20 samples" in str(table.caption)
