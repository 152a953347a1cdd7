"""Columns of every kind that Parquet holds can be compared; another width or way of storing is no difference."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from curate.comparison.compare import compare_places
from curate.stages.diff import DiffOptions, compare_results
from filters.errors import UserError
from tests.shown import shown

VALUES = {
    "large": pl.Series([2**63 + 1, 7], dtype=pl.UInt64),
    "bytes": [b"\xff", b"\xfe"],
    "images": [{"bytes": b"\xff", "path": None}, {"bytes": b"\xfe", "path": None}],
    "spans": pl.Series([timedelta(1), timedelta(2)]),
    "days": [[date(2024, 1, 1)], [date(2024, 1, 2)]],
    "cents": [Decimal("1.5"), Decimal("2.5")],
    "numbers": pl.Series([[1, 2], [3]], dtype=pl.List(pl.Int64)),
    "nested": [{"a": 1, "b": ["x"]}, {"a": 2, "b": ["y"]}],
    "names": ["x", "y"],
    "shares": pl.Series([0.5, float("nan")], dtype=pl.Float64),
}
OTHERWISE = {
    "numbers": pl.List(pl.Int8),
    "nested": pl.Struct({"a": pl.Int16, "b": pl.List(pl.Categorical)}),
    "names": pl.Categorical,
    "shares": pl.Float32,
}


def write(path: Path, rows: pl.DataFrame) -> str:
    path.parent.mkdir(exist_ok=True, parents=True)
    rows.write_parquet(path)
    return str(path)


def test_values_are_told_apart_by_what_they_are(tmp_path: Path):
    rows = pl.DataFrame({"id": ["a", "b"], **VALUES})
    one = write(tmp_path / "one.parquet", rows)
    told = rows.select(pl.col(name).cast(OTHERWISE.get(name, kind)) for name, kind in rows.schema.items())
    (same,) = compare_places(one, write(tmp_path / "same.parquet", told.reverse()), None, None)
    assert same.rows.is_empty()
    turned = rows.with_columns(pl.col("id").reverse())
    (found,) = compare_places(one, write(tmp_path / "two.parquet", turned), None, None)
    assert sorted(found.rows["why"]) == sorted([*VALUES] * 2)
    assert found.rows["before"].null_count() == 0 and (found.rows["before"] != found.rows["after"]).all()


def test_who_speaks_is_told(tmp_path: Path):
    one, two = (
        write(
            tmp_path / f"{role}.parquet",
            pl.DataFrame({"id": ["a"], "prompt": [[{"role": role, "content": "Hello."}]]}),
        )
        for role in ("user", "system")
    )
    (found,) = compare_places(one, two, None, None)
    assert found.rows.select("before", "after").rows() == [("user: Hello.", "system: Hello.")]


def test_a_value_is_shown_beside_the_row_that_has_it(tmp_path: Path):
    one = write(tmp_path / "one.parquet", pl.DataFrame({"id": ["a", "b"], "t": ["old", "x"]}))
    two = write(tmp_path / "two.parquet", pl.DataFrame({"id": ["a", "b"], "t": ["new", None]}))
    told = shown(compare_results(DiffOptions(before=one, after=two)), 200)
    assert "a: old -> new; b" in told


def test_a_folder_as_the_hub_has_it_is_a_set(tmp_path: Path):
    rows = pl.DataFrame({"id": ["a"], "t": ["x"]})
    write(tmp_path / "hub/data/train-00000-of-00001.parquet", rows)
    (found,) = compare_places(str(tmp_path / "hub"), write(tmp_path / "one.parquet", rows), None, None)
    assert found.before == found.after == 1 and found.rows.is_empty()


def test_rows_without_ids_are_refused(tmp_path: Path):
    path = write(tmp_path / "one.parquet", pl.DataFrame({"id": ["a", None]}))
    with pytest.raises(UserError, match="1 of its rows hold nothing in the column 'id'"):
        compare_places(path, path, None, None)
