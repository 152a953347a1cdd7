"""Rows come from every form people keep them in; a mistake is named with its place."""

import gzip
import json
import pickle
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows
from filters.errors import UserError

ROWS = [
    {"id": "a", "prompt": "What is 1+1?", "answer": "2"},
    {"id": "b", "prompt": "What is 2+2?", "answer": 4},
]


def write(path: Path) -> Path:
    lines = "".join(json.dumps(row) + "\n" for row in ROWS)
    if path.name.endswith(".jsonl"):
        path.write_text(lines)
    elif path.suffix == ".gz":
        path.write_bytes(gzip.compress(lines.encode()))
    elif path.suffix == ".json":
        path.write_text(json.dumps(ROWS))
    elif path.suffix == ".csv":
        path.write_text("id,prompt,answer\na,What is 1+1?,2\nb,What is 2+2?,4\n")
    elif path.suffix == ".parquet":
        pl.DataFrame([{**row, "answer": str(row["answer"])} for row in ROWS]).write_parquet(path)
    return path


@pytest.mark.parametrize("name", ["p.jsonl", "p.jsonl.gz", "p.json", "p.csv", "p.parquet"])
def test_every_file_kind_gives_the_same_prompts(tmp_path: Path, name: str):
    prompts = list(make_prompts(read_rows(str(write(tmp_path / name)))))
    assert [(p.source_id, p.text, p.answer) for p in prompts] == [
        ("a", "What is 1+1?", "2"),
        ("b", "What is 2+2?", "4"),
    ]
    assert len({p.id for p in prompts}) == 2


def test_a_folder_and_a_saved_dataset_are_read(tmp_path: Path):
    from datasets import Dataset, DatasetDict

    (tmp_path / "folder").mkdir()
    write(tmp_path / "folder" / "one.jsonl")
    write(tmp_path / "folder" / "two.parquet")
    assert len(list(read_rows(str(tmp_path / "folder")))) == 4
    saved = Dataset.from_list([{"prompt": "hi", "answer": "x"}])
    DatasetDict(test=saved).save_to_disk(tmp_path / "saved")
    (row,) = read_rows(str(tmp_path / "saved"), split="test")
    assert row.values["prompt"] == "hi"
    with pytest.raises(UserError, match="has no split 'train'; there are: test"):
        list(read_rows(str(tmp_path / "saved"), split="train"))


def test_columns_are_renamed_also_nested_ones(tmp_path: Path):
    path = tmp_path / "p.jsonl"
    path.write_text(json.dumps({"question": "Q", "gold": {"final": [1, 2]}}))
    (row,) = read_rows(str(path), columns={"prompt": "question", "answer": "gold.final"})
    (prompt,) = make_prompts([row])
    assert (prompt.text, prompt.answer) == ("Q", "[1, 2]")


def test_chat_messages_are_taken_as_they_are(tmp_path: Path):
    path = tmp_path / "p.jsonl"
    turns = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    path.write_text(json.dumps({"prompt": turns}))
    (prompt,) = make_prompts(read_rows(str(path)))
    assert prompt.messages == tuple(turns)
    assert prompt.text == "Hi"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"prompt": "x"}\n{"prompt": \n', r"p.jsonl, line 2: not valid JSON"),
        ('{"prompt": "x"}\n\n[1]\n', r"p.jsonl, line 3: not a JSON object but list"),
        (
            '{"answered": "x", "gold": "y"}\n',
            r"line 1: there is no column 'prompt'; there are: answered, gold",
        ),
        ('{"prompt": [1]}\n', r"line 1: 'prompt' is a list of numbers, not a text"),
        ("[" * 100_000 + "\n", r"line 1: not valid JSON"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, text: str, message: str):
    path = tmp_path / "p.jsonl"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        list(make_prompts(read_rows(str(path))))


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path):
    path = tmp_path / "p.jsonl"
    path.write_bytes(b'{"prompt": "x"}\n{"prompt": "\xff\xfe"}\n')
    with pytest.raises(UserError, match="line 2: the text is not UTF-8"):
        list(read_rows(str(path)))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.jsonl", "There is no file or folder"),
        ("notes.txt", "has an unknown format"),
        ("broken.parquet", "not a Parquet file, though its name says so"),
    ],
)
def test_unreadable_files_are_refused(tmp_path: Path, name: str, message: str):
    if not name.startswith("missing"):
        (tmp_path / name).write_text("hello")
    with pytest.raises(UserError, match=message):
        list(read_rows(str(tmp_path / name)))


class Trap:
    """Unpickled, it makes a file."""

    def __init__(self, marker: Path) -> None:
        self._marker = marker

    def __reduce__(self) -> tuple[object, ...]:
        return self._marker.touch, ()


def test_code_in_a_file_or_beside_it_is_not_run(tmp_path: Path):
    marker, folder = tmp_path / "sprung", tmp_path / "set"
    folder.mkdir()
    extension = {
        b"ARROW:extension:name": b"arrow.py_extension_type",
        b"ARROW:extension:metadata": pickle.dumps(Trap(marker)),
    }
    schema = pa.schema([pa.field("prompt", pa.string(), metadata=extension)])
    pq.write_table(pa.table([pa.array(["2+2?"])], schema), folder / "rows.parquet")
    (folder / "set.py").write_text(f"import pathlib; pathlib.Path({str(marker)!r}).touch()\n")
    assert [row.values["prompt"] for row in read_rows(str(folder))] == ["2+2?"]
    assert not marker.exists()


def test_the_key_covers_messages_and_reference_only():
    first, same, other = make_prompts(
        [
            *read_rows_of({"id": 1, "prompt": "Q", "answer": "1"}),
            *read_rows_of({"id": 9, "prompt": "Q", "answer": "1", "domain": "math"}),
            *read_rows_of({"id": 1, "prompt": "Q", "answer": "2"}),
        ]
    )
    assert first.id == same.id != other.id


def read_rows_of(values: dict):
    from curate.readers.row import Row

    return [Row("here", values)]


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("openai/gsm8k:main@e53f048", ("openai/gsm8k", "main", "e53f048")),
        ("HuggingFaceH4/MATH-500", ("HuggingFaceH4/MATH-500", None, None)),
        ("AI-MO/set-1.5", ("AI-MO/set-1.5", None, None)),
    ],
)
def test_a_hub_set_is_streamed(monkeypatch: pytest.MonkeyPatch, source: str, asked: tuple):
    import datasets

    def load_dataset(name, config=None, *, split, revision, streaming):
        assert (name, config, revision) == asked
        assert (split, streaming) == ("test", True)
        return iter([{"question": "Q", "answer": "A"}])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    (row,) = read_rows(source, "test", {"prompt": "question"})
    assert (row.place, dict(row.values)) == (f"{source}, row 1", {"prompt": "Q", "answer": "A"})


def test_a_configuration_may_stand_beside_a_hub_set(monkeypatch: pytest.MonkeyPatch):
    import datasets

    asked = []

    def load_dataset(name, config=None, **options):
        asked.append((name, config))
        return iter([{"n": 1}])

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    assert len(list(read_rows("openai/gsm8k", config="main"))) == 1
    assert len(list(read_rows("openai/gsm8k:main", config="main"))) == 1
    assert asked == [("openai/gsm8k", "main")] * 2
    with pytest.raises(UserError, match="names the configuration 'main', but --config is 'socratic'"):
        list(read_rows("openai/gsm8k:main", config="socratic"))


def test_a_hub_set_that_breaks_off_is_refused_after_its_row(monkeypatch: pytest.MonkeyPatch):
    import datasets

    def break_off():
        yield {"n": 1}
        raise ConnectionError("Connection reset")

    monkeypatch.setattr(datasets, "load_dataset", lambda *_, **__: break_off())
    with pytest.raises(UserError, match=r"a/b: the Hub gave no more after row 1 \(Connection reset\)"):
        list(read_rows("a/b"))


def test_a_hub_set_that_is_not_there_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch):
    import datasets

    def load_dataset(*args, **options):
        raise FileNotFoundError("Couldn't find any data\nat all")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(
        UserError, match="There is no file 'me/nothing', and the Hub gives no such data set: Couldn't"
    ):
        list(read_rows("me/nothing"))
    with pytest.raises(UserError, match=r"There is no file or folder 'data/missing.jsonl'"):
        list(read_rows("data/missing.jsonl"))
