"""The report shows what samples share with benchmarks, both sides, escaped; the card says what was compared."""

import json
from pathlib import Path

import pytest

from curate.checking import run_checks
from curate.options import fill
from curate.publishing.cards import render_dataset_card
from curate.publishing.set_sources import read_run_set
from curate.readers.import_samples import import_source
from curate.readers.read_samples import Traces
from curate.reporting.benchmark_matches import LONGEST, list_matches, mark_text
from curate.reporting.run_facts import read_facts, read_samples
from curate.scrubber import Scrubber
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run, create_run
from tests.curate.checking.here import Here

EGGS = "Ducks lay 16 eggs per day, and three of them are eaten for breakfast every single morning. How many are left?"
HOSTILE = "<script>alert(1)</script>"
PROMPTS = ["Hello there", f"{HOSTILE} Solve: {EGGS}", EGGS[:-25] + " and so on", "Bye"]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(run_checks, "LocalExecutor", Here)
    monkeypatch.setenv("R1CURATE_BENCHMARKS", str(tmp_path / "kept"))
    (tmp_path / "eggs.jsonl").write_text(json.dumps({"question": EGGS}) + "\n")
    rows = [{"prompt": prompt, "response": "<think>so</think>1"} for prompt in PROMPTS]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    made = create_run(tmp_path / "run")
    import_source(made, "rows", Traces(str(tmp_path / "rows.jsonl")))
    check = {"contamination": {"against": [str(tmp_path / "eggs.jsonl")]}}
    filter_samples(FilterOptions(source=str(made.path), name="rows", check=(check,)))
    return made


def test_each_problem_is_shown_beside_the_prompt_with_what_both_share(run: Run):
    (found,) = list_matches(run, *read_samples(run))
    assert found.counts == [("eggs.jsonl", "exact", 1, 1), ("eggs.jsonl", "overlap", 1, 1)]
    (one,) = found.shown  # of one problem the sample that holds most of it
    marked = "".join(piece.text for piece in one.text if piece.marked)
    assert (one.rule, one.said, one.problem_name) == ("exact", "word for word", "eggs.jsonl line 1")
    assert marked == EGGS.rstrip("?") == "".join(piece.text for piece in one.problem if piece.marked)
    assert "".join(piece.text for piece in one.text) == PROMPTS[1]


def test_the_page_shows_it_escaped(run: Run):
    write_report(ReportOptions(run=run.path))
    page = (run.path / "report.html").read_text("utf-8")
    assert "Problems of benchmarks" in page and "its problems found" in page
    assert HOSTILE not in page and "&lt;script&gt;alert(1)" in page
    assert str(run.path.parent) not in page.partition("Problems of benchmarks")[2], "where files lie"


def test_a_benchmark_that_has_changed_is_said_and_nothing_else_shown(run: Run):
    file = run.path.parent / "eggs.jsonl"
    file.write_text(json.dumps({"question": "Another"}) + "\n")
    (found,) = list_matches(run, *read_facts(run).samples)
    assert not found.shown and "others than those" in found.why_not and len(found.counts) == 2
    file.unlink()
    assert "There is no file" in list_matches(run, *read_samples(run))[0].why_not


def test_the_card_says_what_was_compared_with_what(run: Run):
    mix_samples(fill(MixOptions, {"run": run.path, "source": ["rows"]}, "mix"))
    card = render_dataset_card(read_run_set(run, "sft", []), "mit", None, Scrubber())
    assert "not compared with any benchmark" not in card
    said = "The prompts of `rows` were compared with `eggs.jsonl` (50% of a problem's runs of 8 words; shorter ones whole): 2 of 4 samples rejected."
    assert said in card
    assert str(run.path.parent) not in card


def test_a_long_text_is_shown_around_its_first_mark():
    text = "a" * 3000 + "b" * 50 + "c" * 3000
    pieces = mark_text(text, [(3000, 3050)])
    assert [piece.text for piece in pieces if piece.marked] == ["b" * 50]
    assert sum(len(piece.text) for piece in pieces if piece.kind != "gap") == LONGEST
    assert [piece.text for piece in pieces if piece.kind == "gap"] == [
        "2,800 characters left out",
        "2,050 characters left out",
    ]
