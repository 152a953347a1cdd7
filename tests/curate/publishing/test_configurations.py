"""What a published set holds beside the rows to train on: those left out with their reasons, other splits, and columns of any version."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import datasets
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import DatasetCard, constants

from curate.options import fill
from curate.publishing.folders import hold_folder
from curate.publishing.rejected_rows import REJECTED_SCHEMA
from curate.readers.read_rows import read_rows
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.publish import PublishOptions, publish_folders
from curate.store.finished_sets import compute_set_digest, describe_files
from curate.store.layout import Run, list_parts
from curate.store.parquet import scan_files, write_part
from curate.store.schema import VERDICTS, verdict_row
from curate.store.whole_files import read_json, write_json
from filters.digest import digest
from filters.errors import UserError
from filters.types import Verdict
from tests.curate.fake_run import make_run
from tests.curate.publishing.hub_server import TOKEN, find_card_faults, serve


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return make_run(tmp_path / "mini", prompts=30, samples=6)


def call(run: Run, **options: object) -> Path:
    return publish_folders(
        fill(PublishOptions, {"run": run.path, "dataset": "sft", "licence": "other", **options}, "publish")
    ).folder


def load(folder: Path, config: str | None, tmp_path: Path, streaming: bool = False):
    found = datasets.load_dataset(
        str(folder), config, split="train", cache_dir=str(tmp_path / "cache"), streaming=streaming
    )
    return list(found) if streaming else found.to_list()


def test_rejected_rows_are_those_of_the_funnel_each_with_its_reason(run: Run, tmp_path: Path):
    folder = call(run, rejected=True)
    rows = load(folder, "rejected", tmp_path)
    assert rows == load(folder, "rejected", tmp_path, streaming=True)
    (funnel, *_) = read_json(run.set_info("sft"))["funnels"]
    counted = pl.DataFrame(rows).group_by("fate", "check").len().rows()
    expected = {("rejected", label, count) for label, count in funnel["rejected"].items() if count}
    assert set(counted) == expected | {("undecided", "math_answer", funnel["undecided"])}
    first = next(row for row in rows if row["check"] == "math_answer" and row["fate"] == "rejected")
    assert (first["rule"], first["source"]) == ("wrong", "teacher") and first["reason"].startswith("wrong: ")
    assert first["completion"][0]["role"] == "assistant" and first["prompt"][0]["role"] == "user"
    assert next(row["reason"] for row in rows if row["fate"] == "undecided") == "timeout: 5 s"
    kept = {row["id"] for row in load(folder, "default", tmp_path)}
    assert kept.isdisjoint(row["id"] for row in rows) and len({row["id"] for row in rows}) == len(rows)


def test_the_default_is_the_rows_to_train_on_for_everybody(run: Run, tmp_path: Path):
    folder = call(run, rejected=True)
    rows = load(folder, None, tmp_path)
    assert rows == load(folder, "default", tmp_path) == load(folder, None, tmp_path, streaming=True)
    assert [row.values["id"] for row in read_rows(str(folder))] == [row["id"] for row in rows]
    made = mix_samples(MixOptions(files=(str(folder),), out=tmp_path / "twice"))
    assert made.rows == len(rows)
    card = DatasetCard.load(folder / "README.md")
    assert [one["config_name"] for one in card.data.configs] == ["default", "rejected"]
    about = {one["config_name"]: one for one in card.data.dataset_info}
    assert about["default"]["splits"][0]["num_examples"] == len(rows)
    assert [one["name"] for one in about["rejected"]["features"]] == REJECTED_SCHEMA.names
    assert find_card_faults(card.data.to_dict()) == []
    assert 'load_dataset(".", "rejected", split="train")' in card.text


def test_withheld_texts_are_not_published_as_rejected(run: Run, tmp_path: Path):
    """Neither of the samples that the check found, nor the prompts that they answer."""
    label, prompts = "secrets", set()
    for part in list_parts(run.samples("teacher")):
        samples = scan_files([part]).select("sample_id", "prompt_id", "content").collect()
        some = set(samples["prompt_id"].unique().sort()[:3])
        prompts |= some
        verdicts = [
            verdict_row(
                key,
                content,
                Verdict(False, "secret: AWS key (1), VALUE") if prompt in some else Verdict(True),
            )
            for key, prompt, content in samples.iter_rows()
        ]
        about = {"check": label, "label": label, "digest": digest(label), "version": 1, "options": {}}
        write_part(run.verdicts("teacher") / label / part.name, verdicts, VERDICTS, about)
    entry = {"check": label, "label": label, "options": {}, "digest": digest(label), "hides_text": True}
    write_json(run.checks("teacher"), [*read_json(run.checks("teacher")), entry])
    rows = load(call(run, rejected=True), "rejected", tmp_path)
    hidden = [row for row in rows if row["completion"] is None]
    known = pl.concat(
        scan_files([part]).select("sample_id", "prompt_id") for part in list_parts(run.samples("teacher"))
    ).collect()
    of = dict(known.iter_rows())
    assert hidden and {row["id"] for row in hidden} == {row["id"] for row in rows if of[row["id"]] in prompts}
    for row in hidden:
        assert row["prompt"] is None and row["reason"] == row["rule"]


def test_rows_left_out_for_their_like_are_rejected_by_that(run: Run, tmp_path: Path):
    mix_samples(fill(MixOptions, {"run": run.path, "source": ["teacher"], "distinct": "response"}, "mix"))
    (funnel,) = read_json(run.set_info("sft"))["funnels"]
    rows = load(call(run, rejected=True), "rejected", tmp_path)
    assert sum(row["check"] == "near_duplicate" for row in rows) == funnel["rejected"]["near_duplicate"] > 0
    assert all(row["reason"] for row in rows)


def test_verdicts_that_changed_since_are_refused(run: Run):
    part = list_parts(run.samples("teacher"))[0]
    sidecar = run.sidecar("teacher", "format", part)
    table = pq.read_table(sidecar)
    wrong = pa.array([False] * table.num_rows)
    pq.write_table(table.set_column(table.column_names.index("ok"), "ok", wrong), sidecar)
    with pytest.raises(UserError, match="are not those that set 'sft' was made with: run mix again"):
        call(run, rejected=True)
    assert not run.published_folder("sft").exists()
    call(run)


def test_a_set_of_files_alone_is_published_from_its_description(run: Run, tmp_path: Path, capsys):
    given = call(run)
    mix_samples(MixOptions(files=(str(given),), out=tmp_path / "loose"))
    folder = publish_folders(
        fill(PublishOptions, {"folder": tmp_path / "loose", "licence": "mit"}, "publish")
    ).folder
    assert folder == tmp_path / "loose.published"
    assert load(folder, None, tmp_path) == pl.read_parquet(tmp_path / "loose" / "*.parquet").to_dicts()
    card = DatasetCard.load(folder / "README.md")
    assert "Mixed from files" in card.text and "No check is known to have been applied to: sft" in card.text
    assert "not compared with any benchmark" in card.text and card.data.pretty_name == "loose"
    for file in folder.rglob("*.*"):
        assert file.is_dir() or str(tmp_path).encode() not in file.read_bytes()
    publish_folders(fill(PublishOptions, {"folder": tmp_path / "loose", "licence": "mit"}, "publish"))
    with pytest.raises(UserError, match=r"only a run keeps the rows .* stands in loose\.rejected\.jsonl"):
        publish_folders(
            fill(
                PublishOptions, {"folder": tmp_path / "loose", "licence": "mit", "rejected": True}, "publish"
            )
        )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"folder": "nowhere"}, "is no set that `mix FILES --out FOLDER` made"),
        ({}, "give either --run RUN, or the FOLDER"),
        ({"folder": "set", "dataset": "sft"}, "--dataset and --model name something in a run"),
        ({"run": "r", "model": "m", "rejected": True}, "a model has none"),
    ],
)
def test_mistakes_are_told(options: dict[str, object], said: str):
    with pytest.raises(UserError, match=said):
        publish_folders(fill(PublishOptions, {"licence": "mit", **options}, "publish"))


def test_a_loose_set_that_was_changed_is_refused(run: Run, tmp_path: Path):
    mix_samples(MixOptions(files=(str(call(run)),), out=tmp_path / "loose"))
    (file, *_) = (tmp_path / "loose").iterdir()
    pq.write_table(pq.read_table(file).slice(1), file)
    with pytest.raises(UserError, match="is not as mix made it"):
        publish_folders(fill(PublishOptions, {"folder": tmp_path / "loose", "licence": "mit"}, "publish"))


def change_files(run: Run, change) -> None:
    """Rewrite the files of the set, as another version of mix would have."""
    for file in run.set("sft").glob("*.parquet"):
        table = pq.read_table(file)
        file.unlink()
        for name, some in change(table).items():
            pq.write_table(some, run.set("sft") / name)
    info = read_json(run.set_info("sft"))
    write_json(run.set_info("sft"), {**info, "files": describe_files(run.set("sft"))})


def test_other_splits_are_published_beside_the_first(run: Run, tmp_path: Path):
    change_files(
        run,
        lambda table: {
            "train-00000-of-00001.parquet": table.slice(5),
            "holdout-00000-of-00001.parquet": table.slice(0, 5),
        },
    )
    folder = call(run)
    found = datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))
    assert {split: rows.num_rows for split, rows in found.items()} == {
        "train": read_json(run.set_info("sft"))["rows"] - 5,
        "holdout": 5,
    }
    assert len(list(read_rows(str(folder)))) == found["train"].num_rows
    text = DatasetCard.load(folder / "README.md").text
    assert 'holdout = load_dataset(".", split="holdout")' in text
    assert "The split `holdout` has 5 rows more, which are in no number below." in text


def test_files_of_several_versions_are_refused(run: Run):
    change_files(
        run,
        lambda table: {
            "train-00000-of-00002.parquet": table,
            "train-00001-of-00002.parquet": table.drop_columns("metadata"),
        },
    )
    with pytest.raises(UserError, match=r"has other columns than 'train-00000-of-00002.parquet'"):
        call(run)


def add_column(table: pa.Table) -> dict[str, pa.Table]:
    more = table.append_column("repeat", pa.array([1] * table.num_rows, pa.int32())).drop_columns(
        "row_source"
    )
    return {"train-00000-of-00001.parquet": more}


def test_another_column_leaves_nothing_of_the_old_ones(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """In the folder, and in the repository after a second push, as `datasets` reads it there."""
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    with serve() as hub:
        for module in (constants, datasets.config):
            monkeypatch.setattr(module, "ENDPOINT" if module is constants else "HF_ENDPOINT", hub.url)
        file = hub.url + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", file)
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
        place = {"repo": "shop/r1-sft", "push": True}

        def look(folder: Path) -> list[str]:
            here = datasets.load_dataset(str(folder), split="train", cache_dir=str(tmp_path / "here"))
            there = datasets.load_dataset("shop/r1-sft", split="train", streaming=True)
            assert list(there) == here.to_list()
            return here.column_names

        first = look(call(run, **place))
        change_files(run, add_column)
        second = look(call(run, **place))
        files = hub.read("shop/r1-sft")
    assert "repeat" not in first and "row_source" in first
    assert "repeat" in second and "row_source" not in second
    assert b"row_source" not in files["README.md"] and b"`repeat`" in files["README.md"]
    pushed = json.loads((run.path / "published" / "sft.pushed.json").read_text())
    assert pushed["repo"] == "shop/r1-sft" and len(pushed["commit"]) == 40
    trained = {**read_json(run.model_info("student-qwen")), "set_digest": compute_set_digest(run.set("sft"))}
    write_json(run.model_info("student-qwen"), trained)
    call(run, dataset=None, model="student-qwen")
    model = (run.published_folder("student-qwen") / "README.md").read_text(encoding="utf-8")
    assert f"shop/r1-sft](https://huggingface.co/datasets/shop/r1-sft) at `{pushed['commit']}`" in model


@pytest.mark.parametrize(
    ("kept", "said"), [((True, False), "what its file says is right"), ((None, None), "No check is known")]
)
def test_a_card_claims_no_check_that_nobody_knows_of(
    tmp_path: Path, kept: tuple[bool | None, ...], said: str
):
    rows = [
        {"prompt": f"{n} + {n}?", "response": f"<think>\nsum\n</think>\n\n{2 * n}"}
        | ({} if one is None else {"kept": one})
        for n, one in enumerate(kept)
    ]
    (tmp_path / "given.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    mix_samples(
        fill(MixOptions, {"files": [str(tmp_path / "given.jsonl")], "out": tmp_path / "loose"}, "mix")
    )
    made = publish_folders(fill(PublishOptions, {"folder": tmp_path / "loose", "licence": "mit"}, "publish"))
    card = (made.folder / "README.md").read_text(encoding="utf-8")
    assert said in card and "rejection sampling with" not in card
    assert (
        ("passed the checks" in card)
        is ("no check is known to have decided" not in card)
        is (kept[0] is True)
    )


def test_a_folder_has_one_maker_at_a_time(run: Run, tmp_path: Path):
    out = tmp_path / "out"
    with ThreadPoolExecutor() as others, hold_folder(out, run):
        second = others.submit(call, run, out=out)
        with pytest.raises(UserError, match=f"the folder '{out}'"):
            second.result()
    assert not out.exists() and call(run, out=out) == out
