"""The map of a set is a table of its rows, and pass rates of its prompts are counted once each."""

import json
import re
from pathlib import Path

import polars as pl
import pytest

from curate.reporting.charts import make_waterfall
from curate.reporting.coverage import MOST, read_samples_difficulty, read_set_coverage
from curate.reporting.run_facts import read_set
from curate.selection.funnel import Funnel
from curate.selection.pass_rate_classes import CLASSES, find_class
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run
from tests.curate.fake_run import HOSTILE, make_run


def write_rows(path: Path, domains: int) -> Path:
    """Rows of so many domains, one of them hostile, each with one row more than the one before; every third has no language."""
    rows = []
    for number in range(domains):
        for n in range(number + 1):
            row = {"prompt": f"{number} {n}?", "response": "so", "domain": f"d{number:02}", "tokens": 10 * number, "pass_rate": n / 20}  # fmt: skip
            rows.append(row if n % 3 else {**row, "language": "en"})
    rows += [{"prompt": "what?", "response": "so"}, {"prompt": "who?", "response": "so", "domain": HOSTILE}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def run(tmp_path: Path) -> Run:
    made = make_run(tmp_path / "run", prompts=12, samples=6)
    source = write_rows(tmp_path / "many.jsonl", 20)
    mix_samples(MixOptions(run=made.path, name="many", source=["teacher", str(source)]))
    return made


def test_the_map_adds_up_to_the_set(run: Run):
    made = read_set(run, "many")
    rows = pl.read_parquet(run.set("many") / "*.parquet")
    _, covered = read_set_coverage(run, made)
    assert len(covered.domains) == MOST + 2 and covered.domains[-2] == f"{23 - MOST} more"
    assert set(covered.languages) >= {"en", "none", "all"} and len(covered.cells) == len(covered.domains)
    inner = [[cell.rows for cell in line[:-1]] for line in covered.cells[:-1]]
    assert sum(map(sum, inner)) == covered.cells[-1][-1].rows == made.rows == rows.height
    for line, total in zip(inner, covered.cells, strict=False):
        assert sum(line) == total[-1].rows
    cell = covered.cells[covered.domains.index("d19")][covered.languages.index("none")]
    own = rows.filter((pl.col("domain") == "d19") & pl.col("language").is_null())
    assert (cell.rows, cell.tokens) == (own.height, 190)
    said = [json.loads(text)["pass_rate"] for text in own["metadata"]]
    assert cell.rate == pytest.approx(sum(said) / len(said))


def test_a_domain_that_is_called_as_the_rest_keeps_its_own_rows(tmp_path: Path):
    names = ["2 more", "2 more", *(f"d{number:02}" for number in range(MOST + 1))]
    rows = [{"prompt": f"{n}?", "response": "so", "domain": name} for n, name in enumerate(names)]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run = make_run(tmp_path / "run", prompts=1, samples=1)
    mix_samples(MixOptions(run=run.path, name="many", source=[str(tmp_path / "rows.jsonl")]))
    _, covered = read_set_coverage(run, read_set(run, "many"))
    assert [name for name in covered.domains if name == "2 more"] == ["2 more", "2 more"]
    assert [line[-1].rows for line in covered.cells] == [2, *[1] * (MOST - 1), 2, len(names)]


def test_prompts_are_counted_once_in_each_kind_of_group(run: Run):
    found, _ = read_set_coverage(run, read_set(run, "many"))
    rows = pl.read_parquet(run.set("many") / "*.parquet")
    assert found.every.prompts == rows["prompt_id"].n_unique() == sum(found.every.classes)
    assert [kind for kind, _ in found.by] == ["source", "domain", "language"]
    for kind, groups in found.by:
        assert sum(group.prompts for group in groups) == found.every.prompts, kind
        assert [sum(group.classes) for group in groups] == [group.prompts for group in groups]
    teacher = read_samples_difficulty(run, "teacher", ["math_answer"])
    assert teacher.every.prompts == 12 and teacher.is_known
    assert {group.name for group in dict(teacher.by)["language"]} <= {"en", "zh"}
    assert not read_samples_difficulty(run, "general", ()).is_known
    assert CLASSES[find_class(1 / 3)] == "≤40%"


def test_the_page_shows_the_map_and_what_the_selection_did(run: Run):
    write_report(ReportOptions(run=run.path))
    page = run.report.read_text(encoding="utf-8")
    shown = re.sub(r"<[^>]+>|\s+", " ", page[page.index('id="covered"') :])
    assert "Set many" in shown and f"{23 - MOST} more" in shown and "none" in shown
    assert "What the selection did" in page and "The selection of &#39;teacher&#39; (choose=random)" in page
    assert "<script>document" not in page and "style=" not in page


def test_a_sets_page_without_pass_rates_says_so(tmp_path: Path):
    run = make_run(tmp_path / "run", prompts=2, samples=1)
    mix_samples(MixOptions(run=run.path, name="plain", source=["general"]))
    write_report(ReportOptions(run=run.path))
    assert "No prompt of this set has a pass rate" in run.report.read_text(encoding="utf-8")


def test_the_waterfall_of_a_file_begins_with_what_was_read():
    numbers = dict.fromkeys(("undecided", "stopped", "cancelled", "failed"), 0)
    funnel = Funnel(
        source="t", sampled=60, rejected={}, unselected=20, selected=40, read=100, duplicates=30, not_kept=10, **numbers
    )  # fmt: skip
    steps = {step.name: (step.start, step.share) for step in make_waterfall(funnel)}
    assert steps["read"] == (0, 100) and steps["sampled"] == (0, 60)
    assert steps["exact duplicates"] == (70, 30) and steps["not kept"] == (60, 10)
    assert steps["accepted, not selected"] == (40, 20) and steps["selected"] == (0, 40)
