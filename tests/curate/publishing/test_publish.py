"""What is published opens with the Hub's own libraries, says what it is, and names nobody's folders."""

import json
import shutil
from pathlib import Path

import datasets
import polars as pl
import pytest
from huggingface_hub import DatasetCard, ModelCard

from curate.calibration.calibration import (
    FALSE_ACCEPT,
    FALSE_REJECT,
    Calibration,
    JudgeRate,
    write_calibration,
)
from curate.calibration.told_rows import list_rows
from curate.options import fill
from curate.publishing.card_facts import compose
from curate.publishing.cards import code_span
from curate.publishing.hub import Destination
from curate.readers.read_rows import read_rows
from curate.readers.read_samples import Traces
from curate.reporting.audits import read_audits
from curate.reporting.models import read_models
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.publish import PublishOptions, PublishResult, publish_folders
from curate.store.finished_sets import compute_set_digest
from curate.store.layout import Run
from curate.store.whole_files import read_json, write_json
from distill.sft.tokens import read_completion
from filters.digest import digest
from filters.errors import UserError
from tests.curate.fake_run import HOSTILE, add_rewarded, make_run
from tests.curate.publishing.hub_server import find_card_faults
from tests.shown import shown


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return make_run(tmp_path_factory.mktemp("publish") / "mini")


def call(run: Run, **options: object) -> PublishResult:
    return publish_folders(
        fill(PublishOptions, {"run": run.path, "licence": "apache-2.0", **options}, "publish")
    )


@pytest.fixture(scope="module")
def dataset(run: Run) -> Path:
    call(run, dataset="sft", repo="shop/r1-sft")
    return run.path / "published" / "sft"


@pytest.fixture(scope="module")
def model(run: Run, dataset: Path) -> Path:
    call(run, model="student-qwen")
    return run.path / "published" / "student-qwen"


def test_datasets_opens_the_folder_with_the_features_of_its_card(dataset: Path, run: Run, tmp_path: Path):
    rows = datasets.load_dataset(str(dataset), split="train", cache_dir=str(tmp_path))
    assert rows.num_rows == read_json(run.path / "sets" / "sft.json")["rows"]
    turns = datasets.List({"role": datasets.Value("string"), "content": datasets.Value("large_string")})
    assert rows.features["prompt"] == rows.features["completion"] == turns
    assert rows.features["tokens"] == datasets.Value("int32")
    assert rows.column_names == pl.read_parquet(run.set("sft") / "*.parquet").columns
    assert rows[0]["completion"][0]["role"] == "assistant"


def test_what_was_published_is_read_back_row_by_row_the_same(dataset: Path, run: Run, tmp_path: Path):
    """By `filter` and `mix`, by the checks that `distill` makes on rows, and by `datasets`."""
    first = pl.read_parquet(run.set("sft") / "*.parquet").to_dicts()
    assert datasets.load_dataset(str(dataset), split="train", cache_dir=str(tmp_path)).to_list() == first
    traces = Traces(str(dataset))
    again = [one for found in traces.make_reader().read(traces.read_rows()) for one in found.samples]
    assert [list(one.reading.messages) for one in again] == [one["prompt"] for one in first]
    texts = [one["completion"][0]["content"] for one in first]
    assert [one.reading.response for one in again] == texts
    said = [(one.prompt.source_id, one.prompt.source, one.prompt.language, one.facts.tokens) for one in again]
    assert said == [(one["row_id"], one["row_source"], one["language"], one["tokens"]) for one in first]
    assert [read_completion(one) for one in read_rows(str(dataset))] == texts
    made = mix_samples(MixOptions(files=(str(dataset),), out=tmp_path / "twice"))
    keys = (
        "prompt",
        "completion",
        "row_id",
        "row_source",
        "domain",
        "language",
        "answer",
        "tokens",
        "metadata",
    )
    twice = pl.read_parquet(made.folder / "*.parquet").to_dicts()
    assert sorted(json.dumps({k: one[k] for k in keys}) for one in twice) == sorted(
        json.dumps({k: one[k] for k in keys}) for one in first
    )


def test_the_card_of_a_set_parses_and_agrees_with_the_files(dataset: Path):
    data = DatasetCard.load(dataset / "README.md").data
    assert data.license == "apache-2.0"
    assert data.language == ["en", "zh"]
    assert data.task_categories == ["text-generation"]
    assert data.size_categories == "n<1K"
    (config,) = data.configs
    (files,) = config["data_files"]
    assert files["split"] == "train" and list(dataset.glob(files["path"]))
    names = [feature["name"] for feature in data.dataset_info["features"]]
    assert names == pl.read_parquet_schema(next((dataset / "data").glob("*.parquet"))).names()


def test_the_card_of_a_set_tells_the_funnel_the_checks_and_the_limits(dataset: Path):
    text = (dataset / "README.md").read_text(encoding="utf-8")
    assert "| sampled | 721 | 100.0% |" in text and "| rejected by language |" in text
    assert "`min_share 0.95`" in text, "options of checks"
    assert "`shop/teacher-1M`" in text and "temperature 1.0" in text and "c0ffee" in text
    assert "could not be judged" in text and "No check is known to have been applied to: general" in text
    assert "not compared with any benchmark" in text
    assert 'load_dataset("shop/r1-sft"' in text


def test_the_card_of_a_set_shows_its_audits(run: Run, tmp_path: Path):
    meaning = "own reference rejected"
    rate = {"meaning": meaning, "tried": 200, "errors": 1, "rate": 0.005, "low": 0.001, "high": 0.028}
    file = run.verdicts("teacher") / "audit.json"
    file.write_text(
        json.dumps(
            {"math_answer": {"digest": digest("math_answer"), "second_rule": None, "false_reject": rate}}
        )
    )
    call(run, dataset="sft", out=tmp_path / "out")
    file.unlink()
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    row = "| `teacher` | `math_answer` | `own reference rejected` | 200 | 1 | 0.5% [0.1%, 2.8%] |"
    assert "## Audits" in text and row in text


def test_a_model_folder_is_whole_and_its_card_parses(model: Path):
    assert {path.name for path in model.iterdir()} == {
        "README.md", "config.json", "model.safetensors", "r1curate.json",
    }  # fmt: skip
    data = ModelCard.load(model / "README.md").data
    assert data.base_model == "Qwen/Qwen2.5-0.5B"
    assert data.datasets == ["shop/r1-sft"], "the set was published from this run before"
    assert (data.library_name, data.pipeline_tag, data.license) == (
        "transformers",
        "text-generation",
        "apache-2.0",
    )
    (result,) = data.eval_results
    assert (result.metric_type, result.metric_value) == ("pass@1", 0.518)
    assert result.metric_args == {"low": 0.487, "high": 0.548}


def test_the_card_of_a_model_says_how_to_sample_and_how_it_was_trained(model: Path):
    text = (model / "README.md").read_text(encoding="utf-8")
    assert "temperature=0.6, top_p=0.95, max_tokens=512" in text
    assert "51.8% [48.7%, 54.8%]" in text and "14.3% [12.2%, 16.7%]" in text
    assert "17,300, of which 12,100 contribute to the loss" in text and "| `batch_size` | `64` |" in text
    assert "273 selected of 721 samples" in text


def test_a_base_model_in_a_folder_is_named_without_its_place(run: Run):
    call(run, model="student-llama")
    folder = run.path / "published" / "student-llama"
    assert ModelCard.load(folder / "README.md").data.base_model is None
    assert "Fine-tuned from `base-llama`" in (folder / "README.md").read_text(encoding="utf-8")


def test_published_files_name_no_folder_of_this_machine(run: Run, dataset: Path, model: Path):
    call(run, model="student-llama")
    for file in (run.path / "published").rglob("*"):
        if file.suffix in (".md", ".json"):
            assert str(run.path.parent) not in file.read_text(encoding="utf-8")


def test_a_model_trained_on_rewards_says_so_and_keeps_its_rollouts(run: Run, tmp_path: Path):
    add_rewarded(run)
    call(run, model="rewarded", out=tmp_path / "out")
    shutil.rmtree(run.model("rewarded"))
    assert not (tmp_path / "out" / "rollouts.jsonl").exists()
    card = ModelCard.load(tmp_path / "out" / "README.md")
    assert "grpo" in card.data.tags and "sft" not in card.data.tags and card.data.datasets is None
    assert "Trained from `base-llama` with reinforcement learning" in card.text
    assert (
        "| rewards | 1 × math_answer, 0.5 × format |" in card.text
        and "| `clip_range` | `10.0` |" in card.text
    )
    assert "- prompts: `train.jsonl`" in card.text and "Trouble while it was trained: `collapse" in card.text
    assert "tuned by imitation" not in card.text and "set" not in read_json(
        tmp_path / "out" / "r1curate.json"
    )
    for file in ("README.md", "r1curate.json"):
        assert str(run.path.parent) not in (tmp_path / "out" / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "where"),
    [("logits", "the completions of the set"), ("on_policy", "its own responses to the prompts of the set")],
)
def test_a_model_that_matched_a_teacher_names_it(run: Run, tmp_path: Path, kind: str, where: str):
    file = run.model("student-qwen") / "r1curate.json"
    before = file.read_text(encoding="utf-8")
    told = {"teacher": "Qwen/Qwen3-8B", "teacher_commit": "abc123", "divergence": 1.0}
    about = json.loads(before)
    point = {**about["loss"][0], "tokens": 30.0, "truncated": 0.0}
    file.write_text(json.dumps({**about, "kind": kind, **told, "loss": [point]}), encoding="utf-8")
    (made,) = (one for one in read_models(run) if one.name == "student-qwen")
    call(run, model="student-qwen", out=tmp_path / "out")
    file.write_text(before, encoding="utf-8")
    assert list(made.curves) == [
        "divergence from the teacher",
        "response length, tokens",
        "share of responses cut off",
    ]
    card = ModelCard.load(tmp_path / "out" / "README.md")
    assert kind.replace("_", "-") in card.data.tags and "sft" not in card.data.tags
    assert "match the distribution of its teacher, `Qwen/Qwen3-8B` (commit `abc123`)" in card.text
    assert f"at each token of {where}" in card.text and "supervised fine-tuning" not in card.text
    assert "| teacher | `Qwen/Qwen3-8B, commit abc123` |" in card.text
    assert "| divergence | 1 (0 forward KL, 1 reverse KL) |" in card.text


def test_a_set_made_anew_is_not_told_as_the_models_though_it_has_as_many_rows(tmp_path: Path):
    run = make_run(tmp_path / "mini", prompts=12, samples=4)
    rows = read_json(run.set_info("sft"))["rows"]
    call(run, model="student-qwen")
    assert "selected of" in (run.published_folder("student-qwen") / "README.md").read_text(encoding="utf-8")
    mix_samples(
        fill(MixOptions, {"run": run.path, "source": ["teacher:per_prompt=4", "general"], "seed": 5}, "mix")
    )
    assert read_json(run.set_info("sft"))["rows"] == rows
    call(run, model="student-qwen")
    text = (run.published_folder("student-qwen") / "README.md").read_text(encoding="utf-8")
    assert "selected of" not in text and ModelCard(text).data.datasets is None


def test_a_model_tells_of_a_set_in_a_folder_of_its_own(tmp_path: Path):
    run = make_run(tmp_path / "mini", prompts=12, samples=4)
    rows = tmp_path / "given.jsonl"
    rows.write_text('{"prompt": "1 + 1?", "response": "<think>\\none\\n</think>\\n\\n2"}\n', encoding="utf-8")
    mix_samples(fill(MixOptions, {"files": [str(rows)], "out": tmp_path / "loose"}, "mix"))
    publish_folders(
        fill(PublishOptions, {"folder": tmp_path / "loose", "licence": "mit", "repo": "me/loose"}, "publish")
    )
    about = run.model("student-qwen") / "r1curate.json"
    key = compute_set_digest(tmp_path / "loose")
    write_json(about, {**read_json(about), "set": str(tmp_path / "loose"), "set_digest": key})
    call(run, model="student-qwen")
    text = (run.published_folder("student-qwen") / "README.md").read_text(encoding="utf-8")
    assert "`given`: 1 selected of 1 samples" in text and ModelCard(text).data.datasets == ["me/loose"]
    assert str(tmp_path) not in text


def test_a_model_whose_sets_samples_are_gone_still_tells_of_it(tmp_path: Path):
    run = make_run(tmp_path / "mini", prompts=12, samples=4)
    shutil.rmtree(run.samples("general"))
    call(run, model="student-qwen")
    text = (run.published_folder("student-qwen") / "README.md").read_text(encoding="utf-8")
    assert "`general`: 3 selected of 3 samples" in text
    call(run, dataset="sft")
    text = (run.published_folder("sft") / "README.md").read_text(encoding="utf-8")
    assert "| `general` | not known: its samples are no longer in the run |  |  | 3 | 3 |" in text
    shutil.rmtree(run.samples("teacher"))
    call(run, dataset="sft")
    assert "Mixed from files" not in (run.published_folder("sft") / "README.md").read_text(encoding="utf-8")


def test_publishing_again_replaces_only_what_it_made(run: Run, tmp_path: Path):
    call(run, dataset="sft", out=tmp_path / "out")
    (tmp_path / "out" / "data" / "train-99999-of-99999.parquet").write_bytes(b"old")
    call(run, dataset="sft", out=tmp_path / "out")
    assert [path.name for path in (tmp_path / "out" / "data").iterdir()] == ["train-00000-of-00001.parquet"]
    with pytest.raises(UserError, match="holds something else"):
        call(run, model="student-qwen", out=tmp_path / "out")
    (tmp_path / "out" / ".git").mkdir()
    with pytest.raises(UserError, match="holds something else"):
        call(run, dataset="sft", out=tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="holds something else"):
        call(run, dataset="sft", out=tmp_path / "mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "out"], "nothing half-made is left"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dataset": "stf"}, "has no set 'stf'; there are: sft"),
        ({"model": "nobody"}, "has no model 'nobody'; there are: student-llama, student-qwen"),
        ({}, "either a set or a model"),
        ({"dataset": "sft", "model": "student-qwen"}, "either a set or a model"),
        ({"dataset": "sft", "push": True}, "name the repository"),
        ({"dataset": "sft", "revision": "v2"}, "give --push"),
        (
            {"dataset": "sft", "repo": "a/b", "push": True, "revision": "v2", "pull_request": True},
            "leave out --revision",
        ),
        ({"dataset": "sft", "repo": "no slash"}, "option 'repo'"),
        ({"dataset": "sft", "licence": "My Own"}, "option 'licence'"),
    ],
)
def test_mistakes_are_told(run: Run, options: dict[str, object], said: str):
    with pytest.raises(UserError, match=said):
        call(run, **options)


def test_an_evaluation_of_other_weights_is_not_claimed(run: Run, tmp_path: Path):
    weights = run.model("student-qwen") / "model.safetensors"
    before = weights.read_bytes()
    weights.write_bytes(b"\1" * 64)
    call(run, model="student-qwen", out=tmp_path / "out")
    weights.write_bytes(before)
    card = ModelCard.load(tmp_path / "out" / "README.md")
    assert card.data.eval_results is None and "51.8%" not in card.text
    assert "It was not evaluated with these weights" in card.text


def test_a_model_without_weights_is_refused_and_leaves_nothing(run: Run, tmp_path: Path):
    weights = run.model("student-qwen") / "model.safetensors"
    weights.rename(tmp_path / "weights")
    try:
        with pytest.raises(UserError, match="no weights"):
            call(run, model="student-qwen", out=tmp_path / "out")
    finally:
        (tmp_path / "weights").rename(weights)
    assert list(tmp_path.iterdir()) == []


def test_without_push_the_upload_is_told(run: Run, dataset: Path, capsys):
    call(run, dataset="sft", repo="shop/r1-sft")
    said = " ".join(capsys.readouterr().err.split())
    assert "hf upload shop/r1-sft" in said and said.endswith("--repo-type dataset --private")


@pytest.mark.parametrize(
    ("options", "kind"), [({"dataset": "sft"}, "dataset"), ({"model": "student-qwen"}, "model")]
)
def test_push_uploads_the_folder_that_was_made(run: Run, monkeypatch, options: dict[str, str], kind: str):
    pushed: list[object] = []
    monkeypatch.setattr(
        "curate.stages.publish.push_folder", lambda *given: pushed.append(given) or "https://hub/commit/1"
    )
    result = call(run, **options, repo="shop/r1", push=True, private=False, revision="v2")
    folder = run.path / "published" / next(iter(options.values()))
    assert pushed == [(folder, Destination("shop/r1", kind, private=False, revision="v2"))]
    assert "pushed: https://hub/commit/1" in shown(result)


def test_words_cannot_leave_their_code_span():
    assert code_span("a`b|c\nd") == "`a'b\\|c d`"
    assert code_span("") == ""
    assert "\u202e" not in code_span(HOSTILE) and "\n" not in code_span(HOSTILE)


def make_calibration(faults: tuple[str, ...] = ()) -> Calibration:
    rates = {
        FALSE_ACCEPT: JudgeRate("wrong answer accepted", 3, 200, 4),
        FALSE_REJECT: JudgeRate("right answer rejected", 10, 180),
        "flattery": JudgeRate("accepted for flattery | `x`", 0, 0, 20),
    }
    bounds = {"max_false_accepts": 0.05, "max_false_rejects": 0.2}
    return Calibration("math_answer", "d", {"rule": 300, "bundled": 97}, rates, bounds, faults)


def test_a_set_and_the_models_trained_on_it_tell_how_often_their_judges_err(run: Run, tmp_path: Path):
    write_calibration(run, "teacher", "math_answer", make_calibration())
    call(run, dataset="sft", out=tmp_path / "set")
    call(run, model="student-qwen", out=tmp_path / "model")
    for folder in ("set", "model"):
        text = (tmp_path / folder / "README.md").read_text(encoding="utf-8")
        assert "## Judges" in text and "Labels of `math_answer`: `rule 300, bundled 97`." in text
        row = "`wrong answer accepted` | 204 | 3 | 4 | `1.50% [0.51, 4.32]` | 5% (`max_false_accepts`) |"
        assert f"| `teacher` | `math_answer` | {row}" in text
        assert "| 20 | 0 | 20 | `none decided` | none |" in text, "nothing decided is no rate of zero"
        assert "judge_unreliable" not in text
    write_calibration(run, "teacher", "math_answer", make_calibration(("false accepts up to 9%, above 5%",)))
    call(run, dataset="sft", out=tmp_path / "set")
    run.calibration("teacher", "math_answer").unlink()
    text = (tmp_path / "set" / "README.md").read_text(encoding="utf-8")
    assert "decided nothing (`judge_unreliable`): `false accepts up to 9%, above 5%`" in text
    assert "and decided nothing: `false accepts up to 9%, above 5%`" in text.partition("## Known limits")[2]


def test_a_calibration_of_another_check_that_had_the_label_before_is_not_told(run: Run, tmp_path: Path):
    write_calibration(run, "teacher", "language", make_calibration())
    call(run, dataset="sft", out=tmp_path / "set")
    told = [one for one in read_audits(run, "teacher") if one.label == "language"]
    run.calibration("teacher", "language").unlink()
    assert "## Judges" not in (tmp_path / "set" / "README.md").read_text(encoding="utf-8") and not told


def test_a_judge_for_which_there_were_no_cases_is_told_as_one_that_decides_nothing(tmp_path: Path):
    run = make_run(tmp_path / "mini", prompts=12, samples=4)
    rates = {kind: JudgeRate(kind, 0, 0) for kind in (FALSE_ACCEPT, FALSE_REJECT)}
    bounds = {"max_false_accepts": 0.05}
    found = Calibration("language", "d", {}, rates, bounds, ("no labelled pairs are known",))
    write_calibration(run, "teacher", "language", found)
    call(run, dataset="sft")
    text = (run.published_folder("sft") / "README.md").read_text(encoding="utf-8")
    assert (
        "Labels of `language`: none. It decided nothing" in text and "`no labelled pairs are known`" in text
    )
    assert not list(read_audits(run, "teacher"))
    assert [row.share for row in list_rows(found)] == ["none decided"] * 3


def test_a_model_trained_on_rewards_tells_how_often_its_judges_err(run: Run, tmp_path: Path):
    add_rewarded(run)
    about = read_json(run.model_info("rewarded"))
    told = {"judge": make_calibration().as_json(), "torn": {"check": "judge"}}
    write_json(run.model_info("rewarded"), {**about, "judges": told})
    call(run, model="rewarded", out=tmp_path / "out")
    shutil.rmtree(run.model("rewarded"))
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "| `rewarded` | `judge` | `wrong answer accepted` | 204 | 3 | 4 | `1.50% [0.51, 4.32]` |" in text


def test_cards_pass_the_hubs_validation(dataset: Path, model: Path):
    """As far as its documentation says what it looks at; a push asks the Hub itself before it sends anything."""
    for card in (DatasetCard.load(dataset / "README.md"), ModelCard.load(model / "README.md")):
        assert find_card_faults(card.data.to_dict()) == []
    assert find_card_faults({"license": "My Own"}) != []


def test_the_card_of_a_set_tells_what_it_is_composed_of(dataset: Path):
    text = (dataset / "README.md").read_text(encoding="utf-8")
    assert "| source | rows | share of rows | tokens | share of tokens | mean tokens |" in text
    assert "| `teacher` | 273 | 98.9% | 13,797 | 100.0% | 51 |" in text
    assert "| `general` | 3 | 1.1% |  |  |  |" in text, "tokens that nobody counted are not none"
    assert "Nobody counted the tokens of 3 rows" in text


def test_shares_add_up_and_small_parts_are_told_together(tmp_path: Path):
    rows = pl.DataFrame(
        {
            "source": [f"s{n % 30}" for n in range(300)], "domain": ["math"] * 300, "language": [None] * 300,
            "tokens": [n % 7 if n % 5 else None for n in range(300)],
        },
        schema_overrides={"language": pl.String},
    )  # fmt: skip
    rows.write_parquet(tmp_path / "a.parquet")
    by_source, by_domain, by_language = compose([tmp_path / "a.parquet"])
    assert len(by_source.parts) == 21 and by_source.parts[-1].name == "10 others"
    for one in (by_source, by_domain, by_language):
        assert sum(part.rows for part in one.parts) == 300 and one.uncounted == 60
        assert sum(part.tokens or 0 for part in one.parts) == rows["tokens"].sum()
        assert sum(part.row_share for part in one.parts) == pytest.approx(1)
        assert sum(part.token_share or 0 for part in one.parts) == pytest.approx(1)
    assert by_language.parts[0].name == "not known"


def test_a_card_quotes_what_was_asked_for_without_this_machine(run: Run, tmp_path: Path):
    recipe = run.recipe.read_text()
    run.recipe.write_text(
        f"name: mini\nstages:\n- generate:\n    prompts: {tmp_path}/secret place/train.jsonl\n    note: '```'\n"
    )
    call(run, dataset="sft", out=tmp_path / "out")
    run.recipe.write_text(recipe)
    text = (tmp_path / "out" / "README.md").read_text(encoding="utf-8").partition("## How it was made")[2]
    assert "made by `r1curate mix` with these options" in text and "per_prompt: 4" in text
    assert "prompts: train.jsonl" in text and "secret place" not in text and str(tmp_path) not in text
    assert "````yaml\nname: mini" in text and text.rstrip().endswith("````"), "nothing in it ends the block"
    assert "null" not in text
