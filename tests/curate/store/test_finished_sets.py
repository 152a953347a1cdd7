"""A set is there when its information is, and exactly the files that this lists; else it is made again, and not read."""

import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from curate.options import fill
from curate.reporting.run_facts import read_facts
from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.publish import PublishOptions, publish_folders
from curate.store.finished_sets import list_set_files
from curate.store.layout import Run
from curate.store.whole_files import read_json, write_json
from distill.common.training_sets import find_set
from filters.errors import UserError
from tests.curate.selection.test_mixing import make_run, make_set
from tests.shown import shown

FILE = "train-00000-of-00001.parquet"


def lose_the_folder(run: Run) -> None:
    shutil.rmtree(run.set("sft"))


def lose_the_information(run: Run) -> None:
    run.set_info("sft").unlink()


def lose_the_file(run: Run) -> None:
    (run.set("sft") / FILE).unlink()


def lose_a_row(run: Run) -> None:
    path = run.set("sft") / FILE
    pl.read_parquet(path)[1:].write_parquet(path)


def cut_the_file(run: Run) -> None:
    path = run.set("sft") / FILE
    path.write_bytes(path.read_bytes()[:-9])


def rename_the_file(run: Run) -> None:
    (run.set("sft") / FILE).rename(run.set("sft") / "train.parquet")


def add_a_file(run: Run) -> None:
    shutil.copy(run.set("sft") / FILE, run.set("sft") / "train-00001-of-00001.parquet")


def add_other_rows(run: Run) -> None:
    (run.set("sft") / "mine.jsonl").write_text("{}\n")


def add_a_folder(run: Run) -> None:
    shutil.copytree(run.set("sft"), run.set("sft") / "more")


GONE = [lose_the_folder, lose_the_information]
CHANGED = [
    lose_the_file,
    lose_a_row,
    cut_the_file,
    rename_the_file,
    add_a_file,
    add_other_rows,
    add_a_folder,
]


def publish(run: Run) -> None:
    publish_folders(fill(PublishOptions, {"run": run.path, "dataset": "sft", "licence": "mit"}, "publish"))


def explain(run: Run, key: str) -> str:
    return shown(explain_sample(fill(ExplainOptions, {"run": run.path, "id": key}, "explain")))


@pytest.mark.parametrize("change", [*GONE, *CHANGED])
def test_a_set_that_was_changed_is_made_again(tmp_path: Path, change: Callable[[Run], None]):
    run = make_run(tmp_path)
    before, _ = make_set(run, source=["teacher"])
    change(run)
    again, _ = make_set(run, source=["teacher"])
    assert again.equals(before)
    assert [file.name for file in run.set("sft").iterdir()] == [FILE]
    assert list_set_files(run, "sft") == [run.set("sft") / FILE]


@pytest.mark.parametrize("change", GONE)
def test_a_set_that_is_gone_is_not_there_for_anyone(tmp_path: Path, change: Callable[[Run], None]):
    run = make_run(tmp_path)
    rows, _ = make_set(run, source=["teacher"])
    change(run)
    assert run.set_names() == []
    assert read_facts(run).sets == []
    assert "selected" not in explain(run, rows["id"][0])
    with pytest.raises(UserError, match="has no set 'sft'; there are: none"):
        publish(run)
    with pytest.raises(UserError, match="There is no set 'sft'"):
        find_set(run, "sft")


@pytest.mark.parametrize("change", CHANGED)
def test_a_set_that_was_changed_is_read_by_no_one(tmp_path: Path, change: Callable[[Run], None]):
    run = make_run(tmp_path)
    rows, _ = make_set(run, source=["teacher"])
    change(run)
    readers = [
        read_facts,
        publish,
        lambda run: find_set(run, "sft"),
        lambda run: explain(run, rows["id"][0]),
    ]
    for read in readers:
        with pytest.raises(UserError, match=r"Set 'sft' of .* is not as mix made it: .*; run mix again"):
            read(run)


def test_a_set_of_an_earlier_version_lists_no_files(tmp_path: Path):
    run = make_run(tmp_path)
    make_set(run, source=["teacher"])
    info = read_json(run.set_info("sft"))
    del info["files"]
    write_json(run.set_info("sft"), info)
    assert list_set_files(run, "sft") == [run.set("sft") / FILE]
    lose_a_row(run)
    with pytest.raises(UserError, match="it has 5 rows, not 6"):
        list_set_files(run, "sft")
