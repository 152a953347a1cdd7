"""A set holds no benchmark's problem: mix refuses, or leaves such samples out, counts them and says which."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.mix import MixOptions, MixResult, mix_samples
from curate.stages.publish import PublishOptions, publish_folders
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run, create_run
from filters.errors import UserError

HELD = "Anna buys seven red apples and gives two of them to her brother. How many apples are left to her now?"
CLEAN = "A train leaves the city at noon and drives with eighty kilometres an hour. When is it at the sea, which is far?"


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    rows = [
        {"id": f"r{n}", "prompt": text, "response": f"<think>\nso\n</think>\n\nIt is {n}.", "answer": str(n)}
        for n, text in enumerate([CLEAN, f"Solve this. {HELD}", CLEAN.upper() + " Then?"])
    ]
    return {
        "rows": write(tmp_path / "rows.jsonl", rows),
        "more": write(tmp_path / "more.jsonl", [{**rows[1], "id": "other", "response": "<think>\n\n</think>\n\n5"}]),
        "bench": write(tmp_path / "bench.jsonl", [{"question": "Unrelated words, all of them, that nobody asks anyone."}, {"question": HELD}]),
    }  # fmt: skip


def make_run(folder: Path) -> Run:
    run = create_run(folder / "run")
    (run.path / "sets").mkdir()
    return run


def mix(*files: Path, **more: Any) -> MixResult:
    return mix_samples(MixOptions(files=tuple(map(str, files)), **more))


def test_a_problem_in_a_prompt_refuses_the_set_and_writes_none(tmp_path: Path, files: dict[str, Path]):
    out = tmp_path / "set"
    with pytest.raises(
        UserError,
        match=r"2 accepted samples hold a problem.*'rows'.*row r1.*bench\.jsonl.*--contaminated drop",
    ):
        mix(files["rows"], files["more"], out=out, against=(str(files["bench"]),))
    assert not out.exists() and not out.with_name("set.json").exists()


def test_a_source_is_not_compared_with_itself(tmp_path: Path, files: dict[str, Path]):
    with pytest.raises(UserError, match=r"rows\.jsonl' with itself"):
        mix(files["rows"], out=tmp_path / "set", against=(str(files["bench"]), str(files["rows"])), contaminated="drop")  # fmt: skip


def test_what_is_dropped_is_counted_and_named(tmp_path: Path, files: dict[str, Path]):
    out = tmp_path / "set"
    made = mix(files["rows"], out=out, against=(str(files["bench"]),), contaminated="drop")
    assert [funnel.rejected for funnel in made.funnels] == [{"contamination": 1}]
    assert pl.read_parquet(out / "*.parquet")["row_id"].sort().to_list() == ["r0", "r2"]
    about = json.loads(out.with_name("set.json").read_text())["comparison"]
    assert (about["prompts"], about["contaminated_prompts"], about["rows"]) == (3, 1, 1)
    assert about["shown"][0]["row_id"] == "r1" and "bench.jsonl" in about["shown"][0]["problem"]
    (line,) = [json.loads(line) for line in out.with_name("set.rejected.jsonl").read_text().splitlines()]
    assert (line["fate"], line["id"]) == ("contamination", "r1") and "bench.jsonl line 2" in line["reason"]
    assert explain_sample(ExplainOptions(id="r1", set=out)).rejected == [line]


def test_another_content_of_the_benchmark_makes_the_set_anew(tmp_path: Path, files: dict[str, Path]):
    run = make_run(tmp_path)
    options = {"run": run.path, "source": (str(files["rows"]),), "against": (str(files["bench"]),)}
    with pytest.raises(UserError, match="hold a problem"):
        mix(**options)
    assert run.set_names() == []
    dropped = mix(**options, contaminated="drop")
    assert dropped.rows == 2 and mix(**options, contaminated="drop").rows == 2
    write(
        files["bench"],
        [{"question": "Nothing that anybody here has ever asked, or will ask again, of anyone."}],
    )
    assert mix(**options, contaminated="drop").rows == 3
    assert mix(**options).rows == 3, "nothing is held any more"


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path, files: dict[str, Path]):
    run = make_run(tmp_path)
    before = sorted(run.path.rglob("*"))
    options = {"run": run.path, "source": (str(files["rows"]),), "against": (str(files["bench"]),)}
    with pytest.raises(UserError, match="hold a problem"):
        mix(**options, dry_run=True)
    made = mix(**options, contaminated="drop", dry_run=True)
    assert made.rows == 2 and made.comparison is not None and made.comparison["rows"] == 1
    assert sorted(run.path.rglob("*")) == before
    assert any("1 of 3 prompts hold a problem" in str(said) for said in made.render())


def test_a_run_explains_reports_and_publishes_what_it_left_out(tmp_path: Path, files: dict[str, Path]):
    run = make_run(tmp_path)
    mix(run=run.path, source=(str(files["rows"]),), against=(str(files["bench"]),), contaminated="drop")
    left_out = pl.read_parquet(run.set_left_out("sft"))
    assert left_out["label"].to_list() == ["contamination"]
    (_, row), = explain_sample(ExplainOptions(id=left_out["sample_id"][0], run=run.path)).samples  # fmt: skip
    assert row["sample_id"] == left_out["sample_id"][0]
    page = write_report(ReportOptions(run=run.path)).html.read_text("utf-8")
    assert "Compared with benchmarks" in page and "gives two of them" in page and "bench.jsonl" in page
    publish_folders(PublishOptions(run=run.path, dataset="sft", licence="mit"))
    card = (run.published_folder("sft") / "README.md").read_text()
    assert "1 of them held a problem" in card and "not compared with any benchmark" not in card
    mix(run=run.path, source=(str(files["rows"]),))
    assert not run.set_left_out("sft").exists(), "a set that is made anew without them says nothing of them"


def test_verdicts_by_a_benchmark_that_has_changed_since_decide_nothing(
    tmp_path: Path, files: dict[str, Path]
):
    run = make_run(tmp_path)
    mix(run=run.path, source=(str(files["rows"]),))
    check = (f"contamination:against={files['bench']}",)
    filter_samples(FilterOptions(source=str(run.path), name="rows", check=check, workers=1))
    options = {"run": run.path, "source": ("rows:checks=contamination",)}
    assert mix(**options).rows == 2
    write(
        files["bench"],
        [{"question": "Nothing that anybody here has ever asked, or will ask again, of anyone."}],
    )
    with pytest.raises(UserError, match="What 'contamination' compares 'rows' with has changed"):
        mix(**options)
    filter_samples(FilterOptions(source=str(run.path), name="rows", check=check, workers=1))
    assert mix(**options).rows == 3


def test_a_problem_in_any_turn_is_found(tmp_path: Path, files: dict[str, Path]):
    turns = [{"role": "system", "content": HELD}, {"role": "user", "content": "Solve it."}]
    source = write(tmp_path / "turns.jsonl", [{"prompt": turns, "response": "<think>\n\n</think>\n\n5"}])
    with pytest.raises(UserError, match="hold a problem"):
        mix(source, out=tmp_path / "set", against=(str(files["bench"]),))


def test_an_option_without_benchmarks_is_refused(tmp_path: Path, files: dict[str, Path]):
    with pytest.raises(UserError, match="--against"):
        mix(files["rows"], out=tmp_path / "set", contaminated="drop")
    with pytest.raises(UserError, match="--distinct"):
        mix(files["rows"], out=tmp_path / "set", stays="verified")
