"""`generate --kind general`, with a scripted teacher and a scripted judge."""

import json

import polars as pl
import pytest

from curate.options import fill
from curate.planning.plan import PlannedStage, estimate_recipe
from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.filter import FilterOptions, filter_samples
from curate.stages.generate import GenerateOptions, generate_samples
from curate.stages.mix import MixOptions, mix_samples
from curate.stages.report import ReportOptions, write_report
from curate.store.layout import Run
from curate.store.parquet import scan_parts
from curate.store.prompts_by_id import read_prompts
from filters.errors import UserError
from tests.shown import shown

PROMPTS = [
    {"prompt": "Hi!", "domain": "chat"},
    {"prompt": "What is the capital of France?", "domain": "facts"},
    {
        "prompt": "Compare the two longest rivers of the continent, and say why both matter.",
        "domain": "essays",
    },
]
CHAINED = "<think>Both are long, and boats go on both.</think>The first is longer; both carry boats and feed people."
SCRIPT = [
    {"prompt": "Hi!", "responses": [{"text": "<think>\n\n</think>\n\nHello! How can I help you today?"}]},
    {"prompt": PROMPTS[1]["prompt"], "responses": [{"text": "<think>France.</think>The capital is Paris."}]},
    {"prompt": "*", "responses": [{"text": CHAINED}]},
]
JUDGE = [{"prompt": "*", "responses": [{"text": "It does what was asked.\nGRADE: 9"}]}]


def write(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture
def given(tmp_path):
    return {
        "run": tmp_path / "run",
        "kind": "general",
        "name": "general",
        "prompts": write(tmp_path / "general.jsonl", PROMPTS),
        "engine": {"kind": "scripted", "model": write(tmp_path / "script.jsonl", SCRIPT)},
        "general": {"without_chain": "nothing"},
        "samples": 1,
        "workers": 1,
    }


def generate(given, **more):
    return generate_samples(fill(GenerateOptions, {**given, **more}, "generate"))


def read_verdicts(run, label):
    verdicts = scan_parts(run.verdicts("general") / label).collect()
    samples = scan_parts(run.samples("general")).collect()
    prompts = {prompt.id: prompt.text for prompt in read_prompts(run.prompts("general"))}
    rows = samples.join(verdicts, on="sample_id").iter_rows(named=True)
    return {prompts[row["prompt_id"]]: row["reason"].partition(":")[0] for row in rows}


def test_hard_prompts_get_a_chain_and_trivial_ones_none(given, caplog):
    made = generate(given)
    run = Run(given["run"])
    said = shown(made)
    assert "comparison 1" in said
    assert "fact 1, greeting 1" in said
    assert "Nothing judges how good these answers are" in caplog.text
    assert read_verdicts(run, "format") == {
        "Hi!": "", PROMPTS[1]["prompt"]: "unasked_chain", PROMPTS[2]["prompt"]: "",
    }  # fmt: skip
    assert [one.label for one in made.verdicts] == ["language", "repetition", "format"]
    texts = set(scan_parts(run.samples("general")).select("response").collect()["response"])
    assert "Hello! How can I help you today?" in texts
    assert not [text for text in texts if text.startswith("<think>\n\n")]


def test_the_row_is_explained_and_mixed_without_a_think_block(given):
    generate(given)
    run = Run(given["run"])
    filter_samples(
        fill(FilterOptions, {"source": str(run.path), "name": "general", "check": ["format"]}, "filter")
    )
    mixed = mix_samples(fill(MixOptions, {"run": run.path, "source": ["general"]}, "mix"))
    rows = pl.read_parquet(run.set("sft") / "*.parquet")
    answers = {
        row["prompt"][0]["content"]: row["completion"][0]["content"] for row in rows.iter_rows(named=True)
    }
    assert answers == {"Hi!": "Hello! How can I help you today?", PROMPTS[2]["prompt"]: CHAINED}
    (funnel,) = mixed.funnels
    assert funnel.rejected["format"] == 1
    keys = {row["prompt"][0]["content"]: row["id"] for row in rows.iter_rows(named=True)}
    assert "none: greeting" in shown(explain_sample(ExplainOptions(id=keys["Hi!"], run=run.path)))


def test_the_report_tells_which_prompts_were_asked_for_a_chain(given):
    given["check"] = ["format"]
    generate(given)
    said = shown(write_report(ReportOptions(run=given["run"])))
    assert "fact 1, greeting 1" in said
    page = Run(given["run"]).report.read_text()
    assert (
        "1 of 3 prompts are asked for a chain (comparison 1), the others for none (fact 1, greeting 1)."
        in page
    )


def test_a_judge_is_asked_beside_the_checks_that_need_none(given, tmp_path):
    engine = {"kind": "scripted", "model": write(tmp_path / "judge.jsonl", JUDGE)}
    made = generate(given, check=[{"check": "rubric", "options": {"engine": engine}}])
    assert [one.label for one in made.verdicts] == ["rubric", "language", "repetition", "format"]


def test_where_the_judge_decides_nothing_a_set_takes_what_else_there_is(given, tmp_path):
    engine = {
        "kind": "scripted",
        "model": write(tmp_path / "judge.jsonl", [{"prompt": "*", "responses": [{"text": "?"}]}]),
    }
    generate(given, check=[{"check": "rubric", "options": {"engine": engine}}, "format"])
    other = write(tmp_path / "other.jsonl", [{"prompt": "1+1?", "response": "<think>One and one.</think>2"}])
    mixed = mix_samples(fill(MixOptions, {"run": given["run"], "source": ["general:rows=3", other]}, "mix"))
    general, _ = mixed.funnels
    assert (mixed.rows, general.selected) == (1, 0)
    assert general.sampled == general.undecided + sum(general.rejected.values()) == 3


def test_what_only_a_judge_can_tell_is_not_counted_while_sampling(given):
    with pytest.raises(UserError, match="--accept counts samples that a rule finds good"):
        generate(given, accept=1)
    assert generate(given, accept=1, check=["instructions"]).exit_code == 0


def test_math_answer_is_refused_since_there_is_no_reference(given):
    with pytest.raises(UserError, match="math_answer has nothing to compare a general answer with"):
        generate(given, check=["math_answer"])


def test_another_way_of_asking_is_another_name(given):
    given["check"] = ["format"]
    generate(given)
    assert generate(given).counts is None
    with pytest.raises(UserError, match="were generated with different settings"):
        generate(given, general={"without_chain": "nothing", "chain": "never"})


def test_prompts_with_which_nothing_came_are_asked_anew_as_they_are_asked_now(given, tmp_path):
    given["check"] = ["format"]
    failing = write(tmp_path / "failing.jsonl", [{"prompt": "*", "responses": [{"error": "down"}]}])
    generate(given, engine={"kind": "scripted", "model": failing})
    generate(given, general={"without_chain": "nothing", "chain": "never"})
    told = [prompt.chain for prompt in read_prompts(Run(given["run"]).prompts("general"))]
    assert told == ["none: forced"] * 3


def test_its_plan_shows_what_is_asked(given, tmp_path):
    values = {**given, "general": {"apart_from": ["rejection"]}, "accept": 1}
    options = fill(GenerateOptions, values, "generate")
    needs = estimate_recipe(
        [PlannedStage("generate general", "generate", options)],
        Run(tmp_path / "run"),
        Run(tmp_path / "run"),
        None,
    )
    ((_, stage),) = needs.stages
    assert "3 of 3 general prompts are asked" in stage.notes
    assert (
        "1 of 3 prompts are asked for a chain (comparison 1), the others for none (fact 1, greeting 1)"
        in stage.notes
    )
    assert "the answers are judged by language, repetition, format" in stage.notes
    said = " ".join(needs.refusals)
    assert "--accept counts samples" in said
    assert "--apart-from rejection" in said
