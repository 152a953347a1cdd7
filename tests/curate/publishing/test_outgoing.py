"""What is published says nothing of the machine it was made on, whichever record or file it stood in."""

import json
import shutil
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from huggingface_hub import DatasetCard, ModelCard

from curate.options import fill
from curate.stages.publish import PublishOptions, publish_folders
from curate.stages.report import ReportOptions, write_report
from curate.store.finished_sets import describe_files, list_set_files
from curate.store.layout import Run
from curate.store.whole_files import read_json, write_json
from filters.errors import UserError
from tests.curate.fake_run import make_run

ENDPOINT = "http://user:hunter22secret@internal-host:8000/v1?key=abc1234567"
TOKEN = "hf_AbCdEfGhIjKlMnOpQrStUvWxYz012345"
VALUE = "a-value-of-the-environment"
SPACED = "/srv/ann lee/private models/teacher"
WINDOWS = "C:\\Users\\Ann Lee\\models\\base"
SECRETS = (
    *("hunter22secret", "internal-host", "abc1234567", "user:", TOKEN, VALUE, "/srv", "ann lee", "private models"),
    *("Users", "Ann Lee", "/home/ann", "~/", "bucket-of-ours"),
)  # fmt: skip
SAID = (
    f"The judge {ENDPOINT} answered 401: internal-host refuses {TOKEN}; see '{SPACED}/log.txt', /home/ann/x/notes.md, "
    f"{WINDOWS} and ~/logs/y, or s3://bucket-of-ours/data.jsonl with api_key={VALUE}"
)


def change(path: Path, **values: object) -> None:
    write_json(path, {**read_json(path), **values})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("outgoing") / "mini", prompts=12, samples=4).path


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that says where it was made in every record that is published, or that a card tells of."""
    monkeypatch.setenv("SHOP_API_KEY", VALUE)
    run = Run(Path(shutil.copytree(made, tmp_path / "ann" / "mini")))
    judge = {"check": f"{SPACED}/judges.py:Mine", "label": "math_answer", "role": "verifier",
             "options": {"engine": {"endpoints": [ENDPOINT], "api_key_env": "SHOP_API_KEY", "model": SPACED}, "note": SAID}}  # fmt: skip
    checks = read_json(run.checks("teacher"))
    write_json(run.checks("teacher"), [{**checks[0], **judge}, *checks[1:]])
    change(run.generation("teacher"), model=SPACED, endpoint=ENDPOINT, note=SAID)
    change(run.import_info("general"), source=f"{WINDOWS}\\general.jsonl", extra=SAID)
    change(run.set_info("sft"), note=SAID, inputs=[f"{SPACED}/a.jsonl"], token=TOKEN)
    about = read_json(run.model_info("student-qwen"))
    options = {**about["options"], "dataset": f"{SPACED}/set", "endpoint": ENDPOINT, "note": SAID}
    change(run.model_info("student-qwen"), options=options, troubles=[SAID])
    change(
        run.evaluation_metrics("qwen"), note=SAID, sampling={"temperature": 0.6, "max_tokens": 5, "x": SAID}
    )
    run.recipe.write_text(f"judge: {ENDPOINT}\n")
    return run


def call(run: Run, **options: object) -> Path:
    return publish_folders(
        fill(PublishOptions, {"run": run.path, "licence": "other", **options}, "publish")
    ).folder


def require_clean(run: Run, folder: Path) -> None:
    for file in (path for path in folder.rglob("*") if path.is_file()):
        for secret in (*SECRETS, str(run.path.parent)):
            assert secret.encode() not in file.read_bytes(), (file.name, secret)


def test_a_set_names_no_server_no_key_and_no_folder(run: Run):
    turn = pa.struct(
        [("role", pa.string()), pa.field("content", pa.large_string(), metadata={"from": SPACED})]
    )
    for file in list_set_files(run, "sft"):
        noted = pq.read_schema(file)
        for name, kind in (("answer", pa.large_string()), ("prompt", pa.list_(turn))):
            noted = noted.set(noted.get_field_index(name), pa.field(name, kind, metadata={"from": SPACED}))
        pq.write_table(pq.read_table(file).cast(noted.with_metadata({"r1curate": SAID})), file)
        assert pq.read_schema(file).to_string().count("metadata") > 3
    change(run.set_info("sft"), files=describe_files(run.set("sft")))
    rows = pl.read_parquet(run.set("sft") / "*.parquet")
    folder = call(run, dataset="sft")
    require_clean(run, folder)
    assert pl.read_parquet(folder / "data" / "*.parquet").equals(rows)
    for file in (folder / "data").iterdir():
        assert "from" not in pq.read_schema(file).to_string()
    about = read_json(folder / "r1curate.json")
    assert about["inputs"] == ["a.jsonl"] and about["token"] == "(secret)"
    assert about["note"] == (
        "The judge a server answered 401: a server refuses (secret); see 'log.txt', notes.md, base and y, "
        "or data.jsonl with api_key=(secret)"
    )
    card = DatasetCard.load(folder / "README.md")
    assert "`teacher`" in card.text and card.data.license == "other"


def test_a_model_names_no_server_no_key_and_no_folder(run: Run, capsys: pytest.CaptureFixture[str]):
    model = run.model("student-qwen")
    template = "{{ '/home/is/where' }} <think> /think"
    write_json(model / "config.json", {"model_type": "qwen2", "_name_or_path": SPACED})
    write_json(model / "tokenizer_config.json", {"name_or_path": WINDOWS, "chat_template": template})
    (model / "training_args.bin").write_bytes(SPACED.encode())
    (model / "trainer_state.json").write_text(json.dumps({"best_model_checkpoint": SPACED}))
    (model / "runs").mkdir()
    (model / "runs" / "events.out.tfevents.1.internal-host.0").write_text(SPACED)
    folder = call(run, model="student-qwen")
    require_clean(run, folder)
    assert {path.name for path in folder.iterdir()} == {
        *("README.md", "config.json", "model.safetensors", "r1curate.json", "tokenizer_config.json")
    }
    assert read_json(folder / "config.json") == {"model_type": "qwen2", "_name_or_path": "teacher"}
    assert read_json(folder / "tokenizer_config.json") == {"name_or_path": "base", "chat_template": template}
    assert (
        "no loader of the model reads it: runs, trainer_state.json, training_args.bin"
        in capsys.readouterr().err
    )
    ModelCard.load(folder / "README.md")


@pytest.mark.parametrize("said", [TOKEN, VALUE, "hunter22secret"])
def test_a_key_in_a_file_of_the_model_itself_is_refused(run: Run, said: str):
    file = run.model("student-qwen") / "chat_template.jinja"
    file.write_text(f"{{# {said} #}}")
    with pytest.raises(UserError, match=r"chat_template\.jinja' holds a key"):
        call(run, model="student-qwen")
    assert not run.published_folder("student-qwen").exists()


def test_keys_in_rows_are_named_and_left(run: Run, capsys: pytest.CaptureFixture[str]):
    (file, *_) = list_set_files(run, "sft")
    rows = pl.read_parquet(file)
    told = [{"role": "assistant", "content": f"Use {TOKEN}."}]
    changed = rows.with_columns(completion=pl.Series([told] * rows.height, dtype=rows.schema["completion"]))
    pq.write_table(changed.to_arrow().cast(pq.read_schema(file)), file)
    change(run.set_info("sft"), files=describe_files(run.set("sft")))
    folder = call(run, dataset="sft")
    said = capsys.readouterr().err
    assert f"{rows.height} rows hold something that looks like a key or a token ({rows['id'][0]}, " in said
    assert pl.read_parquet(folder / "data" / file.name).equals(changed)
    assert TOKEN.encode() not in (folder / "README.md").read_bytes()


@pytest.mark.parametrize("column", ["metadata", "row_id", "domain"])
def test_keys_in_other_columns_of_rows_are_named_too(
    run: Run, capsys: pytest.CaptureFixture[str], column: str
):
    (file, *_) = list_set_files(run, "sft")
    rows = pl.read_parquet(file)
    told = json.dumps({"note": TOKEN})
    changed = rows.with_columns(pl.lit(told).cast(rows.schema[column]).alias(column))
    pq.write_table(changed.to_arrow().cast(pq.read_schema(file)), file)
    change(run.set_info("sft"), files=describe_files(run.set("sft")))
    call(run, dataset="sft")
    assert f"{rows.height} rows hold something that looks like a key" in capsys.readouterr().err


def test_rows_without_keys_are_not_complained_of(run: Run, capsys: pytest.CaptureFixture[str]):
    call(run, dataset="sft")
    assert "looks like a key" not in capsys.readouterr().err


def test_a_report_holds_no_key(run: Run):
    write_report(ReportOptions(run=run.path))
    page = run.report.read_bytes()
    for secret in ("hunter22secret", "abc1234567", TOKEN, VALUE):
        assert secret.encode() not in page


def test_a_sets_name_is_its_schema(run: Run):
    """A schema without metadata is copied as it is, byte for byte."""
    (file, *_) = list_set_files(run, "sft")
    assert pq.read_schema(file).metadata is None and pa.types.is_list(
        pq.read_schema(file).field("prompt").type
    )
    folder = call(run, dataset="sft")
    assert (folder / "data" / file.name).read_bytes() == file.read_bytes()
