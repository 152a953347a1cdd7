"""A run says which format it has: an earlier one is read, a newer one is refused, and `doctor` tells what is wrong with one."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from curate.audit.run_examination import examine_run
from curate.options import fill
from curate.sampling.generation import require_same_generation
from curate.stages.doctor import DoctorOptions, examine
from curate.stages.mix import MixOptions, mix_samples
from curate.store.layout import FORMAT, Run, create_run, list_parts, open_run
from curate.store.whole_files import read_json, write_json
from filters.errors import UserError
from tests.curate.selection.test_mixing import make_run
from tests.shown import shown


def test_a_new_run_says_its_format(tmp_path: Path):
    run = create_run(tmp_path / "a" / "run")
    assert json.loads((run.path / "format.json").read_text()) == {"format": FORMAT}
    assert create_run(run.path).path == run.path


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ('{"format": 3}', "has format 3, made by a newer r1curate; this one knows formats up to 2: upgrade"),
        ('{"format": "x"}', "does not say which format the run has"),
        ("{", "does not say which format the run has"),
        ("[]", "does not say which format the run has"),
    ],
)
@pytest.mark.parametrize("opened", [open_run, create_run])
def test_a_newer_run_is_refused(tmp_path: Path, said: str, answer: str, opened: Callable[[Path], Run]):
    (tmp_path / "samples").mkdir()
    (tmp_path / "format.json").write_text(said)
    with pytest.raises(UserError, match=answer):
        opened(tmp_path)


def mixed(path: Path) -> Run:
    run = make_run(path)
    write_json(run.generation("teacher"), {"identity": "a model"})
    mix_samples(fill(MixOptions, {"run": path, "source": ["teacher:per_prompt=2"]}, "mix"))
    return run


def test_a_sound_run_has_no_faults(tmp_path: Path):
    run = mixed(tmp_path)
    assert list(examine_run(run)) == []
    result = examine(DoctorOptions(run=run.path))
    assert (result.exit_code, "is sound" in shown(result)) == (0, True)


def change_text(run: Run) -> None:
    (part,) = list_parts(run.samples("teacher"))
    pl.read_parquet(part).with_columns(response=pl.lit("another")).write_parquet(part)


def double(run: Run) -> None:
    (part,) = list_parts(run.samples("teacher"))
    shutil.copy(part, part.with_name("part-00001.parquet"))


def cut(run: Run) -> None:
    (part,) = list_parts(run.samples("teacher"))
    content = bytearray(part.read_bytes())
    content[len(content) // 3 : len(content) // 2] = b"\0" * (len(content) // 2 - len(content) // 3)
    part.write_bytes(content)


def swap_verdicts(run: Run) -> None:
    (file,) = list_parts(run.verdicts("teacher") / "moody")
    pl.read_parquet(file).reverse().with_columns(content=pl.lit("0")).write_parquet(file)


def lose_prompts(run: Run) -> None:
    for file in list_parts(run.prompts("teacher")):
        pl.read_parquet(file).head(1).write_parquet(file)


def add_to_set(run: Run) -> None:
    (file,) = run.set("sft").glob("*.parquet")
    rows = pl.read_parquet(file)
    pl.concat([rows, rows.head(1)]).write_parquet(file)


def change_status(run: Run) -> None:
    (part,) = list_parts(run.samples("teacher"), "partial")
    pl.read_parquet(part).with_columns(status=pl.lit("lost")).write_parquet(part)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (change_text, "is not the text that was written"),
        (double, "is there twice"),
        (cut, "cannot be read|is not the text|whole Parquet"),
        (swap_verdicts, "verdict on another text|other options"),
        (lose_prompts, "Prompt .* is not in"),
        (add_to_set, "[Ss]et 'sft'"),
        (change_status, "unknown status 'lost'"),
    ],
)
def test_what_is_wrong_with_a_run_is_told(tmp_path: Path, change: Callable[[Run], None], says: str):
    run = mixed(tmp_path)
    change(run)
    result = examine(DoctorOptions(run=run.path))
    assert result.exit_code == 1
    faults = [finding for finding in result.findings if finding.fault]  # type: ignore[union-attr]
    assert any(pl.Series([fault.what]).str.contains(says).item() for fault in faults), faults
    assert all(fault.todo for fault in faults)
    assert "Fault: " in shown(result)


@pytest.mark.parametrize("name", ["generation.json", "checks.json", "sft.json"])
@pytest.mark.parametrize("content", ["", "{", "\x00"])
def test_a_damaged_record_is_told_in_a_sentence(tmp_path: Path, name: str, content: str):
    run = mixed(tmp_path)
    places = {
        "generation.json": run.generation("teacher"),
        "checks.json": run.checks("teacher"),
        "sft.json": run.set_info("sft"),
    }
    places[name].write_text(content)
    with pytest.raises(UserError, match="was damaged, or changed by hand: it is not JSON"):
        places[name].exists() and read_json(places[name])
    result = examine(DoctorOptions(run=run.path))
    assert result.exit_code == 1


@pytest.mark.parametrize("lost", ["checks", "generation"])
def test_a_lost_record_lets_nothing_in_unasked(tmp_path: Path, lost: str):
    """Without the checks' record everything would be accepted, without the generation's any model's samples join."""
    run = mixed(tmp_path)
    (run.checks("teacher") if lost == "checks" else run.generation("teacher")).unlink()
    assert examine(DoctorOptions(run=run.path)).exit_code == 1
    if lost == "checks":
        with pytest.raises(
            UserError, match=r"There are verdicts of 'moody' on 'teacher', but '.*' does not say"
        ):
            mix_samples(fill(MixOptions, {"run": tmp_path, "source": ["teacher"], "name": "all"}, "mix"))
    else:
        with pytest.raises(UserError, match="does not say with which model the samples there were generated"):
            require_same_generation(run, "teacher", {"identity": "another"})


def test_a_text_changed_by_hand_comes_into_no_set(tmp_path: Path):
    run = mixed(tmp_path)
    change_text(run)
    with pytest.raises(
        UserError, match="is not the text that was written: this run folder was changed by hand"
    ):
        mix_samples(fill(MixOptions, {"run": tmp_path, "source": ["teacher"], "name": "other"}, "mix"))


def test_what_is_only_stale_is_no_fault(tmp_path: Path):
    run = mixed(tmp_path)
    run.sidecar("teacher", "moody", list_parts(run.samples("teacher"))[0]).unlink()
    result = examine(DoctorOptions(run=run.path))
    assert result.exit_code == 0
    assert "Note: 1 parts of 'teacher' have no verdicts of 'moody'." in shown(result)
