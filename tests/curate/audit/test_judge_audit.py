"""`verify --audit` measures judges anew and tells how often they err; the whole path with a judge behind a server."""

import json
from pathlib import Path

import polars as pl
import pytest

from curate.calibration.calibrate import list_cases
from curate.checking.judge_gate import recalibrate
from curate.checking.run_checks import run_checks
from curate.options import fill
from curate.reporting.judges import read_judges
from curate.selection.mixing import make_set
from curate.selection.select_rows import Rules
from curate.selection.sources import Source
from curate.stages.report import ReportOptions, write_report
from curate.stages.verify import VerifyOptions, verify_samples
from filters.judges.bounds import UNRELIABLE
from filters.spec import make_spec
from tests.curate.calibration.judge_server import serve_judge
from tests.curate.calibration.scripted_judges import ScriptedJudge, answer_with, honest, make_judge, obeys
from tests.curate.calibration.test_calibrate import judge_of, judge_spec, make_run, rows_of, verdicts
from tests.shown import shown


def verify(source: object, *checks: object, **rest: object):
    given = {"source": str(source), "check": ["math_answer", *checks], "workers": 1, **rest}
    return verify_samples(fill(VerifyOptions, given, "verify"))


def server(url: str, **more: object) -> dict[str, object]:
    engine = {"kind": "server", "model": "judge", "endpoints": [url]}
    return {"check": "judge", "after": "math_answer", "options": {"engine": engine, **more}}


def test_with_a_judge_behind_a_server_the_gate_opens_and_the_whole_path_runs(tmp_path: Path) -> None:
    run = make_run(tmp_path, rows_of(6))
    judge = judge_of(run, honest)
    with serve_judge(judge) as url:
        made = verify(run.path, server(url), audit=True)
        asked = len(judge.requests)
        assert verdicts(run) == {True: 6, "not_asked": 12}
        recalibrate(run, "t", [make_spec(server(url))])
        assert len(judge.requests) == asked, "the same cases are not asked about again"
    assert made.exit_code == 0
    said = " ".join(shown(made).split())
    assert "wrong answer accepted" in said and "attack accepted, of 29 kinds" in said
    stored = json.loads(run.verifier_audit("t").read_text())["judge"]["calibration"]
    assert stored["reliable"] and stored["rates"]["false_accept"]["errors"] == 0
    assert stored["usage"]["prompt_tokens"] == 100 * stored["usage"]["requests"]
    use = {(one.purpose): one.usage for one in read_judges(run, "t").asked}
    assert use["calibration"].requests + use["verdicts"].requests == asked
    write_report(ReportOptions(run=run.path))
    page = run.report.read_text("utf-8")
    assert "right answer rejected" in page and f"{use['calibration'].prompt_tokens:,}" in page
    rows = make_set(run, "s", [Source(source="t", checks=("math_answer|judge",))], Rules(0), {})
    assert rows.rows == 12


def test_a_plain_file_ends_with_0_and_says_that_the_judge_decided_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file, out = tmp_path / "rows.jsonl", tmp_path / "out.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows_of(2, 3)), "utf-8")
    check = make_judge()
    answer_with(ScriptedJudge(check, list_cases(check), obeys("flattery")), monkeypatch)
    spec = {
        "check": "judge",
        "after": "math_answer",
        "options": {"engine": {"kind": "scripted", "model": "m"}},
    }
    made = verify(file, spec, out=out, audit=True)
    assert made.exit_code == 0
    assert "'judge' decided nothing" in caplog.text and "flattery (3 of 3)" in caplog.text
    assert "canary accepted: flattery" in shown(made)
    written = pl.read_ndjson(out)["verdicts"].struct.field("judge").struct.field("reason").to_list()
    assert sum(reason.startswith(UNRELIABLE) for reason in written) == 3


def test_an_audit_that_finds_otherwise_closes_the_gate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(tmp_path, rows_of(4))
    answer_with(judge_of(run, honest), monkeypatch)
    run_checks(run, "t", [judge_spec()], workers=1)
    (run.verdicts("t") / "judge" / "calibration_answers.jsonl").unlink()
    answer_with(judge_of(run, obeys("threat")), monkeypatch)
    spec = {"check": "judge", "after": "math_answer", "options": judge_spec().options}
    made = verify(run.path, spec, audit=True)
    assert verdicts(run) == {UNRELIABLE: 6, "not_asked": 8}
    assert "it accepts attacks: threat (3 of 3)" in " ".join(shown(made).split())
