"""A prompt is on one side, in every source and every set of a seed."""

import json
import random
from pathlib import Path

import polars as pl
import pytest

from curate.audit.run_examination import examine_run
from curate.selection.holdout import key_asked, read_holdout
from curate.stages.explain import ExplainOptions, explain_sample
from curate.stages.mix import MixOptions, mix_samples
from curate.store.layout import Run
from filters.errors import UserError
from filters.types import Prompt
from tests.curate.selection.sources_for_tests import PROMPTS, write_source
from tests.shown import shown


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "run")
    for name in ("a", "b"):
        write_source(run, name, random.Random(1))
    return run


def mix(run: Run, **options: object) -> tuple[pl.DataFrame, pl.DataFrame]:
    made = mix_samples(MixOptions(run=run.path, **{"source": ["a:checks=[]", "b:checks=[]"], **options}))
    sides = [pl.read_parquet(made.folder / f"{split}-*.parquet") for split in ("train", "validation")]
    assert made.rows == sides[0].height
    assert made.composition.held_out == {"rows": sides[1].height, "prompts": sides[1]["prompt_id"].n_unique()}
    assert sum(one.held_out for one in made.funnels) == sides[1].height
    return sides[0], sides[1]


def test_the_same_prompts_are_held_out_of_every_set_of_a_seed(run: Run):
    train, held = mix(run, holdout=0.2)
    assert not set(train["prompt_id"]) & set(held["prompt_id"])
    fewer, again = mix(run, holdout="0.2", name="fewer", source=["b:checks=[],per_prompt=1,rows=5"])
    of_b = held.filter(pl.col("source") == "b")
    assert set(again["prompt_id"]) == set(of_b["prompt_id"])
    assert fewer.height == 5
    assert set(mix(run, holdout=0.2, seed=1, name="other")[1]["prompt_id"]) != set(held["prompt_id"])


def test_what_is_asked_is_one_prompt_whatever_its_answer_and_its_source():
    one, other = Prompt.make("What is  2?", "2"), Prompt.make("what is 2?\n", None)
    assert one.id != other.id
    assert key_asked(one.messages) == key_asked(other.messages)
    assert key_asked(one.messages, "holdout 0") != key_asked(one.messages, "holdout 1")


@pytest.mark.parametrize("by", ["prompt", "id"])
def test_a_file_names_what_is_held_out(run: Run, tmp_path: Path, by: str):
    wanted = PROMPTS["a"][3], PROMPTS["b"][5]
    rows = [
        {"prompt": one.messages[0]["content"].upper()} if by == "prompt" else {"id": one.id} for one in wanted
    ]
    file = tmp_path / "held.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert set(mix(run, holdout=str(file))[1]["prompt_id"]) == {one.id for one in wanted}


@pytest.mark.parametrize("share", ["0", "1", "-0.1", "nan"])
def test_a_share_that_is_none_is_refused(share: str):
    with pytest.raises(UserError, match="more than 0 and less than 1"):
        read_holdout(share, 0)


def test_training_reads_the_set_alone_and_doctor_and_explain_know_both_sides(run: Run):
    from curate.readers.read_rows import read_rows

    train, held = mix(run, holdout=0.2, source=["a:checks=[],repeat=2"])
    assert [row.values["id"] for row in read_rows(str(run.set("sft")))] == train["id"].to_list()
    assert sorted(train["repeat"].unique()) == [0, 1] and held["repeat"].unique().to_list() == [0]
    assert not [one for one in examine_run(run) if "sft" in one.what]
    twice, out = (
        shown(explain_sample(ExplainOptions(run=run.path, id=key))) for key in (train["id"][0], held["id"][0])
    )
    assert "selected 2 times" in twice
    assert "held out" in out
