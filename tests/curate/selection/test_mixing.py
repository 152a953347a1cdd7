"""Selection happens once, the funnel adds up, and the set is what TRL and datasets take."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curate.checking.run_checks import run_checks
from curate.options import fill
from curate.selection.funnel import Funnel
from curate.stages.mix import MixOptions, mix_samples
from curate.store.journal import SampleWriter
from curate.store.layout import Run
from curate.store.parquet import write_table
from curate.store.schema import prompt_table
from curate.store.verdict_index import index_verdicts
from filters.digest import digest
from filters.errors import UserError
from filters.types import Prompt, Sample
from tests.curate.checking.test_local_executor import spec

TEXTS = ["ok", "ok", "bad", "unsure", "fine", "much too long for short"]


def make_run(path: Path) -> Run:
    """Three prompts with six samples each, one of them failed once and one failed for good."""
    run = Run(path)
    prompts = [Prompt.make(f"Question {n}", str(n), domain="math", language="en") for n in range(3)]
    write_table(run.prompts("teacher") / "part-00000.parquet", prompt_table(prompts))
    with SampleWriter(run, "teacher", []) as writer:
        for prompt in prompts:
            for index, text in enumerate(TEXTS):
                writer.add(Sample(digest(prompt.id, index), prompt, text, index, len(text)), {})
        writer.add(Sample(digest("x"), prompts[0], "", 6, None, "error"), {}, "failed", error="gone")
        writer.add(Sample(digest(prompts[0].id, 0), prompts[0], "", 0, None, "error"), {}, "failed")
    run_checks(run, "teacher", [spec("Moody"), spec("Short")], workers=1)
    return run


def make_set(run: Run, **options: object) -> tuple[pl.DataFrame, Funnel]:
    mix_samples(fill(MixOptions, {"run": run.path, **options}, "mix"))
    about = json.loads((run.path / "sets" / "sft.json").read_text())
    return pl.read_parquet(run.path / "sets/sft/*.parquet"), Funnel(**about["funnels"][0])


def test_the_funnel_is_an_identity(tmp_path: Path):
    rows, funnel = make_set(make_run(tmp_path), source=["teacher"])
    assert funnel.sampled == 19
    assert funnel.rejected == {"moody": 3, "short": 3}
    assert (funnel.undecided, funnel.failed, funnel.selected) == (3, 1, 6)
    assert funnel.repeated == 3, "equal responses to one prompt are selected once"
    assert rows.height == 6
    funnel.check()


def test_the_first_by_index_are_taken_whatever_their_length(tmp_path: Path):
    rows, _ = make_set(make_run(tmp_path), source=["teacher:per_prompt=1,choose=first"])
    accepted = next(text for text in TEXTS if text in ("ok", "fine"))
    assert {row["completion"][0]["content"] for row in rows.iter_rows(named=True)} == {accepted}


def test_rows_say_what_was_asked_answered_and_where_they_came_from(tmp_path: Path):
    rows, _ = make_set(make_run(tmp_path), source=["teacher:per_prompt=1"])
    assert rows.height == 3
    row = rows.row(0, named=True)
    assert [turn["role"] for turn in row["prompt"] + row["completion"]] == ["user", "assistant"]
    assert row["completion"][0]["content"] in ("ok", "fine")
    assert (row["source"], row["domain"], row["language"]) == ("teacher", "math", "en")


def test_the_order_of_checks_names_the_first_that_failed(tmp_path: Path):
    run = make_run(tmp_path)
    run_checks(run, "teacher", [spec("Short", longest=2)], workers=1)
    _, funnel = make_set(run, source=["teacher:checks=short+moody"])
    assert funnel.rejected == {"short": 12, "moody": 0}


def test_a_later_check_decides_where_the_first_could_not(tmp_path: Path):
    _, funnel = make_set(make_run(tmp_path), source=["teacher:checks=moody|short+short"])
    assert funnel.undecided == 0
    assert funnel.selected == 9


def test_another_seed_takes_others_the_same_seed_the_same(tmp_path: Path):
    run = make_run(tmp_path)
    first = make_set(run, source=["teacher:rows=3"])[0]["id"].to_list()
    again = make_set(run, source=["teacher:rows=3"], seed=0)[0]["id"].to_list()
    others = [make_set(run, source=["teacher:rows=3"], seed=seed)[0]["id"].to_list() for seed in (1, 2, 3)]
    assert first == again
    assert any(other != first for other in others)


def test_a_general_file_is_merged_and_traceable(tmp_path: Path):
    run = make_run(tmp_path / "run")
    general = tmp_path / "general.jsonl"
    rows = [{"prompt": f"Hello {n}", "response": f"Hi {n}", "domain": "general"} for n in range(5)]
    general.write_text("".join(json.dumps(row) + "\n" for row in rows))
    merged, _ = make_set(run, source=["teacher", f"{general}:rows=4"])
    assert dict(merged["source"].value_counts().iter_rows()) == {"teacher": 6, "general": 4}
    assert run.sample_names() == ["general", "teacher"]
    general.write_text(json.dumps(rows[0]) + "\n")
    merged, _ = make_set(run, source=["teacher", str(general)])
    assert merged.filter(pl.col("source") == "general").height == 1


def test_datasets_opens_the_set(tmp_path: Path):
    from datasets import load_dataset

    run = make_run(tmp_path / "run")
    make_set(run, source=["teacher"])
    loaded = load_dataset(str(run.set("sft")), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.num_rows == 6
    assert loaded.column_names[:2] == ["prompt", "completion"]


def test_nothing_changed_means_nothing_is_written(tmp_path: Path):
    run = make_run(tmp_path)
    make_set(run, source=["teacher"])
    before = {path: path.stat().st_mtime_ns for path in run.set("sft").glob("*")}
    make_set(run, source=["teacher"])
    assert before == {path: path.stat().st_mtime_ns for path in run.set("sft").glob("*")}


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nobody", "There is no file or folder 'nobody'"),
        ("teacher:checks=missing", "no verdicts of 'missing'"),
        ("teacher:per_promt=1", "there is no option 'source.1.per_promt'; did you mean 'per_prompt'"),
        ("teacher:rows=0", "greater than 0"),
        (
            "teacher:checks=moody+",
            r"option 'source.1': .* a check without a name; .* \(got 'teacher:checks=moody\+'\)",
        ),
        ("teacher:checks=", "names a check without a name"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, source: str, message: str):
    run = make_run(tmp_path)
    with pytest.raises(UserError, match=message):
        make_set(run, source=[source])


def copy_part(run: Run) -> None:
    for folder in (
        run.samples("teacher"),
        run.verdicts("teacher") / "moody",
        run.verdicts("teacher") / "short",
    ):
        shutil.copy(folder / "part-00000.parquet", folder / "part-00001.parquet")


def double_a_sample(run: Run) -> None:
    for folder in (
        run.samples("teacher"),
        run.verdicts("teacher") / "moody",
        run.verdicts("teacher") / "short",
    ):
        part = folder / "part-00000.parquet"
        rows = pq.read_table(part)
        pq.write_table(pa.concat_tables([rows, rows.slice(0, 1)]), part)


def lose_a_prompt(run: Run) -> None:
    part = run.prompts("teacher") / "part-00000.parquet"
    pl.read_parquet(part)[:2].write_parquet(part)


def lose_all_prompts(run: Run) -> None:
    (run.prompts("teacher") / "part-00000.parquet").unlink()


def cut_a_part(run: Run) -> None:
    part = run.samples("teacher") / "part-00000.parquet"
    part.write_bytes(part.read_bytes()[:-9])


def write_over_a_part(run: Run) -> None:
    (run.samples("teacher") / "part-00000.parquet").write_text("{}", "utf-8")


def spell_verdicts(run: Run) -> None:
    part = run.verdicts("teacher") / "moody" / "part-00000.parquet"
    pl.read_parquet(part).with_columns(pl.col("ok").cast(pl.String)).write_parquet(part)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (copy_part, "is there twice in"),
        (double_a_sample, "is there twice in"),
        (lose_a_prompt, "Prompt .* is not in .*prompts/teacher"),
        (lose_all_prompts, r"There is no file part-\*\.parquet in .*prompts/teacher"),
        (cut_a_part, "is not a whole Parquet file"),
        (write_over_a_part, "is not a whole Parquet file"),
        (spell_verdicts, "is damaged"),
    ],
)
def test_a_run_that_was_changed_by_hand_gives_no_set(
    tmp_path: Path, change: Callable[[Run], None], says: str
):
    run = make_run(tmp_path)
    change(run)
    with pytest.raises(UserError, match=says):
        make_set(run, source=["teacher"])
    assert not run.set_info("sft").exists()
    assert not run.set("sft").exists()


def test_what_is_sampled_twice_is_neither_resumed_nor_counted(tmp_path: Path):
    run = make_run(tmp_path)
    assert len(index_verdicts(run, "teacher", ["moody"])) == 3
    copy_part(run)
    with pytest.raises(UserError, match="Samples are there twice in"):
        index_verdicts(run, "teacher", ["moody"])


def test_checks_by_repairs_that_were_not_made_name_the_command(tmp_path: Path):
    run = make_run(tmp_path / "run")
    with pytest.raises(UserError, match="run verify --repair, with Moody"):
        mix_samples(MixOptions(run=run.path, source=["teacher:checks=Moody@repaired"]))
