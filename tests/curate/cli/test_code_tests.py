"""Programs are verified wherever checks go: a file with any column's name, a run, a set made of it."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from curate.cli import app
from filters.sandbox.sandbox import SandboxError
from tests.walls import require_walls

TESTS = {"inputs": ["1 2\n"], "outputs": ["3\n"]}
Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    require_walls()
    monkeypatch.chdir(tmp_path)

    def command(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["r1curate", *words])
        with pytest.raises(SystemExit) as ended:
            app.main()
        return int(ended.value.code or 0)

    return command


def write(path: str, rows: list[dict[str, object]]) -> None:
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows))


def read(path: str) -> list[dict[str, dict[str, dict[str, object]]]]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


def rows(tests: str, *programs: str) -> list[dict[str, object]]:
    return [
        {"prompt": "Add two numbers.", "response": f"<think>\nadd\n</think>\n```python\n{program}\n```", tests: TESTS}
        for program in programs
    ]  # fmt: skip


RIGHT, WRONG = "print(sum(map(int, input().split())))", "print(max(map(int, input().split())))"


def test_a_column_of_any_name_is_mapped_and_no_answer_is_needed(run: Run):
    write("rows.jsonl", rows("my_checks", RIGHT, WRONG))
    for command in ("verify", "filter"):
        assert run(command, "rows.jsonl", "--check", "code_tests", "--map", "tests=my_checks", "--out", "out.jsonl") == 0  # fmt: skip
        assert [row["verdicts"]["code_tests"]["ok"] for row in read("out.jsonl")] == [True, False]
        assert [row["my_checks"] for row in read("out.jsonl")] == [TESTS, TESTS]


def test_a_file_with_answers_and_one_with_tests_want_each_their_check(
    run: Run, capsys: pytest.CaptureFixture[str]
):
    write("rows.jsonl", rows("tests", RIGHT))
    assert run("verify", "rows.jsonl", "--out", "out.jsonl") == 2  # math_answer wants answers
    assert "with --check code_tests." in capsys.readouterr().err
    assert run("verify", "rows.jsonl", "--check", "code_tests", "--check", "math_answer", "--out", "out.jsonl") == 2  # fmt: skip
    assert run("verify", "rows.jsonl", "--check", "code_tests:language=pyton", "--out", "out.jsonl") == 2


def test_other_options_make_verdicts_stale_and_mix_takes_what_passed(run: Run):
    write("prompts.jsonl", [{"prompt": "Add two numbers.", "tests": TESTS}])
    texts = [row["response"] for row in rows("tests", RIGHT, WRONG, RIGHT + "\n# again")]
    write("script.jsonl", [{"prompt": "*", "responses": [{"text": text} for text in texts]}])
    common = ("generate", "--run", "run", "--prompts", "prompts.jsonl", "--engine", "scripted", "--model", "script.jsonl", "--samples", "6")  # fmt: skip
    assert run(*common, "--check", "code_tests") == 0
    first = pl.read_parquet("run/verdicts/teacher/code_tests/*.parquet")
    assert set(first["ok"]) == {True, False}
    assert run("verify", "run", "--check", "code_tests:most_tests=1") == 0
    assert run("mix", "--run", "run", "--source", "teacher:checks=code_tests") == 0
    kept = pl.read_parquet("run/sets/sft/*.parquet")
    assert 1 <= len(kept) <= first["ok"].sum()
    assert all("max" not in row[0]["content"] for row in kept["completion"])


@pytest.mark.parametrize("command", [
    ("verify", "rows.jsonl", "--check", "code_tests", "--out", "out.jsonl"),
    ("filter", "rows.jsonl", "--check", "code_tests", "--out", "out.jsonl"),
    ("generate", "--run", "run", "--prompts", "rows.jsonl", "--engine", "scripted", "--model", "script.jsonl", "--check", "code_tests"),
    ("evaluate", "--run", "run", "--name", "e", "--prompts", "rows.jsonl", "--engine", "scripted", "--model", "script.jsonl", "--check", "code_tests"),
])  # fmt: skip
def test_a_machine_without_walls_is_refused_in_one_sentence(
    run: Run, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def refuse() -> None:
        raise SandboxError("This machine can keep no program behind walls (landlock: not there).")

    monkeypatch.setattr("filters.checks.code_tests.find_tier", refuse)
    write("rows.jsonl", rows("tests", RIGHT))
    write("script.jsonl", [{"prompt": "*", "responses": [{"text": "x"}]}])
    assert run(*command) == 2
    assert "no program behind walls (landlock: not there)" in capsys.readouterr().err
    assert not Path("out.jsonl").exists()
