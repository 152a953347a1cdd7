"""The audit of filters by a person, whose answers come from a pipe here."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from curate.cli.app import app
from curate.store.layout import Run
from curate.store.whole_files import read_json
from tests.curate.fake_run import make_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("audit") / "run", prompts=12, samples=4)


def answered(run: Run, number: int, answers: str) -> Result:
    checks = ("--check", "format", "--check", "code_blocks", "--workers", "1")
    command = ["filter", str(run.path), "--name", "teacher", "--audit", str(number), *checks]
    return CliRunner().invoke(app, command, input=answers)


def test_answers_become_a_precision_with_its_interval_and_are_remembered(run: Run) -> None:
    first = answered(run, 2, "y\nn\n" + "y\n" * 20)
    assert first.exit_code == 0, first.output
    stored = read_json(run.verdicts("teacher") / "filter-audit.json")
    judged = stored["judged"]
    assert [entry["right"] for entry in judged[:2]] == [True, False]
    kept = next(row for row in stored["reasons"] if row["rule"] == "kept")
    assert (kept["judged"], kept["right"], kept["precision"]) == (2, 2, 1.0)
    assert kept["interval"] == pytest.approx([0.342, 1.0], abs=1e-3)
    assert not set(first.output) & {"\x1b", "\x07", "\u202e", "\u200b"}
    asked = first.output.count("rightly")
    more = answered(run, 3, "y\n" * 40)
    after = read_json(run.verdicts("teacher") / "filter-audit.json")["judged"]
    assert len(after) == asked + more.output.count("rightly")
    assert {(e["sample_id"], e["right"]) for e in judged} <= {(e["sample_id"], e["right"]) for e in after}


def test_stopping_early_keeps_what_was_judged(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", prompts=6, samples=2)
    assert answered(run, 2, "y\nq\n").exit_code == 0
    assert len(read_json(run.verdicts("teacher") / "filter-audit.json")["judged"]) == 1
    assert answered(run, 2, "").exit_code == 0
    assert len(read_json(run.verdicts("teacher") / "filter-audit.json")["judged"]) == 1


def test_a_plain_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"response": "a"}\n')
    found = CliRunner().invoke(app, ["filter", str(path), "--audit", "2", "--out", str(tmp_path / "o.jsonl")])
    assert "--audit needs a run folder" in str(found.exception)
