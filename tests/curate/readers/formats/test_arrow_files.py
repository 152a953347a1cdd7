"""Parquet and Arrow files give their rows as Python values, and as tables in their own types in the same order."""

import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.readers.formats import arrow_files
from curate.readers.read_rows import read_rows, read_tables
from filters.errors import UserError

TABLE = pa.table(
    {
        "text": pa.array(["a", None, "c"]).dictionary_encode(),
        "day": pa.array([date(2026, 1, 2)] * 3),
        "bytes": pa.array([b"\xff\0", b"", None]),
        "price": pa.array([Decimal("1.50")] * 3, pa.decimal128(9, 2)),
        "small": pa.array([1, 2, None], pa.int8()),
        "map": pa.array([[("k", 1)], [], None], pa.map_(pa.string(), pa.int64())),
        "nothing": pa.nulls(3),
        "score": pa.array([float("inf"), 0.5, None], pa.float32()),
    }
)


def pack(kind: str, table: pa.Table = TABLE) -> bytes:
    out = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, out)
    else:
        with (pa.ipc.new_stream if kind == "stream" else pa.ipc.new_file)(out, table.schema) as writer:
            writer.write_table(table)
    return out.getvalue()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("parquet", "a.parquet"), ("file", "a.arrow"), ("stream", "b.arrow"), ("file", "a.feather"), ("parquet", "a.jsonl")],
)  # fmt: skip
def test_rows_and_tables_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str):
    monkeypatch.setattr(arrow_files, "BATCH_ROWS", 2)
    path = tmp_path / name
    path.write_bytes(pack(kind))
    rows = list(read_rows(str(path)))
    assert [dict(row.values) for row in rows] == TABLE.to_pylist()
    assert rows[2].place == f"{path}, row 3"
    tables = list(read_tables(str(path)) or ())
    assert [table.num_rows for table in tables] == [2, 1]
    assert pa.concat_tables(tables).equals(TABLE)


def test_text_has_no_tables(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text("{}\n")
    assert read_tables(str(tmp_path / "a.jsonl")) is None
    (tmp_path / "b.parquet").write_bytes(pack("parquet"))
    assert read_tables(str(tmp_path)) is None


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_a_cut_file_is_refused(tmp_path: Path, kind: str):
    path = tmp_path / "cut.parquet"
    path.write_bytes(pack(kind)[:-8])
    with pytest.raises(
        UserError, match=r"cut.parquet: the (Parquet|Arrow) file is cut off: .* Download it again"
    ):
        list(read_rows(str(path)))


def test_a_file_without_its_middle_is_refused(tmp_path: Path):
    whole = pack("parquet")
    (tmp_path / "a.parquet").write_bytes(whole[:100] + whole[-20:])
    with pytest.raises(UserError, match=r"a.parquet: a damaged Parquet file \(.*\). Get it again"):
        list(read_rows(str(tmp_path / "a.parquet")))


def test_a_cell_that_python_cannot_hold_is_refused_with_its_row(tmp_path: Path):
    days = pa.table({"when": pa.array([1, 2, 10**15], pa.timestamp("s"))})
    (tmp_path / "a.parquet").write_bytes(pack("parquet", days))
    with pytest.raises(UserError, match=r"a.parquet, row 3: a cell cannot be read"):
        list(read_rows(str(tmp_path / "a.parquet")))


def test_two_columns_of_one_name_are_refused(tmp_path: Path):
    twins = pa.table([pa.array(["a"]), pa.array(["b"])], names=["prompt", "prompt"])
    (tmp_path / "a.parquet").write_bytes(pack("parquet", twins))
    with pytest.raises(UserError, match="two columns have the name 'prompt'"):
        list(read_rows(str(tmp_path / "a.parquet")))


def test_long_rows_are_read_a_few_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(arrow_files, "BATCH_BYTES", 30_000)
    texts = pa.table({"text": [f"{n}" * 10_000 for n in range(10)]})
    pq.write_table(texts, tmp_path / "a.parquet", use_dictionary=False, compression="none")
    tables = list(read_tables(str(tmp_path / "a.parquet")) or ())
    assert max(table.num_rows for table in tables) <= 3
    assert pa.concat_tables(tables).equals(texts)


@pytest.mark.parametrize("kind", ["parquet", "file", "stream"])
def test_a_file_without_rows_still_has_its_types(tmp_path: Path, kind: str):
    (tmp_path / "a.arrow").write_bytes(pack(kind, TABLE.slice(0, 0)))
    (table,) = read_tables(str(tmp_path / "a.arrow")) or ()
    assert (table.num_rows, table.schema) == (0, TABLE.schema)
    assert list(read_rows(str(tmp_path / "a.arrow"))) == []
