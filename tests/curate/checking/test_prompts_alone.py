"""A file of prompts alone is judged by checks that look at no response, and written back without one."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.checking import run_checks
from curate.stages.filter import FilterOptions, filter_samples
from filters.errors import UserError
from tests.curate.checking.here import Here

EGGS = "Ducks lay 16 eggs per day, and three of them are eaten for breakfast every single morning. How many are left?"
ROWS = [{"question": "Hello there", "answer": "x"}, {"question": "So: " + EGGS, "answer": "13"}]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_checks, "LocalExecutor", Here)
    monkeypatch.setenv("R1CURATE_BENCHMARKS", str(tmp_path / "kept"))


@pytest.fixture
def benchmark(tmp_path: Path) -> str:
    return str(write(tmp_path / "eggs.jsonl", {"question": EGGS}))


def write(path: Path, *rows: dict[str, Any]) -> Path:
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(list(rows)), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def run_filter(source: Path, out: Path, *checks: Any, **more: Any) -> list[dict[str, Any]]:
    filter_samples(FilterOptions(source=str(source), out=out, check=checks, **more))
    if out.suffix == ".parquet":
        return list(pq.read_table(out).to_pylist())
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("source", ["in.jsonl", "in.parquet"])
@pytest.mark.parametrize("out", ["out.jsonl", "out.parquet"])
def test_each_row_comes_back_with_verdicts_and_no_response(
    tmp_path: Path, benchmark: str, source: str, out: str
):
    rows = run_filter(write(tmp_path / source, *ROWS), tmp_path / out, f"contamination:against={benchmark}")
    assert [row["kept"] for row in rows] == [True, False]
    assert [{name: row[name] for name in ROWS[0]} for row in rows] == ROWS
    assert all(row.keys() == {"question", "answer", "verdicts", "kept"} for row in rows)
    assert rows[1]["verdicts"]["contamination"]["reason"].startswith("exact: eggs.jsonl line 1")


def test_verdicts_of_an_earlier_call_stay(tmp_path: Path, benchmark: str):
    first = tmp_path / "first.jsonl"
    run_filter(write(tmp_path / "in.jsonl", *ROWS), first, f"contamination:against={benchmark}")
    again = {"check": "contamination", "label": "paper", "options": {"against": benchmark, "rule": "paper"}}
    rows = run_filter(first, tmp_path / "out.jsonl", again)
    assert [sorted(row["verdicts"]) for row in rows] == [["contamination", "paper"]] * 2
    assert [row["kept"] for row in rows] == [True, False]


@pytest.mark.parametrize("out", ["out.jsonl", "out.parquet"])
def test_rows_with_a_response_are_as_ever(tmp_path: Path, benchmark: str, out: str):
    rows = [
        {"prompt": "Hi", "response": "<think>a</think>b"},
        {"prompt": EGGS},
        {"prompt": "Bye", "response": ""},
    ]
    found = run_filter(
        write(tmp_path / "in.jsonl", *rows), tmp_path / out, f"contamination:against={benchmark}"
    )
    assert [row.get("response") for row in found][:2] == ["<think>a</think>b", None]
    assert [row["kept"] for row in found] == [True, False, True]


def test_where_a_response_is_looked_at_it_must_be_there(tmp_path: Path, benchmark: str):
    source = write(tmp_path / "in.jsonl", *ROWS)
    for checks in (
        (f"contamination:against={benchmark},of=both",),
        (f"contamination:against={benchmark}", "format"),
    ):
        with pytest.raises(UserError, match="there is no response"):
            run_filter(source, tmp_path / "out.jsonl", *checks)
    with pytest.raises(UserError, match="there is no column 'prompt'"):
        run_filter(
            write(tmp_path / "odd.jsonl", {"a": 1}),
            tmp_path / "out.jsonl",
            f"contamination:against={benchmark}",
        )


def test_the_first_rows_can_be_looked_at(tmp_path: Path, benchmark: str):
    source = str(write(tmp_path / "in.jsonl", *ROWS))
    options = FilterOptions(source=source, check=(f"contamination:against={benchmark}",), peek=1)
    assert "prompt alone" in filter_samples(options).read_as


def test_a_file_is_not_compared_with_itself(tmp_path: Path, benchmark: str):
    with pytest.raises(UserError, match="with itself"):
        run_filter(Path(benchmark), tmp_path / "out.jsonl", f"contamination:against={benchmark}")
    (tmp_path / "folder").mkdir()
    file = write(tmp_path / "folder" / "a.jsonl", *ROWS)
    with pytest.raises(UserError, match="with itself"):
        run_filter(file, tmp_path / "out.jsonl", f"contamination:against={tmp_path / 'folder'}")


def test_a_prompt_that_a_file_of_prompts_holds_twice_stays_once(tmp_path: Path):
    texts = ["What is 2 + 3?", "What is 2 + 4?", " What is 2 + 3? "]
    rows = [{"id": f"r{n}", "prompt": text, "answer": "5"} for n, text in enumerate([*texts, texts[0]])]
    source, out = tmp_path / "prompts.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def read_kept(*checks: str) -> list[bool]:
        filter_samples(FilterOptions(source=str(source), out=out, check=checks, workers=1))
        return [json.loads(line)["kept"] for line in out.read_text().splitlines()]

    kept = read_kept("near_duplicate", "secrets:of=prompt")
    assert kept[1] is True and sorted(kept) == [False, False, True, True]
    assert sum(read_kept("near_duplicate:rows=samples")) > 2, "as samples of one prompt, where that is said"
