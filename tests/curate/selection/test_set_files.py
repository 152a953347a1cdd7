"""A set's files hold its rows in its order, however they lie in the run, and however large the set is."""

import random
import resource
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest

from curate.selection import set_files
from curate.selection.set_files import write_set_files
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, SET, prompt_table, sample_row
from filters.digest import digest
from filters.types import Prompt, Sample

ROWS = 160


def make_run(path: Path) -> tuple[Run, pl.DataFrame]:
    """Samples of two sources in many parts, and their prompts in others, some of them twice; and a set's order."""
    run, draw = Run(path), random.Random(3)
    picked = []
    for name in ("a", "b"):
        prompts = [Prompt.make(f"Question {n} " * draw.randint(1, 20), "7", domain=name) for n in range(40)]
        draw.shuffle(prompts)
        for number in range(5):
            some = [*prompts[8 * number : 8 * number + 8], prompts[number]]
            write_table(run.prompts(name) / f"part-{number:05d}.parquet", prompt_table(some))
        asked = draw.choices(prompts, k=ROWS // 2)
        samples = [
            Sample(digest(name, n), prompt, f"{n} " * draw.randint(1, 99), n)
            for n, prompt in enumerate(asked)
        ]
        for number in range(10):
            some = samples[8 * number : 8 * number + 8]
            write_part(
                run.samples(name) / f"part-{number:05d}.parquet", [sample_row(one) for one in some], SAMPLES
            )
            picked += [(name, one.id, one.prompt.id, "", number, len(one.response)) for one in some]
    draw.shuffle(picked)
    columns = {"source": pl.String, "sample_id": pl.String, "prompt_id": pl.String, "variant": pl.String, "part": pl.UInt32, "bytes": pl.UInt32}  # fmt: skip
    return run, pl.DataFrame(picked, columns, orient="row")


def write(run: Run, picked: pl.DataFrame, folder: Path) -> tuple[list[pq.ParquetFile], pl.DataFrame]:
    folder.mkdir()
    write_set_files(run, picked, folder)
    return read(folder)


def read(folder: Path) -> tuple[list[pq.ParquetFile], pl.DataFrame]:
    files = [pq.ParquetFile(path) for path in sorted(folder.iterdir())]
    assert all(file.schema_arrow == SET for file in files)
    return files, pl.concat(pl.DataFrame(file.read()) for file in files)


def test_rows_come_in_their_order_with_their_prompts(tmp_path: Path):
    run, picked = make_run(tmp_path / "run")
    (file,), rows = write(run, picked, tmp_path / "set")
    assert rows["id"].to_list() == picked["sample_id"].to_list()
    assert rows["source"].to_list() == rows["domain"].to_list() == picked["source"].to_list()
    for row in rows.iter_rows(named=True):
        assert digest([dict(turn) for turn in row["prompt"]], row["answer"]) == row["prompt_id"]
        assert row["completion"][0]["role"] == "assistant"
    assert file.metadata.num_row_groups == 1


@pytest.mark.parametrize("bounds", [(1, 10**6), (50, 10**6), (10**6, 2_000), (10**6, 300)])
def test_files_are_bounded_in_rows_and_bytes_and_few_are_open_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bounds: tuple[int, int]
):
    """Up to 160 files are written with four open: the rows are scattered again and again until a share is one file."""
    run, picked = make_run(tmp_path / "run")
    _, expected = write(run, picked, tmp_path / "one")
    rows, size = bounds
    names = {"FILE_ROWS": rows, "FILE_BYTES": size, "GROUP_BYTES": 500, "SHARE_BYTES": 1, "OPEN_FILES": 4}
    for name, value in names.items():
        monkeypatch.setattr(set_files, name, value)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_now = max(int(file.name) for file in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 30, hard))
    try:
        (tmp_path / "many").mkdir()
        write_set_files(run, picked, tmp_path / "many")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    files, found = read(tmp_path / "many")
    assert found.equals(expected)
    assert len(files) >= max(3, ROWS // rows)
    assert all(0 < file.metadata.num_rows <= rows for file in files)
    weights = expected.select(
        pl.col("completion").list.first().struct.field("content").str.len_bytes()
        + pl.col("prompt").list.first().struct.field("content").str.len_bytes()
    ).to_series()
    for file in files:
        text = weights.filter(expected["id"].is_in(file.read(["id"])["id"].to_pylist())).sum()
        assert text < size + weights.max(), "the last row of a file may begin within the bound"
        about = file.metadata
        assert max(about.row_group(n).num_rows for n in range(about.num_row_groups)) <= 500 // 2
    assert not list((tmp_path / "many").glob(".*"))


def test_the_same_rows_make_the_same_bytes(tmp_path: Path):
    run, picked = make_run(tmp_path / "run")
    for name in ("one", "two"):
        write(run, picked, tmp_path / name)
    (one,), (two,) = ((tmp_path / name).iterdir() for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()
