"""The audit finds a verifier that accepts too much, one that rejects too much, and clears a good one."""

import json
from pathlib import Path

import pytest

from curate.audit import audit, second_rule, wilson
from curate.checks import CheckSpec, spec_of
from curate.folder import Run
from curate.judging import judge_samples
from curate.options import fill
from curate.tables import PROMPTS, SAMPLES, Record, prompt_row, record_row, write_part
from curate.verify import VerifyOptions, verify
from filters.vocabulary import Prompt, Sample, digest
from tests.curate.test_pool import spec


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables that are not wrapped."""
    monkeypatch.setenv("COLUMNS", "200")


REFERENCES = ["42", r"\frac{1}{2}", "x^2-1", "(B)", "yes", "Paris", "Rome", None]
ANSWERS = {r"\frac{1}{2}": ["0.5", "0.6"], "x^2-1": ["(x-1)(x+1)", "(x-1)^2"]}


def make_run(path: Path, specs: list[CheckSpec]) -> Run:
    run = Run(path)
    prompts = [Prompt.make(f"q{n}", answer) for n, answer in enumerate(REFERENCES)]
    write_part(run.prompts("t") / "part-00000.parquet", [prompt_row(p) for p in prompts], PROMPTS)
    rows = []
    for prompt in prompts:
        for index, answer in enumerate(ANSWERS.get(prompt.answer or "", [prompt.answer or "1", "999"])):
            sample = Sample(digest(prompt.id, index), prompt, f"<think></think>\\boxed{{{answer}}}", index)
            rows.append(record_row(Record(sample)))
    write_part(run.samples("t") / "part-00000.parquet", rows, SAMPLES)
    judge_samples(run, "t", specs, workers=1)
    return run


def audited(path: Path, specs: list[CheckSpec]) -> dict[str, dict]:
    run = make_run(path, specs)
    audit(run, "t", specs, workers=1)
    return json.loads((run.verdicts("t") / "audit.json").read_text())


def test_a_good_verifier_is_cleared(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    found = audited(tmp_path, [spec_of("math_answer"), spec_of("format")])
    assert list(found) == ["math_answer"], "format compares with no reference"
    about = found["math_answer"]
    assert about["second_rule"] == second_rule(spec_of("math_answer"))
    assert (about["false_reject"]["tried"], about["false_reject"]["errors"]) == (7, 0)
    assert about["false_accept"]["tried"] == 3 + 2 + 1 + 1 + 1 + 1 + 1
    assert about["false_accept"]["errors"] == 0
    assert about["false_reject"]["low"] == 0.0
    assert about["false_reject"]["high"] == pytest.approx(0.3543, abs=1e-4)
    assert about["second_rule_accepts"]["errors"] == 0
    if about["second_rule"] == "math_verify":
        assert about["second_rule_refuses"]["tried"] >= 3
        assert about["second_rule_refuses"]["errors"] == 0
    assert "near miss accepted" in capsys.readouterr().out


def test_verifiers_that_err_are_found_out(tmp_path: Path):
    found = audited(tmp_path, [spec("Gullible"), spec("Stubborn")])
    gullible, stubborn = found["gullible"], found["stubborn"]
    assert gullible["false_accept"]["rate"] == 1.0
    assert gullible["false_reject"]["rate"] == 0.0
    assert any("43" in example for example in gullible["false_accept"]["examples"])
    assert stubborn["false_reject"]["rate"] == 1.0
    assert stubborn["false_accept"]["rate"] == 0.0
    assert "second_rule_accepts" not in stubborn, "how a check of one's own finds answers is not known"


def test_the_interval_is_wilsons():
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 1_000) == pytest.approx((0.0, 0.003827), abs=1e-6)
    assert wilson(5, 10) == pytest.approx((0.2366, 0.7634), abs=1e-4)


def test_verify_audits_a_plain_file_and_stores_it_in_a_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    source = tmp_path / "in.jsonl"
    source.write_text('{"answer": "7", "response": "7"}\n')
    options = {"source": str(source), "out": tmp_path / "out.jsonl", "workers": 1, "audit": True}
    verify(fill(VerifyOptions, options, "verify"))
    assert "own reference rejected" in capsys.readouterr().out
    run = make_run(tmp_path / "run", [])
    verify(fill(VerifyOptions, {"source": str(run.path), "workers": 1, "audit": True}, "verify"))
    assert json.loads((run.verdicts("t") / "audit.json").read_text())["math_answer"]["check"] == "math_answer"
