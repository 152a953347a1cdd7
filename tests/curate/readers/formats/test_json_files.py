"""JSON is read in whatever layout people leave it, with the values that Python's own reader gives."""

import bz2
import functools
import gzip
import json
import lzma
import math
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curate.readers.formats import json_files, json_values
from curate.readers.read_rows import read_rows
from filters.errors import UserError

pack_gzip = functools.partial(
    gzip.compress, mtime=0
)  # tests are called after what they are given, which must not change

ROWS = [{"prompt": "Café?", "response": "Yes\u2028no"}, {"prompt": "b", "response": "李"}]
LINES = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
TURNS = {"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}


def read(path: Path, content: str | bytes, split: str = "train") -> list[dict]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return [dict(row.values) for row in read_rows(str(path), split)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("lines.jsonl", LINES),
        ("lines.ndjson", LINES),
        ("lines.json", LINES),
        ("no_suffix", LINES),
        ("named_wrongly.csv", LINES),
        ("mark.jsonl", "\ufeff" + LINES),
        ("mark_inside.jsonl", LINES.replace("\n", "\n\ufeff", 1)),
        ("dos.jsonl", LINES.replace("\n", "\r\n")),
        ("mac.jsonl", LINES.replace("\n", "\r")),
        ("blanks.json", "\n" + LINES.replace("\n", "\n\n")),
        ("no_last_line_end.jsonl", LINES.rstrip()),
        ("commas.jsonl", LINES.replace("\n", ",\n")),
        ("comma_later.jsonl", LINES.rstrip() + ",\n"),
        ("one_line.jsonl", LINES.replace("\n", "")),
        ("joined_later.jsonl", LINES.replace("\n", "") + "\n"),
        ("list.jsonl", json.dumps(ROWS)),
        ("list.json", json.dumps(ROWS)),
        ("pretty_list.json", json.dumps(ROWS, indent=2)),
        ("pretty.jsonl", "\n".join(json.dumps(row, indent=2) for row in ROWS)),
        ("pretty.json", "\n".join(json.dumps(row, indent=2) for row in ROWS)),
        ("wrapped.json", json.dumps({"version": 1, "data": ROWS})),
        ("wrapped_pretty.json", json.dumps({"version": 1, "data": ROWS}, indent=1)),
        ("columns.json", json.dumps({key: [row[key] for row in ROWS] for key in ROWS[0]})),
        ("pandas.json", json.dumps({key: {str(n): row[key] for n, row in enumerate(ROWS)} for key in ROWS[0]})),
        ("pandas_index.json", json.dumps({str(n): row for n, row in enumerate(ROWS)})),
        ("pandas_split.json", json.dumps({"columns": [*ROWS[0]], "data": [[*row.values()] for row in ROWS]})),
        ("splits.json", json.dumps({"train": ROWS, "test": ROWS[:1]})),
        ("service.json", json.dumps({"rows": [{"row_idx": n, "row": r} for n, r in enumerate(ROWS)]})),
        ("a.jsonl.gz", pack_gzip(LINES.encode())),
        ("members.jsonl.gz", b"".join(pack_gzip(line.encode()) for line in LINES.splitlines(keepends=True) if line)),
        ("a.jsonl.bz2", bz2.compress(LINES.encode())),
        ("a.jsonl.xz", lzma.compress(LINES.encode())),
        ("packed_unnamed.jsonl", pack_gzip(LINES.encode())),
        ("not_packed.jsonl.gz", LINES),
    ],
)  # fmt: skip
def test_the_same_rows_come_of_every_layout(tmp_path: Path, name: str, content: str | bytes):
    if name == "members.jsonl.gz":
        content = b"".join(pack_gzip(line.encode() + b"\n") for line in LINES.split("\n")[:-1])
    assert read(tmp_path / name, content) == ROWS


@pytest.mark.parametrize(
    "row", [TURNS, {"id": 1, "data": [{"a": 1}], "prompt": "x"}, {"a": [1], "b": [1, 2]}, {"a": {}}, ROWS[0]]
)
def test_an_object_that_may_be_a_row_is_one(tmp_path: Path, row: dict):
    assert read(tmp_path / "one.json", json.dumps(row, indent=1)) == [row]
    assert read(tmp_path / "one.jsonl", json.dumps(row)) == [row]


def test_columns_in_a_line_of_json_lines_are_its_row(tmp_path: Path):
    row = {"prompt": ["a", "b"], "response": ["c", "d"]}
    assert read(tmp_path / "rows.jsonl", json.dumps(row)) == [row]


def test_a_split_of_one_object_is_chosen_or_refused(tmp_path: Path):
    text = json.dumps({"train": ROWS, "test": ROWS[:1]})
    assert read(tmp_path / "s.json", text, "test") == ROWS[:1]
    with pytest.raises(UserError, match="has no split 'validation'; there are: train, test"):
        read(tmp_path / "s.json", text, "validation")


def test_values_are_those_of_python(tmp_path: Path):
    text = r'{"a": 12345678901234567890123, "n": NaN, "i": -Infinity, "s": "\ud83d \u0000", "e": 1e400, "d": 1, "d": 2}'
    (row,) = read(tmp_path / "v.jsonl", text)
    assert math.isnan(row.pop("n"))
    assert row == {"a": 12345678901234567890123, "i": -math.inf, "s": "\ud83d \0", "e": math.inf, "d": 2}


def test_a_list_is_read_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(json_values, "CHUNK", 3)
    rows = [{"n": n, "text": '李 \\ " é ' * n, "list": [1.5, None, True, {}]} for n in range(8)]
    assert read(tmp_path / "l.json", json.dumps(rows, ensure_ascii=False, indent=1)) == rows
    monkeypatch.setattr(json_files, "FIRST_LINE", 20)
    assert read(tmp_path / "l.jsonl", "".join(json.dumps(row) + "\n" for row in rows)) == rows
    monkeypatch.setattr(json_values, "LARGEST_VALUE", 50)
    with pytest.raises(UserError, match="would have to be read into memory whole"):
        read(tmp_path / "l.json", json.dumps({"data": rows}, indent=1))


@pytest.mark.parametrize("name", ["empty.jsonl", "empty.json", "blank.jsonl"])
def test_an_empty_file_has_no_rows(tmp_path: Path, name: str):
    assert read(tmp_path / name, "\n \n" if name.startswith("blank") else "") == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LINES + '{"prompt": "x", "resp', "line 3: not valid JSON: the file ends inside this line"),
        ('{"prompt": "x", "resp', "line 1: not valid JSON: the file ends in the middle of it"),
        (json.dumps(ROWS)[:-1], r"line 1 \(row 2\): not valid JSON: the file ends in the middle"),
        ('[\n{"a": 1},\n{"a": oops},\n{"a": 3}]', r"line 3 \(row 2\): not valid JSON \(Expecting value\)"),
        ("{'prompt': 'x', 'response': None}\n", "line 1: .* how Python shows a dict. Write the rows with json.dumps"),
        (LINES + "{'prompt': None}\n", "line 3: .* how Python shows a dict"),
        ("404: Not Found", "line 1: not valid JSON: it begins with '404: Not Found'"),
        ('[{"role": "user"}]\n[{"role": "user"}]\n', "line 1: not a JSON object but a list, and more lines follow"),
        (LINES + "[1]\n", "line 3: not a JSON object but list"),
        ("[[1, 2], [3, 4]]", "row 1: not a JSON object but list"),
        ('[\n{"a": 1}\n]\n[\n{"a": 1}\n]', "line 4: after the end of the list there is more"),
        ('{"a": "\0"}\n', r"line 1: not valid JSON \(Invalid control character at\)"),
        (LINES + '{"a": ' + "[" * 100_000 + "\n", r"line 3: not valid JSON \(nested too deeply\)"),
        ('{"rows": [{"row_idx": 7, "row": {}, "truncated_cells": ["response"]}]}', "row 7: .* cut off its cells response"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_with_its_place(tmp_path: Path, content: str, message: str):
    with pytest.raises(UserError, match=f"rows.json, {message}"):
        read(tmp_path / "rows.json", content)


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_a_cut_packed_file_is_refused_after_the_rows_that_are_whole(tmp_path: Path, pack):
    lines = "".join(json.dumps({"n": n, "text": str(n * 7919) * 20}) + "\n" for n in range(3000))
    path = tmp_path / "cut.jsonl.packed"
    path.write_bytes(pack(lines.encode())[:-40])
    so_far: list[int] = []
    with pytest.raises(UserError, match=r"cut.jsonl.packed: the file is cut off ") as refused:
        so_far.extend(row.values["n"] for row in read_rows(str(path)))
    assert so_far == list(range(len(so_far)))
    assert (f"after line {len(so_far)} " if so_far else "before the end of row 1 ") in str(refused.value)
    assert pack is not gzip.compress or len(so_far) > 2900


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=4), min_size=1, max_size=4),
    escaped=st.booleans(),
)
@example(
    rows=[{"a": 10**30, "b": -(2**63) - 1, "c": float("nan"), "d": 1e308, "e": "\ud83d", "f": -0.0}],
    escaped=True,
)
def test_a_line_is_what_json_says_whatever_reads_it(tmp_path_factory, rows, escaped):
    path = tmp_path_factory.mktemp("json") / "rows.jsonl"
    lines = [json.dumps(row, ensure_ascii=escaped) for row in rows]
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8", "surrogatepass")
    assert [repr(row.values) for row in read_rows(str(path))] == [repr(json.loads(line)) for line in lines]
