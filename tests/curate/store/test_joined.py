"""The frame of samples with verdicts: found by id whatever the order, and refused where one is missing, double or foreign."""

import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.store.joined import join_part, join_samples, scan_sidecars
from curate.store.layout import Run
from curate.store.parquet import write_table
from curate.store.schema import verdict_table
from filters.errors import UserError
from filters.types import Verdict

PARTS = (5, 3)
"""Samples of each part."""


def write_run(path: Path, sidecars: list[list[tuple[str, bool]]] | None = None) -> Run:
    """A run with two parts of samples, whose verdicts say whether the index is even."""
    run = Run(path)
    for number, (size, verdicts) in enumerate(zip(PARTS, sidecars or list_verdicts(), strict=True)):
        part = run.samples("t") / f"part-{number:05}.parquet"
        ids = [f"{number}{index:03}" for index in range(size)]
        samples = {"sample_id": ids, "index": range(size), "content": [f"text of {one}" for one in ids]}
        write_table(part, pa.table(samples))
        judged = pa.array([one for one, _ in verdicts], pa.string())
        contents = pa.array([f"text of {one}" for one, _ in verdicts], pa.string())
        table = verdict_table(judged, contents, [Verdict(ok) for _, ok in verdicts])
        write_table(run.sidecar("t", "even", part), table)
    return run


def list_verdicts() -> list[list[tuple[str, bool]]]:
    return [
        [(f"{number}{index:03}", index % 2 == 0) for index in range(size)]
        for number, size in enumerate(PARTS)
    ]


@given(st.permutations(range(PARTS[0])))
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_verdicts_changes_nothing(tmp_path: Path, order: list[int]):
    first, second = list_verdicts()
    frame = join_samples(write_run(tmp_path, [[first[i] for i in order], second]), "t", ["even"], ["index"])
    assert frame["sample_id"].to_list() == [one for part in list_verdicts() for one, _ in part]
    assert frame["even:ok"].to_list() == [index % 2 == 0 for index in frame["index"]]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: rows.pop(2), "has no verdict on sample 0002"),
        (lambda rows: rows.append(rows[1]), "has more than one verdict on sample 0001"),
        (lambda rows: rows.append((rows[1][0], False)), "has more than one verdict on sample 0001"),
        (lambda rows: rows.append(("9999", True)), "has verdicts on other samples than those of its part"),
        (lambda rows: rows.__setitem__(0, ("9999", True)), "has no verdict on sample 0000"),
        (lambda rows: rows.clear(), "has no verdict on sample 0000"),
    ],
)
def test_a_missing_second_or_foreign_verdict_is_refused(tmp_path: Path, change, says: str):
    sidecars = list_verdicts()
    change(sidecars[0])
    run = write_run(tmp_path, sidecars)
    with pytest.raises(UserError, match=says):
        join_samples(run, "t", ["even"], [])
    part = run.samples("t") / "part-00000.parquet"
    with pytest.raises(UserError):
        join_part(run, "t", part, ["even"], [], where=pl.lit(True))


def test_sidecars_of_two_parts_that_changed_places_are_refused(tmp_path: Path):
    with pytest.raises(UserError, match="has no verdict on sample 0000"):
        join_samples(write_run(tmp_path, list_verdicts()[::-1]), "t", ["even"], [])


def test_a_missing_sidecar_is_refused(tmp_path: Path):
    run = write_run(tmp_path)
    run.sidecar("t", "even", run.samples("t") / "part-00001.parquet").unlink()
    with pytest.raises(UserError, match="has no verdicts of 'even' on all its samples; run verify or filter"):
        join_samples(run, "t", ["even"], [])


def test_a_sample_that_stands_twice_is_refused(tmp_path: Path):
    run = write_run(tmp_path)
    for folder in (run.samples("t"), run.verdicts("t") / "even"):
        shutil.copy(folder / "part-00000.parquet", folder / "part-00002.parquet")
    with pytest.raises(UserError, match=r"Sample 0000 is there twice in .*changed by hand"):
        join_samples(run, "t", ["even"], [])


@pytest.mark.parametrize("damage", ["", "PAR1", "strings", "columns"])
def test_a_damaged_sidecar_is_refused(tmp_path: Path, damage: str):
    run = write_run(tmp_path)
    sidecar = run.sidecar("t", "even", run.samples("t") / "part-00001.parquet")
    verdicts = pl.read_parquet(sidecar)
    if damage == "strings":
        verdicts.with_columns(pl.col("ok").cast(pl.String)).write_parquet(sidecar)
    elif damage == "columns":
        verdicts.drop("reason").write_parquet(sidecar)
    else:
        sidecar.write_text(damage, "utf-8")
    for read in (join_samples, lambda run, name, *_: scan_sidecars(run, name, "even")):
        with pytest.raises(UserError, match=r"part-00001\.parquet' is damaged: run verify or filter with"):
            read(run, "t", ["even"], [])


def test_an_unknown_column_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"has no column .*nope.*; there are: sample_id, index"):
        join_samples(write_run(tmp_path), "t", [], ["nope"])
