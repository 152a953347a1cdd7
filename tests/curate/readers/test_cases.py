"""Files as people have them, each with what is right: every row read as what it is, or refused with a sentence.

They are none of the project's: their folder is `data` in the one that R1CURATE_TEST_CASES names. What they taught has
tests of its own beside this file.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from curate.checking import run_checks
from curate.cli import app as cli
from tests.curate.checking.here import Here

FOLDER = Path(os.environ.get("R1CURATE_TEST_CASES", "")) / "data"
OTHERS = {"22-loops"}
"""What is for a check itself, not for reading."""
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="R1CURATE_TEST_CASES holds no folder 'data'")


def list_cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*/expected.json")) if FOLDER.is_dir() else ():
        if path.parent.name not in OTHERS:
            for number, case in enumerate(json.loads(path.read_text("utf-8"))):
                yield pytest.param(path.parent, case, id=f"{path.parent.name}-{number}")


@pytest.mark.parametrize(("folder", "case"), list(list_cases()))
def test_a_file_is_read_right_or_refused(
    folder: Path, case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(run_checks, "LocalExecutor", Here)

    def call(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["r1curate", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        return code, "".join(capsys.readouterr())

    names = case["file"] if isinstance(case["file"], list) else [case["file"]]
    files = [folder / name for name in names]
    for number, step in enumerate(case.get("before", [])):
        out = tmp_path / f"before-{number}.jsonl"
        assert call(*arguments(step, files, out))[0] == 0
        files = [out]
    is_mix = "set" in case or case.get("command") == "mix"
    out = tmp_path / ("set" if is_mix else case.get("out", "out.jsonl"))
    code, told = call(*(["mix", *files, "--out", out] if is_mix else arguments(case, files, out)))
    if case.get("refused") or (code and case.get("either")):
        assert code == 2, told
        assert all(mentions(told, name) for name in case.get("names", [])), told
        return
    assert code == 0, told
    assert all(mentions(told, text) for text in case.get("says", [])), told
    assert not [text for text in case.get("says_not", []) if text in told]
    if is_mix:
        require_set(case, read_table(sorted(out.glob("*.parquet"))))
        if "explain" in case:
            code, told = call("explain", case["explain"]["id"], "--set", out)
            assert code == 0
            assert all(text in told for text in case["explain"]["says"])
        return
    require_rows(case, out)
    if case.get("same_types"):
        before, after = pq.read_schema(files[0]), pq.read_schema(out)
        assert [f for f in before if f.name != "response" and after.field(f.name).type != f.type] == []


def arguments(step: Mapping[str, Any], files: Sequence[Path], out: Path) -> list[object]:
    command = step.get("command", "filter")
    check = step.get("check", "math_answer" if command == "verify" else "format")
    return [command, *files, "--out", out, "--check", check, *step.get("args", [])]


def mentions(told: str, wanted: str) -> bool:
    return any(
        text in told or (text == "#" and any(map(str.isdigit, told))) for text in str(wanted).split("|")
    )


def read_table(files: Sequence[Path]) -> list[dict[str, Any]]:
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def split_chain(response: str) -> tuple[str, str]:
    if response.startswith("<think>") and "</think>" in response:
        chain, answer = response.removeprefix("<think>").rsplit("</think>", 1)
        return chain.strip(), answer.strip()
    return "", response.strip()


def fits(wanted: Any, found: Any) -> bool:
    """A list means any of them, null says nothing."""
    return wanted is None or (found in wanted if isinstance(wanted, list) else found == wanted)


def require_set(case: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> None:
    about = case["set"]
    assert len(rows) == about.get("size", len(rows))
    if "sources" in about:
        assert len({row["source"] for row in rows}) == about["sources"]
    for wanted in about.get("rows", []):
        assert any(is_row(wanted, row) for row in rows), wanted


def is_row(wanted: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    response = row["completion"][0]["content"]
    asked = [turn["content"] for turn in row["prompt"] if turn["role"] == "user"]
    chain, answer = split_chain(response)
    found = {"prompt_last": asked[-1], "chain": chain, "answer_part": answer, "response_is": response}
    return (
        all(fits(wanted.get(name), value) for name, value in found.items())
        and all(text in response for text in wanted.get("response_has", []))
        and response.startswith(wanted.get("starts", ""))
        and all(value in row.values() for value in wanted.get("holds", []))
        and all(row[name] == value for name, value in wanted.get("columns", {}).items())
    )


def require_rows(case: Mapping[str, Any], out: Path) -> None:
    if out.suffix == ".parquet":
        rows = read_table([out])
    else:
        lines = out.read_text("utf-8").split("\n")
        rows = [json.loads(line) for line in lines if line]
        assert [text for text in case.get("raw_has", []) if not any(text in line for line in lines)] == []
    assert len(rows) == case.get("samples", len(rows))
    for number, wanted in enumerate(case.get("rows", [])):
        require_row(wanted, rows[wanted.get("at", number)])


def require_row(wanted: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    response = row["response"]
    chain, answer = split_chain(response or "")
    assert fits(wanted.get("kept"), row["kept"]) or wanted.get("or_not_kept"), row["verdicts"]
    if wanted.get("or_not_kept") and not row["kept"]:
        return
    assert fits(wanted.get("chain"), chain)
    assert fits(wanted.get("answer_part"), answer.removeprefix("<answer>").removesuffix("</answer>"))
    assert fits(wanted.get("response_is"), response)
    assert fits(wanted.get("generation"), row.get("generation"))
    assert all(text in response for text in wanted.get("response_has", []))
    for label, ok in wanted.get("verdicts", {}).items():
        assert row["verdicts"][label]["ok"] is ok
    for label in wanted.get("no_verdicts", []):
        assert (row["verdicts"].get(label) or {"ok": None})["ok"] is None
    for name, value in wanted.get("columns", {}).items():
        same = row[name] == value and type(row[name]) is type(value)
        assert same or (value != value and row[name] != row[name])
