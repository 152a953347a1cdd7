"""The report shows what a fine-tuned model saw of its set, hostile as it is, with what of it carried loss."""

import pytest

from curate.stages.report import ReportOptions, write_report
from curate.store.whole_files import write_json
from tests.curate.fake_run import HOSTILE, make_run

TALLY = {
    "rows": 5,
    "used": 2,
    "too_long": 1,
    "bad": 2,
    "chains": 2,
    "tokens": 1234,
    "learned": 1000,
    "tokens_too_long": 90,
}
PIECES = [
    {"text": "<|im_start|>", "learned": False, "special": True, "left_out": 0},
    {"text": "1+1?", "learned": False, "special": False, "left_out": 0},
    {"text": HOSTILE, "learned": True, "special": False, "left_out": 4321},
    {"text": "<|im_end|>", "learned": True, "special": True, "left_out": 0},
]
BAD = {
    "rows": 2,
    "ids": ["<b>7", "8"],
    "said": "",
    "meaning": "open <think> and never close it",
    "remedy": "",
}
INSPECTION = {
    "set": "sft", "student": "m", "max_length": 100, "tallies": {"": TALLY}, "row_faults": {"missing_close": BAD},
    "set_faults": {}, "longest": 70, "facts": {"padding": "<pad>"},
    "warnings": {"dated_template": {**BAD, "rows": 0, "ids": [], "meaning": "writes today's date"}},
    "shown": [
        {"id": "7", "source": "", "fault": "missing_close", "pieces": PIECES, "tokens": 9},
        {"id": "one", "source": "math", "fault": "", "pieces": PIECES, "tokens": 4400},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    run = make_run(tmp_path_factory.mktemp("lessons") / "mini")
    write_json(run.inspection(run.model_names()[0]), INSPECTION)
    write_report(ReportOptions(run=run.path))
    return (run.path / "report.html").read_text(encoding="utf-8")


def test_the_rows_are_shown_by_what_carried_loss(page: str):
    assert page.count('<pre class="mask">') == 1
    assert '<span class=" special">&lt;|im_start|&gt;</span><span class="">1+1?</span>' in page
    assert '<span class="learned special">&lt;|im_end|&gt;</span>' in page
    assert '<span class="gap">4,321 tokens left out</span>' in page
    assert "math, 4,400 tokens" in page


def test_what_was_left_out_and_what_is_suspicious_is_told(page: str):
    assert "<b>2 rows</b> open &lt;think&gt; and never close it" in page
    assert 'missing_close, left out</span><span class="id">&lt;b&gt;7, 8</span>' in page
    assert 'writes today&#39;s date <span class="chip unsure">dated_template</span>' in page
    assert "<dt>padding</dt><dd>&lt;pad&gt;</dd>" in page
    assert '<td>sft</td><td class="n">5</td><td class="n">2</td>' in page


def test_nothing_a_row_says_is_markup(page: str):
    shown = page[page.index('<pre class="mask">') : page.index("</pre>", page.index('<pre class="mask">'))]
    assert "<script" not in shown
    assert "\x1b" not in shown
