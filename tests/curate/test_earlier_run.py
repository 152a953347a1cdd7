"""A run folder that an earlier version left is opened, gone on with and mixed to the same set.

`data/earlier_run` was made by version 0.1.0 before its modules moved: `generate --samples 4 --accept 2`, `filter`,
`verify` with a judge and agreement, `mix`, `evaluate`, and a `generate` that was killed while it sampled.
"""

import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from curate.engines.scripted import ScriptedEngine
from curate.options import fill
from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.generate import GenerateOptions, GenerateResult, generate_samples
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.report import ReportOptions, write_report
from curate.stages.verify import VerifyOptions, verify_samples
from curate.store.finished_sets import list_set_files
from curate.store.layout import PARTIAL, Run, list_parts
from curate.store.parquet import scan_files, scan_parts
from curate.store.stale_verdicts import NOT_ASKED
from filters.engine import Completion, Request
from tests.shown import shown

EARLIER = Path(__file__).parent / "data" / "earlier_run"
JUDGE = {
    "check": "judge",
    "after": "math_answer",
    "options": {"engine": {"kind": "scripted", "model": "judge.jsonl"}},
}
JOURNALLED = 11
"""Whole lines of the killed run's journal; the last line is torn."""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A copy of the folder in which the earlier version ran, and its run."""
    shutil.copytree(EARLIER, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return Run(Path("run"))


def sample(name: str, script: str, prompts: str = "prompts.jsonl", **rest: object) -> GenerateResult:
    values = {"run": "run", "name": name, "prompts": prompts, "workers": 1, **rest}
    engine = {"kind": "scripted", "model": script, "concurrency": 64}
    return generate_samples(fill(GenerateOptions, {**values, "engine": engine}, "generate"))


def made_at(run: Run) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(run.verdicts("teacher").rglob("*.parquet"))}


def test_it_opens(run: Run):
    said = shown(write_report(ReportOptions(run=run.path)))
    assert "rejected by math_answer|judge" in said
    assert run.report.exists()
    key = scan_parts(run.samples("teacher")).select("sample_id").first().collect().item()
    assert "math_answer" in shown(explain_sample(ExplainOptions(id=key, run=run.path)))


@pytest.mark.usefixtures("trusted_judges")
def test_nothing_is_paid_for_or_judged_again(run: Run, monkeypatch: pytest.MonkeyPatch):
    """Only rules that have changed since are run anew; a judge only where it could not decide before."""
    asked, complete = [], ScriptedEngine.complete

    async def count(self: ScriptedEngine, request: Request) -> Completion:
        asked.append(request)
        return await complete(self, request)

    monkeypatch.setattr(ScriptedEngine, "complete", count)
    before, judged = made_at(run), scan_parts(run.verdicts("teacher") / "judge").collect()
    assert sample("teacher", "script.jsonl", samples=4, accept=2).counts is None
    filter_samples(
        fill(
            FilterOptions,
            {"source": "run", "name": "teacher", "check": ["format", "language", "repetition"]},
            "filter",
        )
    )
    checks = ["math_answer", JUDGE, "agreement"]
    verify_samples(fill(VerifyOptions, {"source": "run", "name": "teacher", "check": checks}, "verify"))
    now = made_at(run)
    assert len(asked) <= judged.filter(pl.col("ok").is_null(), pl.col("reason") != NOT_ASKED).height
    assert now.keys() == before.keys()
    assert {path.split("/")[3] for path in now if now[path] != before[path]} <= {
        "math_answer",
        "agreement",
        "judge",
        "language",
        "repetition",
    }


def test_its_set_is_read_and_made_anew_from_the_same_samples(run: Run):
    """Which of the accepted samples are taken, and in which order, is drawn in another way today."""
    sources = ["teacher:per_prompt=2,checks=math_answer|judge+format+language", "general.jsonl:rows=5"]
    before = scan_files(list_set_files(run, "sft")).collect()
    mix_samples(fill(MixOptions, {"run": "run", "source": sources}, "mix"))
    made = scan_files(list_set_files(run, "sft")).collect()
    after = made.select(before.columns)
    assert set(made.columns) - set(before.columns) == {"row_id", "row_source", "metadata", "reference_before"}
    assert after.schema == before.schema
    assert after["source"].value_counts(sort=True).rows() == [("teacher", 12), ("general", 5)]
    teacher = pl.col("source") == "teacher"
    counted = (rows.filter(teacher)["prompt_id"].value_counts() for rows in (after, before))
    assert_frame_equal(*counted, check_row_order=False)
    both = after.join(before, on="id", how="semi").sort("id")
    assert_frame_equal(both, before.join(after, on="id", how="semi").sort("id"))
    assert both.height > 0


def test_it_goes_on(run: Run):
    before = scan_parts(run.samples("teacher")).collect()
    sample("teacher", "script.jsonl", samples=6)
    after = scan_parts(run.samples("teacher")).collect()
    assert (
        len(after) + sum(len(pl.read_parquet(p)) for p in list_parts(run.samples("teacher"), PARTIAL)) == 72
    )
    kept = after.join(before, on=["sample_id", "response"], how="semi")
    assert kept.height == before.height
    assert after["sample_id"].is_unique().all()


def test_what_a_killed_run_had_journalled_counts(run: Run):
    (run.path.parent / "four.jsonl").write_text(
        "".join((EARLIER / "prompts.jsonl").read_text("utf-8").splitlines(keepends=True)[:4]), "utf-8"
    )
    counts = sample("killed", "slow.jsonl", "four.jsonl", samples=6).counts
    assert counts is not None
    assert counts.whole + sum(counts.partial.values()) == 4 * 6 - JOURNALLED
    found = scan_parts(run.samples("killed")).collect()
    assert found["sample_id"].is_unique().all()
    assert not run.journal("killed").exists()
