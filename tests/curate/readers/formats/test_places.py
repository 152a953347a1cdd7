"""Files and folders behind URLs are read as those here."""

import os
from pathlib import Path

import fsspec
import pytest

from curate.readers.formats.places import find_place
from curate.readers.read_rows import read_rows
from filters.errors import UserError


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    system.pipe({"/set/train.jsonl": b'{"n": 1}\n', "/set/test/a.csv": b"n\n2\n", "/set/.x/b.jsonl": b""})
    yield "memory://set"
    system.rm("/set", recursive=True)


def test_files_and_folders_are_read_by_url(memory: str):
    assert [row.values for row in read_rows(f"{memory}/train.jsonl")] == [{"n": 1}]
    (row,) = read_rows(memory, "test")
    assert (row.place, row.values) == ("memory://set/test/a.csv, row 1", {"n": "2"})


def test_a_file_url_is_read(tmp_path: Path):
    (tmp_path / "a.jsonl").write_text('{"n": 1}\n')
    assert [row.values for row in read_rows(f"file://{tmp_path}/a.jsonl")] == [{"n": 1}]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("memory://nothing/here.jsonl", "There is no file or folder at 'memory://nothing/here.jsonl'"),
        ("nosuch://a/b.jsonl", r"nosuch://a/b.jsonl: cannot be reached \(Protocol not known: nosuch\)"),
    ],
)
def test_what_is_not_there_is_refused(source: str, message: str):
    with pytest.raises(UserError, match=message):
        list(read_rows(source))


def test_passwords_and_signatures_are_not_named():
    pytest.importorskip("aiohttp")
    place = find_place("https://me:secret@host/a.jsonl?signature=secret")
    assert place.name == "https://host/a.jsonl"


def test_a_pipe_is_refused(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(UserError, match="is a pipe or a device, which can be read but once"):
        list(read_rows(str(tmp_path / "pipe.jsonl")))
