import json
import re
from pathlib import Path

import pytest

from curate.benchmarks import addresses
from curate.benchmarks.addresses import find_benchmarks, name_apart
from curate.readers.datasets_hub import PinnedSet
from filters.errors import UserError

QUESTION = {"question": "How many?", "answer": "3"}


def write(path: Path, *rows: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows or (QUESTION,)), "utf-8")
    return path


@pytest.fixture(autouse=True)
def _asks_anew():
    addresses._pin.cache_clear()


def names(*given: Path, **more: str) -> list[str]:
    return [one.name for one in find_benchmarks([str(one) for one in given], **more)]


def test_of_a_folder_each_file_and_of_each_set_in_it_the_test_split(tmp_path: Path):
    write(tmp_path / "math/math500.jsonl")
    write(tmp_path / "math/olympiad.jsonl")
    write(tmp_path / "gsm8k/train.jsonl")
    write(tmp_path / "gsm8k/test.jsonl")
    write(tmp_path / "split/train/a.jsonl")
    write(tmp_path / "split/test/a.jsonl")
    write(tmp_path / ".hidden/a.jsonl")
    (tmp_path / "notes.txt").write_text("nothing")
    assert names(tmp_path) == ["a.jsonl", "gsm8k/test.jsonl", "math500.jsonl", "olympiad.jsonl"]
    assert names(tmp_path / "gsm8k", split="train") == ["gsm8k/train.jsonl"]
    assert names(tmp_path / "gsm8k", tmp_path / "gsm8k/test.jsonl") == ["gsm8k/test.jsonl"]


def test_of_a_set_with_a_card_its_test_split(tmp_path: Path):
    for split in ("train", "test"):
        write(tmp_path / f"data/{split}-00000-of-00001.jsonl")
    (tmp_path / "README.md").write_text(
        "---\nconfigs:\n- config_name: default\n  data_files:\n  - split: test\n    path: data/test-*\n---\n"
    )
    assert names(tmp_path) == ["test-00000-of-00001.jsonl"]


def test_several_splits_without_a_test_are_refused(tmp_path: Path):
    for split in ("train", "validation"):
        write(tmp_path / f"{split}.jsonl")
    with pytest.raises(
        UserError, match=r"several splits and none is 'test'; there are: train, validation.*split=train"
    ):
        names(tmp_path)
    assert names(tmp_path, split="validation") == [f"{tmp_path.name}/validation.jsonl"]
    with pytest.raises(UserError, match="no split 'test'"):
        names(tmp_path, split="test")


def test_of_a_folder_no_benchmark_is_left_out_for_what_another_is_called(tmp_path: Path):
    for name in ("math_test", "math_train", "gsm_train", "aime"):
        write(tmp_path / f"{name}.jsonl")
    write(tmp_path / "hard_test/a.jsonl")
    write(tmp_path / "easy_train/b.jsonl")
    assert names(tmp_path) == ["a.jsonl", "aime.jsonl", "b.jsonl", "gsm_train.jsonl", "math_test.jsonl"]


def test_what_is_not_there_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match="There is no file or folder"):
        names(tmp_path / "gone.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UserError, match="holds no file of rows"):
        names(tmp_path / "empty")


def test_the_key_is_of_the_content(tmp_path: Path):
    file = write(tmp_path / "a.jsonl")
    (before,) = find_benchmarks([str(file)])
    assert find_benchmarks([str(write(tmp_path / "b.jsonl"))])[0].key == before.key
    write(file, QUESTION, QUESTION)
    assert find_benchmarks([str(file)])[0].key != before.key


def test_a_hub_set_is_known_by_its_commit(monkeypatch: pytest.MonkeyPatch):
    def pin(source: re.Match[str], config: str | None) -> PinnedSet:
        return PinnedSet(f"{source['name']}:main@{'0' * 40}", ["train", "test"])

    monkeypatch.setattr(addresses, "pin_hub_set", pin)
    (one,) = find_benchmarks(["openai/gsm8k"])
    assert (one.source, one.split) == (f"openai/gsm8k:main@{'0' * 40}", "test")


def test_an_address_over_the_network_is_known_by_its_content():
    import fsspec

    for name in ("one", "two", "same"):
        with fsspec.open(f"memory://bench/{name}.jsonl", "w") as file:
            file.write('{"question": "a"}\n' if name == "two" else '{"question": "b"}\n')
    one, same, two = find_benchmarks(["memory://bench"])
    assert one.name == "one.jsonl" and one.source.startswith("memory://")
    assert one.key == same.key != two.key


def test_names_are_as_long_as_they_must_be():
    assert list(name_apart(["/x/y/math.json", "/x/gsm8k/test.jsonl", "/a/b.json", "/c/b.json"]).values()) == [
        "math.json",
        "gsm8k/test.jsonl",
        "a/b.json",
        "c/b.json",
    ]


def test_the_hub_is_asked_for_the_commit_and_the_splits(monkeypatch: pytest.MonkeyPatch):
    import datasets
    import huggingface_hub

    asked = []

    class Api:
        def dataset_info(self, name, revision):
            asked.append((name, revision))
            return type("Info", (), {"sha": "a" * 40})

    def name_splits(name, config, revision):
        if config is None:
            raise ValueError("Config name is missing. Please pick one among: main, socratic")
        return ["train", "test"]

    monkeypatch.setattr(huggingface_hub, "HfApi", Api)
    monkeypatch.setattr(datasets, "get_dataset_split_names", name_splits)
    for address in ("openai/gsm8k:main", f"openai/gsm8k:main@{'a' * 40}"):
        (one,) = find_benchmarks([address])
        assert (one.source, one.name, one.split) == (f"openai/gsm8k:main@{'a' * 40}",) * 2 + ("test",)
    assert asked == [("openai/gsm8k", None)], "a commit is what it says"
    with pytest.raises(UserError, match="the Hub gives no such data set: Config name is missing"):
        find_benchmarks(["openai/gsm8k"])
