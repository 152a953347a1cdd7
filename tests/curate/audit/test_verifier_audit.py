"""The audit finds a verifier that accepts too much, one that rejects too much, and clears a good one."""

import json
from pathlib import Path

import pytest

from curate.audit.verifier_audit import audit_verifiers, choose_second_rule, reference_table
from curate.checking.run_checks import run_checks
from curate.options import fill
from curate.reporting.audits import read_audits
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.digest import digest
from filters.spec import CheckSpec, make_spec
from filters.types import Prompt, Sample
from tests.curate.checking.test_local_executor import spec
from tests.shown import shown


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that are not wrapped."""
    monkeypatch.setenv("COLUMNS", "200")


REFERENCES = ["42", r"\frac{1}{2}", "x^2-1", "(B)", "yes", "Paris", "Rome", None]
ANSWERS = {r"\frac{1}{2}": ["0.5", "0.6"], "x^2-1": ["(x-1)(x+1)", "(x-1)^2"]}


def make_run(path: Path, specs: list[CheckSpec]) -> Run:
    run = Run(path)
    prompts = [Prompt.make(f"q{n}", answer) for n, answer in enumerate(REFERENCES)]
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(prompts))
    rows = []
    for prompt in prompts:
        for index, answer in enumerate(ANSWERS.get(prompt.answer or "", [prompt.answer or "1", "999"])):
            sample = Sample(digest(prompt.id, index), prompt, f"<think></think>\\boxed{{{answer}}}", index)
            rows.append(sample_row(sample))
    write_part(run.samples("t") / "part-00000.parquet", rows, SAMPLES)
    run_checks(run, "t", specs, workers=1)
    return run


def audited(path: Path, specs: list[CheckSpec]) -> dict[str, dict]:
    run = make_run(path, specs)
    audit_verifiers(run, "t", specs, workers=1)
    return json.loads((run.verdicts("t") / "audit.json").read_text())


def test_a_good_verifier_is_cleared(tmp_path: Path):
    found = audited(tmp_path, [make_spec("math_answer"), make_spec("format")])
    assert list(found) == ["math_answer"], "format compares with no reference"
    about = found["math_answer"]
    assert about["second_rule"] == choose_second_rule(make_spec("math_answer"))
    assert (about["false_reject"]["tried"], about["false_reject"]["errors"]) == (7, 0)
    assert about["false_accept"]["tried"] == 3 + 2 + 1 + 1 + 1 + 1 + 1
    assert about["false_accept"]["errors"] == 0
    assert about["false_reject"]["low"] == 0.0
    assert about["false_reject"]["high"] == pytest.approx(0.3543, abs=1e-4)
    assert about["second_rule_accepts"]["errors"] == 0
    kinds = {"value": 5, "words": 2, "unread": 0, "untold": 0, "unusable": 0, "missing": 1}
    assert about["references"].items() >= {"tried": 8, "not_read": {}, **kinds}.items()
    if about["second_rule"] == "math_verify":
        assert about["second_rule_refuses"]["tried"] >= 3
        assert about["second_rule_refuses"]["errors"] == 0


def test_verifiers_that_err_are_found_out(tmp_path: Path):
    found = audited(tmp_path, [spec("Gullible"), spec("Stubborn")])
    gullible, stubborn = found["gullible"], found["stubborn"]
    assert gullible["false_accept"]["rate"] == 1.0
    assert gullible["false_reject"]["rate"] == 0.0
    assert any("43" in example for example in gullible["false_accept"]["examples"])
    assert stubborn["false_reject"]["rate"] == 1.0
    assert stubborn["false_accept"]["rate"] == 0.0
    assert "second_rule_accepts" not in stubborn, "how a check of one's own finds answers is not known"


def test_references_are_counted_by_kind_and_the_report_shows_it(tmp_path: Path):
    run = make_run(tmp_path, [make_spec("math_answer")])
    found = audit_verifiers(run, "t", [make_spec("math_answer")], workers=1)
    rows = list(
        zip(*(column.cells for column in reference_table("t", found.references).columns), strict=True)
    )
    assert rows[0] == ("math_answer", "read whole", "8", "5", "62.50%", "")
    assert [row[1:4] for row in rows[1:]] == [
        ("in words", "8", "2"),
        ("not read whole", "8", "0"),
        ("accepted, and not told from 0 or A", "8", "0"),
        ("not accepted as its own answer", "8", "0"),
        ("missing", "8", "1"),
    ]
    shown_later = [one for one in read_audits(run, "t") if one.of.startswith("reference ")]
    assert [(one.of, one.tried, one.found, one.share) for one in shown_later] == [
        ("reference read whole", 8, 5, (0.625, 0.625, 0.625)),
        ("reference in words", 8, 2, (0.25, 0.25, 0.25)),
        ("reference missing", 8, 1, (0.125, 0.125, 0.125)),
    ]


def test_verify_audits_a_plain_file_and_stores_it_in_a_run(tmp_path: Path):
    source = tmp_path / "in.jsonl"
    source.write_text('{"answer": "7", "response": "7"}\n')
    options = {"source": str(source), "out": tmp_path / "out.jsonl", "workers": 1, "audit": True}
    said = shown(verify_samples(fill(VerifyOptions, options, "verify")))
    assert "file: references" in said and "read whole" in said
    assert "own reference rejected" in said and "near miss of the reference accepted" in said
    run = make_run(tmp_path / "run", [])
    verify_samples(fill(VerifyOptions, {"source": str(run.path), "workers": 1, "audit": True}, "verify"))
    assert json.loads((run.verdicts("t") / "audit.json").read_text())["math_answer"]["check"] == "math_answer"
