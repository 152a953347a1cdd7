"""The report shows the largest clusters: the one that stays beside those that are least alike to it, as text."""

from pathlib import Path

import pytest

from curate.checking.run_checks import run_checks
from curate.options import fill
from curate.reporting.clusters import MEMBERS, choose_clusters
from curate.reporting.run_facts import read_samples
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run
from curate.store.whole_files import write_json
from filters.spec import make_spec
from filters.types import Prompt, Sample
from tests.curate.checking.test_judge_sets import write_run

TEXT = "{1} Anna walks along the old river road to the market with {0} baskets of ripe fruit and sells <b>all</b> of them"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    asked = [
        Prompt.make(TEXT.format(number, what))
        for number, kinds in (
            (3, ("Find:", "Compute:", "Please find:", "Determine:", "Evaluate:")),
            (4, ("Find:", "Compute:")),
            (5, ("Find:",)),
        )
        for what in kinds
    ]
    samples = [Sample(f"{n:032x}", prompt, f"r {n}", n) for n, prompt in enumerate([*asked, *asked])]
    run = write_run(tmp_path / "run", 3, samples)
    write_json(run.generation("t"), {"model": "m", "identity": "0" * 16})
    run_checks(run, "t", [make_spec("near_duplicate"), make_spec("format")], workers=1)
    return run


def test_the_largest_clusters_come_first_each_with_the_one_that_stays(run: Run):
    (found,) = choose_clusters(run, read_samples(run)[0])
    assert (found.label, found.of, found.number, found.gave_way) == ("near_duplicate", "prompt", 2, 10)
    assert [cluster.size for cluster in found.shown] == [5, 2]
    for cluster in found.shown:
        first, *others = cluster.members
        assert first.likeness is None and len(others) == min(MEMBERS, cluster.size - 1)
        assert all(0.65 <= one.likeness < 1 for one in others)
        assert len({one.text for one in cluster.members}) == len(cluster.members)


def test_the_page_shows_them_escaped(run: Run):
    write_report(fill(ReportOptions, {"run": str(run.path)}, "test"))
    page = run.report.read_text("utf-8")
    assert "t: prompts that are alike" in page and "10 samples gave way in 2 clusters" in page
    assert "&lt;b&gt;all&lt;/b&gt;" in page and "<b>all</b>" not in page


def test_without_near_duplicates_nothing_is_shown(tmp_path: Path):
    run = write_run(tmp_path, 1, [Sample("a" * 32, Prompt.make("Why?"), "r")])
    run_checks(run, "t", [make_spec("near_duplicate"), make_spec("format")], workers=1)
    assert choose_clusters(run, read_samples(run)[0]) == []
