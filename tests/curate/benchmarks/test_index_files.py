import json
import logging
from pathlib import Path

import numpy as np
import pytest

from curate.benchmarks import index_files
from curate.benchmarks.addresses import find_benchmarks
from curate.benchmarks.index_files import open_index
from filters.errors import UserError
from filters.overlap.find_matches import find_matches
from filters.overlap.match_rules import MatchRules

EGGS = "Ducks lay 16 eggs per day, and three of them are eaten for breakfast every single morning. How many are left?"
ROWS = [{"id": "a7", "question": EGGS}, {"id": "a8", "question": "What is 2+3?"}]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("R1CURATE_BENCHMARKS", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def benchmark(tmp_path: Path) -> Path:
    file = tmp_path / "bench.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in ROWS), "utf-8")
    return file


def open_at(file: Path, **more: str):
    return open_index(find_benchmarks([str(file)]), MatchRules(), **more)


def say(opened):
    return [
        None
        if match is None
        else (str(opened.problems[match.problem]), opened.problems[match.problem].text, match)
        for match in find_matches(opened.index, [EGGS, "what is 2 + 3", "nothing"])
    ]


def kept(home: Path) -> list[Path]:
    return sorted(path for path in home.iterdir() if path.is_dir())


def test_an_index_is_made_once_and_says_the_same_again(
    benchmark: Path, home: Path, monkeypatch: pytest.MonkeyPatch
):
    first = say(open_at(benchmark))
    assert [one and one[:2] for one in first] == [
        ("bench.jsonl line 1 (id a7)", EGGS),
        ("bench.jsonl line 2 (id a8)", "What is 2+3?"),
        None,
    ]
    monkeypatch.setattr(index_files, "read_problems", None)  # nothing is read any more
    opened = open_at(benchmark)
    assert say(opened) == first
    assert len(opened.problems[:]) == 2 and opened.index.problems[0:1] == [EGGS]
    assert len(kept(home)) == 1


def test_another_content_has_another_index(benchmark: Path, home: Path):
    open_at(benchmark)
    benchmark.write_text(json.dumps(ROWS[1]) + "\n", "utf-8")
    assert say(open_at(benchmark))[0] is None
    assert len(kept(home)) == 2


@pytest.mark.parametrize("harm", ["cut", "byte", "gone", "about", "nothing", "deep"])
def test_a_damaged_index_is_made_again(
    benchmark: Path, home: Path, harm: str, caplog: pytest.LogCaptureFixture
):
    first = say(open_at(benchmark))
    (folder,) = kept(home)
    file = folder / "overlap.hashes.npy"
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:-8])
    elif harm == "byte":
        file.write_bytes(file.read_bytes()[:-1] + b"\0")
        np.save(folder / "exact.sizes.npy", np.zeros(2, np.int64))
    elif harm == "gone":
        file.unlink()
    else:
        about = {"nothing": '{"files": {}}', "deep": "[" * 100_000, "about": "{"}
        (folder / "index.json").write_text(about[harm])
    with caplog.at_level(logging.WARNING):
        assert say(open_at(benchmark)) == first
    assert "is damaged" in caplog.text
    caplog.clear()
    assert say(open_at(benchmark)) == first and not caplog.text
    assert [path.name for path in home.iterdir() if path.name.startswith(".") and path.is_dir()] == []


def test_where_nothing_can_be_kept_the_index_is_made_all_the_same(
    benchmark: Path, home: Path, caplog: pytest.LogCaptureFixture
):
    home.write_text("a file")
    assert say(open_at(benchmark))[0] is not None
    assert "could not be kept" in caplog.text


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([], "holds no rows"),
        ([{"a": 1}], "there is no column 'prompt'; there are: a. Name yours with the option column=COLUMN"),
        ([{"question": " "}], "the prompt is empty"),
    ],
)
def test_a_benchmark_without_questions_is_refused(tmp_path: Path, rows, said: str):
    file = tmp_path / "odd.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    with pytest.raises(UserError, match=said):
        open_at(file)


def test_problems_that_are_never_found_are_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    file = tmp_path / "signs.jsonl"
    file.write_text(
        "".join(json.dumps({"question": text}) + "\n" for text in ("???", EGGS, "What is 2+3?")), "utf-8"
    )
    with caplog.at_level(logging.WARNING):
        open_at(file)
        assert "1 of these problems have too few words" in caplog.text
        open_index(find_benchmarks([str(file)]), MatchRules(rule="paper"))
        assert "2 of these problems have too few words" in caplog.text


def test_the_questions_column_can_be_named(tmp_path: Path):
    file = tmp_path / "odd.jsonl"
    file.write_text(json.dumps({"a": EGGS}) + "\n", "utf-8")
    assert say(open_at(file, column="a"))[0] is not None
