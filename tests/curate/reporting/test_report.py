"""The report says what is in the run, adds up, needs nothing else, and is not fooled by what models write."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest

from curate.reporting.charts import make_columns, make_curve, make_waterfall
from curate.reporting.distributions import count_lengths, count_pass_rates, find_verifier
from curate.reporting.examples import HEAD, SPAN, TAIL, choose_rejected, cut_pieces
from curate.reporting.run_facts import (
    display_model,
    pair_evaluations,
    read_facts,
    read_samples,
    read_sets,
    title_comparisons,
)
from curate.reporting.training import format_duration
from curate.selection.funnel import Funnel
from curate.stages.report import ReportOptions, write_final_report, write_report
from curate.store.layout import Run
from filters.errors import UserError
from tests.curate.fake_run import CHECKS, HOSTILE, add_rewarded, make_run
from tests.shown import shown

VOID = {"meta", "br"}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    made = make_run(tmp_path_factory.mktemp("report") / "mini")
    add_rewarded(made)
    return made


@pytest.fixture(scope="module")
def page(run: Run) -> str:
    write_report(ReportOptions(run=run.path))
    return (run.path / "report.html").read_text(encoding="utf-8")


class Elements(HTMLParser):
    """All elements and attributes of a page; complains where tags do not match."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.attributes, self._open = set(), set(), []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_endtag(self, tag):
        assert self._open.pop() == tag


def test_the_page_needs_nothing_from_outside(page: str):
    found = Elements(page)
    assert not found.tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form"}
    assert not found.attributes & {"src", "onload", "onerror", "onclick", "style"}
    assert not re.search(r"https?://|@import|url\(", page)


def test_sections_are_there_and_their_numbers_are_the_runs(page: str, run: Run):
    for name in ("pass", "ran", "funnel", "checks", "shape", "training", "read"):
        assert f'<section id="{name}">' in page
    assert "51.8%" in page and "+37.5 points" in page and "[+33.5, +41.5]" in page
    (made,) = read_sets(run)
    teacher = made.funnels[0]
    sums = re.findall(r'<p class="sum">([\d,+ ]+) = ([\d,]+)</p>', page)
    assert [(sum(map(_number, left.split("+"))), _number(right)) for left, right in sums] == [
        (teacher.sampled, teacher.sampled),
        (3, 3),
    ]
    assert teacher.sampled == 721


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def test_hostile_text_is_shown_not_obeyed(page: str):
    assert "&lt;script&gt;document.body" in page
    assert "<script" not in page and "<img" not in page
    assert not any(character in page for character in "\u202e\u202c\x1b\x07\u200b")
    assert "⟨U+202E⟩right to left⟨U+202C⟩" in page
    assert "{{ 7*7 }}" in page, "what looks like a template in a text is text"


def test_what_a_check_objected_to_is_marked(page: str, run: Run):
    marked = set(re.findall(r'<mark class="chain">([^<]*)</mark>', page))
    assert {"等一下，让我再检查一遍。", "Wait, let me check it again."} & marked
    (teacher,) = (one for one in read_samples(run) if one.name == "teacher")
    reasons = {(reason.label, reason.rule): reason for reason in choose_rejected(run, teacher)}
    assert reasons["math_answer", "timeout"].ok is None
    code = reasons["code_blocks", "code_block"]
    assert len(code.examples) == 2
    for example in code.examples:
        assert "".join(p.text for p in example.pieces if p.marked) == "```python\nprint(a + b + c)\n```"
        assert dict(example.verdicts)["code_blocks"].rule == "code_block"
    tallied = {(tally.label, rule): count for tally in teacher.checks for rule, count in tally.reasons}
    assert {key: reason.count for key, reason in reasons.items()} == tallied


def test_rules_are_shown_with_what_they_mean(page: str):
    assert "undecided: the check took too long on this sample</span></summary>" in page
    assert 'title="undecided: the check took too long on this sample">timeout' in page


@pytest.mark.parametrize(
    "span", [None, (0, 0), (3_000, 3_040), (100, 900_000), (999_990, 2_000_000), (-5, 4)]
)
def test_long_responses_are_cut_and_say_by_how_much(span):
    text = "<think>" + "0123456789" * 100_000 + "</think>42"
    shown = cut_pieces(text, span)
    assert sum(len(p.text) for p in shown) < HEAD + 2 * SPAN + TAIL + 800
    left_out = sum(_number(p.text.split()[0]) for p in shown if p.kind == "gap")
    assert sum(len(p.text) for p in shown if p.kind != "gap") + left_out == len(text)
    assert shown[-1].text.endswith("42") and shown[-1].kind == "answer"
    assert any(p.marked for p in shown) == (span not in (None, (0, 0)))


def test_short_responses_are_whole_with_chain_and_answer_apart():
    shown = cut_pieces("<think>one two</think>three", (11, 14))
    assert [(p.kind, p.marked, p.text) for p in shown] == [
        ("answer", False, "<think>"),
        ("chain", False, "one "),
        ("chain", True, "two"),
        ("answer", False, "</think>three"),
    ]
    assert cut_pieces("", None) == []


def test_pass_rates_count_decided_samples_only(run: Run):
    teacher = next(one for one in read_samples(run) if one.name == "teacher")
    assert find_verifier(teacher, ["math_answer", "format"]) == "math_answer"
    rates = count_pass_rates(run, "teacher", "math_answer")
    assert rates is not None and rates.labels[0] == "0/8" and sum(rates.counts) == 90
    samples = pl.read_parquet(run.samples("teacher") / "part-*.parquet")
    verdicts = pl.read_parquet(run.verdicts("teacher") / "math_answer" / "part-*.parquet")
    judged = samples.join(verdicts, on="sample_id").filter(pl.col("ok").is_not_null())
    by_prompt = judged.group_by("prompt_id").agg(pl.col("ok").mean())["ok"]
    assert rates.mean == pytest.approx(by_prompt.mean())
    assert rates.counts[8] == sum(rate > 0.9375 for rate in by_prompt)


def test_a_judge_behind_a_rule_counts_with_it(run: Run):
    teacher = next(one for one in read_samples(run) if one.name == "teacher")
    assert find_verifier(teacher, ["math_answer|judge", "format"]) == "math_answer|judge"
    general = next(one for one in read_samples(run) if one.name == "general")
    assert find_verifier(general) is None


def test_lengths_hold_every_kept_and_rejected_sample(run: Run):
    (made,) = read_sets(run)
    found = count_lengths(run, "teacher", made.checks["teacher"])
    assert found is not None
    funnel = made.funnels[0]
    assert sum(found.kept) == funnel.selected + funnel.repeated + funnel.unselected
    assert sum(found.rejected) == sum(funnel.rejected.values())
    assert list(found.edges) == sorted(found.edges) and len(found.edges) == len(found.kept) + 1
    assert count_lengths(run, "teacher", ["gone"]) is None
    assert count_lengths(run, "general", []) is None, "nobody counted its tokens"


def test_the_waterfall_ends_where_the_selected_begin():
    numbers = {"undecided": 5, "stopped": 0, "cancelled": 0, "failed": 5, "unselected": 20, "selected": 40}
    steps = make_waterfall(Funnel(source="t", sampled=100, rejected={"a": 30, "b": 0}, **numbers))
    assert [(s.kind, s.start, s.share) for s in steps] == [
        ("sampled", 0, 100), ("rejected", 70, 30), ("rejected", 70, 0), ("undecided", 65, 5),
        ("failed", 60, 5), ("accepted", 40, 20), ("selected", 0, 40),
    ]  # fmt: skip


def test_histograms_compare_shares_and_curves_stay_small():
    left, right = make_columns(["short", "long"], [30, 10], [1, 3])
    assert left.heights == pytest.approx((100, 100 / 3))
    assert right.heights == pytest.approx((100 / 3, 100))
    line = make_curve([(n, 2.0 - n / 10_000) for n in range(10_000)])
    assert line is not None and len(line.points.split()) <= 400
    assert (line.first, line.low, line.steps) == (2.0, 0.0, (0, 9_999))
    assert make_curve([(1, 0.5), (2, float("nan"))]) is None


def test_a_line_of_zeros_lies_on_the_ground_and_below_zero_is_below():
    flat, low = make_curve([(1, 0.0), (2, 0.0)]), make_curve([(1, -1.0), (2, -0.5)])
    assert flat is not None and (flat.points, flat.zero) == ("0.00,100.00 100.00,100.00", 100)
    assert low is not None and (low.points, low.zero) == ("0.00,100.00 100.00,50.00", 0)


def test_models_that_would_read_the_same_go_by_their_evaluations(run: Run):
    facts = read_facts(run)
    pairs = pair_evaluations(facts.evaluations)
    assert title_comparisons(pairs, run) == ["student-llama", "student-qwen", "shop/teacher-1M"]
    assert title_comparisons([pairs[0], pairs[0]], run) == ["llama", "llama"]


def test_durations():
    assert [format_duration(s) for s in (0.42, 61, 3_599.6, 7_320)] == [
        "0.4 s",
        "1 min 1 s",
        "1 h 0 min",
        "2 h 2 min",
    ]


def test_each_evaluation_stands_beside_its_before(run: Run):
    pairs = pair_evaluations(read_facts(run).evaluations)
    assert [(before and before.name, after.name) for before, after in pairs] == [
        ("llama-base", "llama"),
        ("qwen-base", "qwen"),
        (None, "teacher"),
    ]


def test_models_of_the_run_go_by_their_name(run: Run):
    assert display_model(str(run.model("student-qwen").absolute()), run) == "student-qwen"
    assert display_model("Qwen/Qwen3-8B", run) == "Qwen/Qwen3-8B"
    assert display_model("x/" * 5_000, run) == "x/" * 5_000


def test_the_final_screen_shows_results_and_where_the_report_is(run: Run, page: str):
    said = shown(write_final_report(run), width=100)
    assert "14.3 [12.2, 16.7]" in said and "51.8 [48.7, 54.8]" in said and "+37.5 [+33.5, +41.5]" in said
    assert "rejected by language" in said and "721" in said
    assert max(map(len, said.split("set sft")[0].splitlines())) <= 100 and "97.0" in said
    assert "Trouble while training rewarded: collapse" in said
    assert f"report: {run.path / 'report.html'}" in said


def test_the_terminal_shows_every_check(run: Run, page: str):
    said = shown(write_report(ReportOptions(run=run.path, html=run.path / "again.html")))
    assert all(label in said for label, _, _ in CHECKS)
    assert "no_think" in said and "timeout" in said
    assert "-> 0.98" in said and "loss" in said


def test_what_is_absent_is_left_out(tmp_path: Path):
    (tmp_path / "samples").mkdir()
    write_report(ReportOptions(run=tmp_path))
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    Elements(page)
    assert "<section" in page and 'id="funnel"' not in page and 'id="pass"' not in page
    assert list(write_final_report(Run(tmp_path)).render()) == [f"report: {tmp_path / 'report.html'}"]


def test_a_missing_run_is_the_users_mistake(tmp_path: Path):
    with pytest.raises(UserError, match="There is no run folder"):
        write_report(ReportOptions(run=tmp_path / "none"))


def test_text_that_no_file_can_hold_does_not_stop_the_report(tmp_path: Path):
    share = {"value": 0.5, "low": 0.4, "high": 0.6}
    metrics = {"name": "\ud800", "model": HOSTILE, "pass@1": share, "prompts": 1, "samples_per_prompt": 1,
               "undecided": 0, "truncated": 0, "tokens_mean": None, "by_domain": {}, "checks": {}}  # fmt: skip
    file = tmp_path / "evals" / "x" / "metrics.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(metrics), encoding="ascii")
    write_report(ReportOptions(run=tmp_path))
    assert "⟨U+D800⟩" in (tmp_path / "report.html").read_text(encoding="utf-8")


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium to open the report in")
def test_a_browser_opens_the_page_and_runs_nothing(page: str, run: Run, tmp_path: Path):
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    shot = tmp_path / "report.png"
    command = [CHROMIUM, *flags, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom"]
    address = (run.path / "report.html").absolute().as_uri()
    made = subprocess.run([*command, address], capture_output=True, text=True, timeout=120, check=True)
    assert '<section id="read">' in made.stdout
    assert "<title>mini · r1curate</title>" in made.stdout
    assert "<script" not in made.stdout and "<img" not in made.stdout
    command[-1] = f"--screenshot={shot}"
    subprocess.run([*command, address], capture_output=True, timeout=120, check=True)
    assert shot.stat().st_size > 20_000, "a blank page is smaller"
