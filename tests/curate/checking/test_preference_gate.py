"""Checks of preferences decide only once they were calibrated, whether they ask an engine or hold their model themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import polars as pl
import pytest

import curate.checking.engine_checks
from curate.calibration.calibration import read_calibration
from curate.calibration.preference_pairs import read_bundled_pairs
from curate.calibration.told_rows import list_rows
from curate.checking.run_checks import run_checks
from curate.engines.scripted import ScriptedEngine
from curate.options import fill
from curate.reporting.judges import read_judges
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.layout import Run, create_run, list_parts
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.check import Check, Role
from filters.digest import digest
from filters.judges.bounds import PreferenceBounds
from filters.spec import make_spec
from filters.types import Prompt, Sample, Verdict
from tests.curate.calibration.graders import ENGINE, answer_form, honest, length_biased
from tests.shown import shown

PAIRS = [pair for pair in read_bundled_pairs() if pair.criterion == "helpfulness"][:4]
PROMPTS = [Prompt.make(pair.prompt) for pair in PAIRS]


class Knowing(Check, PreferenceBounds):
    """A check that holds its model itself: it grades as a scripted grader does."""

    name: ClassVar[str] = "knowing"
    role: ClassVar[Role] = "reward"
    rules: ClassVar[dict[str, str]] = {"good": "well", "bad": "ill"}
    calibrated = "preferences"
    graded: ClassVar[bool] = True
    resident: ClassVar[bool] = True
    long: bool = False

    def check(self, batch: Sequence[Sample]) -> list[Verdict]:
        grade = length_biased if self.long else honest
        scores = [grade(sample.prompt.text, sample.response) / 10 for sample in batch]
        return [Verdict(score >= 0.5, "good" if score >= 0.5 else "bad", score) for score in scores]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = create_run(tmp_path / "run")
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(PROMPTS))
    texts = [pair.good for pair in PAIRS] + [pair.bad for pair in PAIRS]
    made = [Sample(digest(n), PROMPTS[n % 4], text, n) for n, text in enumerate(texts)]
    write_part(run.samples("t") / "part-00000.parquet", [sample_row(sample) for sample in made], SAMPLES)
    return run


def read_rules(run: Run, label: str) -> set[str]:
    (file,) = list_parts(run.verdicts("t") / label)
    return {reason.partition(":")[0] for reason in pl.read_parquet(file)["reason"]}


def test_a_check_that_holds_its_model_is_calibrated_first(run):
    spec = make_spec({"check": f"{__file__}:Knowing"})
    run_checks(run, "t", [make_spec("format"), spec], workers=1)
    assert read_calibration(run, "t", "knowing").reliable
    assert read_rules(run, "knowing") == {"good", "bad"}
    biased = make_spec({"check": f"{__file__}:Knowing", "label": "biased", "options": {"long": True}})
    run_checks(run, "t", [make_spec("format"), biased], workers=1)
    assert read_rules(run, "biased") == {"judge_unreliable"} and "judge_unreliable" not in read_rules(
        run, "format"
    )
    found = read_calibration(run, "t", "biased")
    assert any(fault.startswith("response preferred once it is padded") for fault in found.faults)
    allowed = make_spec(
        {
            "check": f"{__file__}:Knowing",
            "label": "biased",
            "options": {"long": True, "max_misordered": 1, "max_false_accepts": 1},
        }
    )
    run_checks(run, "t", [allowed], workers=1)
    assert read_rules(run, "biased") == {"good", "bad"}


@pytest.mark.parametrize("check", ["rubric", "preference"])
def test_a_check_that_asks_an_engine_is_calibrated_first(run, monkeypatch, check):
    asked = []

    def open_as(grade):
        async def open_here(options):
            def answer(request):
                asked.append(request)
                return answer_form(grade, request)

            return ScriptedEngine(answer, identity=grade.__name__)

        monkeypatch.setattr(curate.checking.engine_checks, "open_engine", open_here)

    open_as(length_biased)
    spec = make_spec({"check": check, "options": {"engine": ENGINE}})
    run_checks(run, "t", [spec], workers=1)
    assert read_rules(run, check) == {"judge_unreliable"}
    number = len(asked)
    run_checks(run, "t", [spec], workers=1, retry=True)
    assert len(asked) == number
    other = make_spec({"check": check, "options": {"engine": ENGINE, "least": 0.4}})
    open_as(honest)
    run_checks(run, "t", [other], workers=1)
    assert read_calibration(run, "t", check).faults == ()
    assert read_rules(run, check) <= {"good", "poor", "preferred"}
    found = read_calibration(run, "t", check)
    assert found.reliable and found.usage["requests"] > 500


def test_a_rubric_without_pairs_decides_nothing_and_is_told_everywhere(run):
    script = run.path / "script.jsonl"
    script.write_text(json.dumps({"prompt": "*", "responses": [{"text": "well\nGRADE: 9"}]}), "utf-8")
    engine = {"kind": "scripted", "model": str(script)}
    spec = {"check": "rubric", "options": {"engine": engine, "rubric": "Is it short enough?"}}
    given = {"source": str(run.path), "check": ["format", spec], "workers": 1, "audit": True}
    made = verify_samples(fill(VerifyOptions, given, "verify"))
    assert read_rules(run, "rubric") == {"judge_unreliable"}
    assert "no labelled pairs are known" in " ".join(shown(made).split())
    told = {
        row.meaning: (row.tried, row.share) for row in list_rows(read_judges(run, "t").calibrations["rubric"])
    }
    assert told["worse response accepted"] == told["better response rejected"] == (0, "none decided")
