"""A folder gives the rows of one split and one configuration, in the order of names; what is not there is refused by name."""

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.readers.cards import match_files
from curate.readers.read_rows import read_rows, read_tables
from filters.errors import UserError


def make(folder: Path, *names: str) -> Path:
    """A folder of files with one row each, which says the file's name."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"at": name}) + "\n"
        if name.endswith(".parquet"):
            pq.write_table(pa.table({"at": [name]}), path)
        elif name.endswith(".gz"):
            path.write_bytes(gzip.compress(line.encode()))
        else:
            path.write_text(f"at\n{name}\n" if name.endswith(".csv") else line)
    return folder


def names(folder: Path, split: str = "train", config: str | None = None) -> list[str]:
    return [row.values["at"] for row in read_rows(str(folder), split, config=config)]


def test_shards_of_all_kinds_come_in_the_order_of_names(tmp_path: Path):
    shards = ["a.csv", "b.jsonl.gz", "c/d.parquet", "e.json", "f.ndjson"]
    others = [
        ".hidden.jsonl",
        ".cache/x.jsonl",
        "checkpoint-10/s.jsonl",
        "dataset_info.json",
        "config.json",
        "README.md",
        "x.py",
    ]
    assert names(make(tmp_path, *reversed(shards), *others)) == shards  # fmt: skip


@pytest.mark.parametrize(
    "paths",
    [
        {"train": ["train.jsonl"], "test": ["test.jsonl"]},
        {"train": ["data/train-00000-of-00001.parquet"], "test": ["data/test-00000-of-00001.parquet"]},
        {"easy": ["data/easy-00000-of-00001.parquet"], "hard": ["data/hard-00000-of-00001.parquet"]},
        {"train": ["train/a.jsonl", "train/b.jsonl"], "validation": ["validation/a.jsonl"]},
        {"train": ["my_train_file_00.csv"], "validation": ["dev.csv"], "test": ["my-eval.csv"]},
        {
            "train": ["main/train/0000.parquet", "more/training/0000.parquet"],
            "test": ["main/test/0000.parquet"],
        },
        {"train": ["contest.jsonl", "latest.jsonl"]},
    ],
)
def test_splits_are_those_that_datasets_finds(tmp_path: Path, paths: dict[str, list[str]]):
    make(tmp_path, *(path for below in paths.values() for path in below))
    assert {split: names(tmp_path, split) for split in paths} == paths
    with pytest.raises(UserError, match=f"has no split 'other'; there are: {', '.join(paths)}"):
        names(tmp_path, "other")
    from datasets.data_files import DataFilesPatternsDict, get_data_patterns

    patterns = get_data_patterns(str(tmp_path))
    found = DataFilesPatternsDict.from_patterns(patterns).resolve(str(tmp_path)).items()
    theirs = {
        str(split): sorted(Path(p).relative_to(tmp_path).as_posix() for p in below) for split, below in found
    }
    assert theirs == paths


CARD = """---
license: mit
configs:
- config_name: math
  data_files:
  - split: train
    path: [data/a-*, "data/b.jsonl"]
  - split: test
    path: data/t.jsonl
- config_name: code
  data_files: code/*.jsonl
- config_name: {default}
  data_dir: more
- config_name: gone
  data_files: [{{split: train, path: ../outside.jsonl}}]
---
# A set
"""


@pytest.mark.parametrize(
    ("config", "split", "found"),
    [
        ("math", "train", ["data/a-0.jsonl", "data/a-1.jsonl", "data/b.jsonl"]),
        ("math", "test", ["data/t.jsonl"]),
        ("code", "train", ["code/c.jsonl"]),
        (None, "test", ["more/test.jsonl"]),
    ],
)
def test_the_card_names_the_files(tmp_path: Path, config: str | None, split: str, found: list[str]):
    folder = make(
        tmp_path / "set", "data/a-0.jsonl", "data/a-1.jsonl", "data/b.jsonl", "data/t.jsonl", "code/c.jsonl",
        "more/test.jsonl", "more/train.jsonl", "other.jsonl",
    )  # fmt: skip
    (folder / "README.md").write_text(CARD.format(default="default"))
    assert names(folder, split, config) == found


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**", ["a.csv", "d/b.csv", "d/e/c.csv"]),
        ("**/*.csv", ["a.csv", "d/b.csv", "d/e/c.csv"]),
        ("*", ["a.csv"]),
        ("./d/**", ["d/b.csv", "d/e/c.csv"]),
        ("d/*/[a-c].csv", ["d/e/c.csv"]),
        ("d/b.csv", ["d/b.csv"]),
        ("d", []),
        ("../*", []),
        ("**/" * 40 + "x", []),
    ],
)
def test_patterns_of_a_card(pattern: str, found: list[str]):
    assert match_files([pattern], ["a.csv", "d/b.csv", "d/e/c.csv"]) == found


def test_a_configuration_must_be_there_and_be_named(tmp_path: Path):
    folder = make(tmp_path / "set", "code/c.jsonl", "more/train.jsonl", "../outside.jsonl")
    (folder / "README.md").write_text(CARD.format(default="other"))
    with pytest.raises(
        UserError, match=r"has several configurations: math, code, other, gone. Name one: --config math"
    ):
        names(folder)
    with pytest.raises(UserError, match="has no configuration 'main'; there are: math, code, other, gone"):
        names(folder, config="main")
    with pytest.raises(UserError, match="has no split 'test'; there are: train"):
        names(folder, "test", "code")
    for config in ("math", "gone"):
        with pytest.raises(UserError, match="its card names files for the split 'train' that are not there"):
            names(folder, config=config)
    (folder / "README.md").write_text("---\nconfigs: [\n---\n")
    with pytest.raises(UserError, match=r"README.md: the YAML at its beginning cannot be read"):
        names(folder)


def test_a_card_may_name_some_shards_of_many(tmp_path: Path):
    make(tmp_path, "data/train-00000-of-00009.parquet", "data/train-00002-of-00009.parquet")
    card = "---\nconfigs:\n- config_name: default\n  data_files: {}\n---\n"
    (tmp_path / "README.md").write_text(card.format("[data/train-00000-of-00009.parquet]"))
    assert names(tmp_path) == ["data/train-00000-of-00009.parquet"]
    (tmp_path / "README.md").write_text(card.format("data/train-0000[0-2]*"))
    with pytest.raises(UserError, match=r"lacks 1 of 9 shards, as data/train-00001-of-00009\.parquet"):
        names(tmp_path)


def test_without_a_card_a_folder_inside_is_a_configuration(tmp_path: Path):
    make(tmp_path, "main/train/0.parquet", "main/test/0.parquet", "extra/train/0.parquet")
    assert names(tmp_path, "train", "main") == ["main/train/0.parquet"]
    with pytest.raises(UserError, match=r"has no configuration 'none': .*: extra, main"):
        names(tmp_path, "train", "none")
    with pytest.raises(UserError, match="is one file and has no configurations"):
        names(tmp_path / "main/train/0.parquet", config="main")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (["train-00000-of-00003.parquet", "train-00002-of-00003.parquet"], "lacks 1 of 3 shards, as train-00001-of-00003.parquet"),
        (["a.jsonl", "a.jsonl.gz"], "holds both a.jsonl and a.jsonl.gz, which seem to be the same rows twice"),
        (["a.jsonl", "a.parquet"], "holds both a.jsonl and a.parquet"),
        (["a.txt", "b.zip"], "holds no file of rows .* it holds: .txt, .zip"),
        ([], "holds no file of rows .* it holds: nothing"),
    ],
)  # fmt: skip
def test_a_folder_that_is_not_whole_is_refused(tmp_path: Path, files: list[str], message: str):
    with pytest.raises(UserError, match=message):
        names(make(tmp_path, *files))


def test_saved_datasets_give_their_splits_and_types(tmp_path: Path):
    from datasets import Dataset, DatasetDict

    train, test = Dataset.from_dict({"n": [1, 2, 3]}), Dataset.from_dict({"n": [4]})
    DatasetDict(train=train, test=test).save_to_disk(
        str(tmp_path / "saved"), num_shards={"train": 2, "test": 1}
    )
    assert [row.values["n"] for row in read_rows(str(tmp_path / "saved"))] == [1, 2, 3]
    tables = list(read_tables(str(tmp_path / "saved"), "test") or ())
    assert [table.to_pylist() for table in tables] == [[{"n": 4}]]
    Dataset.from_dict({"n": [7]}).save_to_disk(str(tmp_path / "one"))
    assert [row.values["n"] for row in read_rows(str(tmp_path / "one"))] == [7]
    with pytest.raises(UserError, match="has no split 'test': it was saved as one set without splits"):
        list(read_rows(str(tmp_path / "one"), "test"))
    next((tmp_path / "saved/train").glob("*.arrow")).unlink()
    with pytest.raises(
        UserError, match=r"not a complete datasets folder: train/data-0000.-of-00002.arrow is missing"
    ):
        list(read_rows(str(tmp_path / "saved")))


def test_links_are_followed_once(tmp_path: Path):
    make(tmp_path / "far", "a.jsonl")
    (tmp_path / "set").mkdir()
    (tmp_path / "set/data").symlink_to(tmp_path / "far")
    (tmp_path / "far/back").symlink_to(tmp_path / "set")
    assert names(tmp_path / "set") == ["a.jsonl"]
