import io
import re

from curate.console import PlainConsole
from curate.options import fill
from curate.reporting.lessons import read_lessons
from curate.store.layout import Run
from curate.store.whole_files import write_json
from distill.sft.inspection_tables import BEGIN, render_inspection
from distill.sft.options import DistillOptions
from distill.sft.stage import distill_student
from tests.distill.sft.test_inspector import STUDENTS, inspect, row_of
from tests.distill.tiny import CHATML, make_model, sums, write_set

HOSTILE = "<think>\n\x1b[31mred\x1b[0m [bold]x[/bold] \u202e\n</think>\n\n42"


def shown(renderables, **console) -> str:
    out = io.StringIO()
    page = PlainConsole(file=out, width=200, **console)
    for one in renderables:
        page.print(one)
    return out.getvalue()


def test_rows_show_what_is_learned_with_and_without_colours():
    _, found = inspect(STUDENTS[CHATML], row_of(HOSTILE, id="a"), row_of("<think>\nhm", id="b"))
    plain = shown(render_inspection(found))
    assert f"<|im_start|>assistant\n{BEGIN}<think>" in plain
    assert "⟨U+001B⟩[31mred⟨U+001B⟩[0m [bold]x[/bold] ⟨U+202E⟩" in plain
    assert "\x1b" not in plain
    assert re.search(r"a, \d+ tokens\n.*\nb, 28 tokens: missing_close\n", plain, re.DOTALL)
    assert "missing_close │ 1" in plain
    coloured = shown(render_inspection(found), force_terminal=True, color_system="standard")
    assert "\x1b[2m1+1?\x1b[0m" in coloured
    assert "\x1b[1;7;32m<|im_end|>\x1b[0m" in coloured


def test_long_rows_are_shown_by_their_ends():
    _, found = inspect(STUDENTS[CHATML], row_of("<think>\n" + "a" * 500 + "\n</think>\n\n42"))
    assert "… 328 tokens left out …" in shown(render_inspection(found))


def test_the_report_reads_what_was_found(tmp_path):
    _, found = inspect(STUDENTS[CHATML], row_of(HOSTILE, id="a"), row_of("<think>\nhm", id="b"))
    run = Run(tmp_path)
    write_json(run.inspection("student"), found.describe())
    lessons = read_lessons(run, "student")
    assert [one.kind for one in lessons.left_out] == ["missing_close"]
    assert lessons.left_out[0][1:] == (
        1,
        "open <think> and never close it, as a response that was cut off",
        ["b"],
    )
    assert (lessons.tallies["set"]["rows"], lessons.tallies["set"]["used"]) == (2, 1)
    assert [row["id"] for row in lessons.shown] == ["a"]
    assert "".join(p["text"] for p in lessons.shown[0]["pieces"] if p["learned"]) == HOSTILE + "<|im_end|>"
    assert read_lessons(run, "another") is None


def test_a_dry_run_says_what_would_be_trained_and_writes_nothing(tmp_path):
    make_model(tmp_path / "base")
    rows = [*sums(4), row_of("<think>\nhm", id="b").values]
    given = {
        "run": tmp_path / "run", "model": str(tmp_path / "base"), "dry_run": True,
        "dataset": str(write_set(tmp_path / "set.jsonl", [dict(row) for row in rows])),
    }  # fmt: skip
    before = sorted(tmp_path.rglob("*"))
    strict = distill_student(fill(DistillOptions, given, "test"))
    said = shown(strict.render())
    assert strict.exit_code == 2
    assert "would not be trained on 'set.jsonl': missing_close. --drop-bad leaves out the bad rows." in said
    lenient = distill_student(fill(DistillOptions, {**given, "drop_bad": True}, "test"))
    said = shown(lenient.render())
    assert lenient.exit_code == 0
    assert "would be trained on 4 of 5 rows, 1 with a fault left out; nothing was trained." in said
    assert sorted(tmp_path.rglob("*")) == before
