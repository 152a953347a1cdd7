"""What a check against secrets or personal data rejects is repeated nowhere but in the rows themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from curate.cli.app import app
from curate.store.given_checks import record_given
from curate.store.hidden_texts import find_hidden, find_hidden_ids
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, VERDICTS, prompt_table, sample_row, verdict_row
from curate.store.verdicts import describe_given
from filters.types import Prompt, Sample, Verdict
from tests.filters.checks.test_personal_data import PERSONAL
from tests.filters.checks.test_secrets import KEYS

VALUES = [*KEYS.values(), *PERSONAL]
CLEAN = "A word that may be shown"


def rows() -> Iterator[tuple[str, str, str]]:
    """Prompt, response and reference with each value in the prompt, in the chain, as the answer and as the reference, and some without."""
    for prompt, response in pairs():
        yield prompt, response, "7"
    for number, value in enumerate(VALUES):
        yield f"What is {number} + 6?", f"<think>\nI add.\n</think>\n\\boxed{{x{number}}}", f"\\foo {value}"


def pairs() -> Iterator[tuple[str, str]]:
    yield "What is 1 + 4?", f"<think>\n{CLEAN}.\n</think>\n\\boxed{{5}}"
    for number, value in enumerate(VALUES):
        yield (
            f"What is {number} + 1? Write to {value} then.",
            f"<think>\nI add.\n</think>\n\\boxed{{{number + 1}}}",
        )
        yield f"What is {number} + 2?", f"<think>\nI ask {value} and add.\n</think>\n\\boxed{{{number + 2}}}"
        yield f"What is {number} + 3?", f"<think>\nI add.\n</think>\n\\boxed{{{value}}}"
    for number in range(2):
        yield f"What is {number} + 4?", f"<think>\n{CLEAN}.\n</think>\n\\boxed{{{number + 4}}}"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = Run(tmp_path / "run")
    asked = [
        (Prompt.make(prompt, answer, source_id=f"q{at}"), response)
        for at, (prompt, response, answer) in enumerate(rows())
    ]
    write_table(made.prompts("teacher") / "part-00000.parquet", prompt_table([prompt for prompt, _ in asked]))
    samples = [Sample(f"{at:016x}", prompt, response) for at, (prompt, response) in enumerate(asked)]
    write_part(made.samples("teacher") / "part-00000.parquet", [sample_row(one) for one in samples], SAMPLES)
    lost = Sample("f" * 16, asked[0][0], VALUES[0], 1, None, "error")
    partial = made.samples("teacher") / "partial-00000.parquet"
    write_part(partial, [sample_row(lost, "failed", error=f"refused: {VALUES[0]}")], SAMPLES)
    return made


def call(*arguments: object, answers: str = "") -> str:
    """All that a command says, on both streams."""
    done = CliRunner().invoke(app, [str(one) for one in arguments], input=answers, env={"COLUMNS": "4000"})
    assert done.exit_code == 0, (done.output, done.exception)
    return done.output


def require_clean(place: str, text: str) -> None:
    for value in VALUES:
        for line in value.splitlines():  # long words are cut at a table's edge
            assert line[:20] not in text or line.startswith("-----"), (place, value)


def read_files(folder: Path) -> Iterator[tuple[str, str]]:
    """The text of each file below a folder; of Parquet its cells."""
    for path in (one for one in folder.rglob("*") if one.is_file()):
        if path.suffix == ".parquet":
            yield str(path), "\n".join(json.dumps(row) for row in pl.read_parquet(path).to_dicts())
        else:
            yield str(path), path.read_bytes().decode("utf-8", "replace")


def test_a_run_repeats_none_of_it(run: Run, tmp_path: Path):
    checks = [f"--check={name}" for name in ("secrets", "personal_data", "format", "boilerplate")]
    said = [call("filter", run.path, *checks, "--workers", 1)]
    said.append(call("verify", run.path, "--check", "math_answer", "--workers", 1))
    audited = call("filter", run.path, *checks, "--workers", 1, "--audit", 9, answers="y\n" * 200)
    assert CLEAN in audited
    assert "must not be repeated" in audited
    said += [audited, call("verify", run.path, "--audit", "--workers", 1)]
    # The set takes what the two checks reject, as whoever asks for it may.
    said.append(call("mix", "--run", run.path, "--source", "teacher:checks=format"))
    said += [
        call("report", run.path),
        call("publish", "--run", run.path, "--dataset", "sft", "--licence", "other"),
    ]
    for number in range(0, len(list(rows())), 7):
        said.append(call("explain", f"{number:016x}", "--run", run.path))
    said.append(call("explain", "f" * 16, "--run", run.path))
    assert "has not judged it" in said[-1]
    for number, one in enumerate(said):
        require_clean(f"output {number}", one)
    own = [run.path / name for name in ("samples", "prompts", "sets", "published")]
    own.append(run.verdicts("teacher") / "math_answer")  # quotes answers
    for place, text in read_files(run.path):
        if not (any(folder in Path(place).parents for folder in own) and place.endswith(".parquet")):
            require_clean(place, text)
    page = (run.path / "report.html").read_text("utf-8")
    assert CLEAN in page
    assert "the text is withheld" in page
    assert "secret: AWS key" in call("explain", f"{1:016x}", "--run", run.path)


def test_a_file_gets_reasons_without_values(tmp_path: Path):
    given, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    given.write_text(
        "".join(
            json.dumps({"prompt": prompt, "response": response, "answer": answer}) + "\n"
            for prompt, response, answer in rows()
        )
    )
    said = call(
        "filter", given, "--check", "secrets", "--check", "personal_data", "--out", out, "--workers", 1
    )
    require_clean("output", said)
    judged = [json.loads(line) for line in out.read_text().splitlines()]
    assert [one["kept"] for one in judged] == [True] + [False] * (3 * len(VALUES)) + [True] * 2 + [
        False
    ] * len(VALUES)
    require_clean("verdicts", json.dumps([one["verdicts"] for one in judged]))


def test_another_label_hides_as_much(run: Run, tmp_path: Path):
    options = tmp_path / "again.yaml"
    options.write_text(
        "name: r\nstages:\n- filter:\n    workers: 1\n    check:\n"
        "    - {check: secrets, label: keys}\n    - {check: personal_data, label: people}\n"
    )
    said = call("run", options, "--run", run.path)
    for number in range(1, len(list(rows())), 25):
        said += call("explain", f"{number:016x}", "--run", run.path)
    said += call("report", run.path) + (run.path / "report.html").read_text("utf-8")
    require_clean("output", said)
    assert "'keys' says secret" in said


def test_verdicts_that_a_file_brought_along_hide_by_what_they_say(run: Run):
    part = run.samples("teacher") / "part-00000.parquet"
    contents = pl.read_parquet(part).select("sample_id", "content").rows()
    given = [
        Verdict(False, "secret: AWS key"),
        Verdict(False, "dull"),
        Verdict(None, "not_given"),
        Verdict(True),
    ]
    verdicts = [verdict_row(key, content, given[min(at, 3)]) for at, (key, content) in enumerate(contents)]
    write_part(run.sidecar("teacher", "old", part), verdicts, VERDICTS, describe_given("old"))
    record_given(run, "teacher", ["old"])
    assert find_hidden_ids(run, "teacher") == {contents[0][0]: "the text is withheld: 'old' says secret"}


def test_without_such_a_check_nothing_is_withheld(run: Run):
    call("filter", run.path, "--check", "format", "--workers", 1)
    assert find_hidden_ids(run, "teacher") == {}
    part = run.samples("teacher") / "partial-00000.parquet"
    assert find_hidden(run, "teacher", part, ["f" * 16]) == {}
