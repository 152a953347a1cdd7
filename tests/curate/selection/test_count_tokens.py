"""One tokenizer counts all ingredients; without it nothing is compared that was not counted alike."""

import json
import random
import shutil
from pathlib import Path

import polars as pl
import pytest
from tokenizers import Tokenizer

from curate.selection.count_tokens import TokenCounter
from curate.selection.quotas import Amounts
from curate.selection.rules import Rules
from curate.stages.mix import MixOptions, mix_samples
from curate.store.layout import Run
from curate.store.whole_files import write_json
from filters.errors import UserError
from tests.curate.selection.sources_for_tests import make_source, select, write_source

TOKENIZER = Path(__file__).parents[3] / "recipes" / "mini" / "models" / "teacher"
BY_TOKENS = Amounts("tokens")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "run")
    write_source(run, "a", random.Random(1))
    write_source(run, "b", random.Random(1), counted=False)
    return run


def test_missing_counts_are_refused_with_their_number(run: Run):
    with pytest.raises(
        UserError, match=r"Nobody counted the tokens of 60 accepted rows of 'b': .*--tokenizer FOLDER"
    ):
        select(run, [make_source("a"), make_source("b", share=0.06)], Rules(0, amounts=BY_TOKENS))


def test_counts_of_different_models_are_not_compared(run: Run):
    write_source(run, "b", random.Random(1))
    asked = [make_source("a"), make_source("b", share=0.06)]
    assert select(run, asked, Rules(0, amounts=BY_TOKENS)).picked.height
    write_json(run.generation("b"), {"model": "other", "identity": "another"})
    with pytest.raises(UserError, match="'a' and 'b' were counted by different tokenizers"):
        select(run, asked, Rules(0, amounts=BY_TOKENS))
    assert "perhaps by different tokenizers" in select(run, asked, Rules(0)).composition.counted


def test_the_tokenizer_counts_completions_and_its_numbers_stand_in_the_set(run: Run):
    counted = mix_samples(
        MixOptions(
            run=run.path,
            source=["a:checks=[]", "b:checks=[],share=0.06"],
            by="tokens",
            tokenizer=str(TOKENIZER),
        )
    )
    assert counted.composition is not None
    assert counted.composition.counted.endswith("by the tokenizer teacher.")
    rows = pl.read_parquet(counted.folder / "*.parquet")
    tokenizer = Tokenizer.from_file(str(TOKENIZER / "tokenizer.json"))
    texts = [one[0]["content"] for one in rows["completion"]]
    expected = [len(tokenizer.encode(text, add_special_tokens=False)) for text in texts]
    assert rows["tokens"].to_list() == expected
    assert sum(expected) == counted.composition.tokens
    of_b = sum(n for n, source in zip(expected, rows["source"], strict=True) if source == "b")
    assert abs(of_b - 0.06 * sum(expected)) <= max(expected)


def test_the_tokenizers_content_is_what_counts(run: Run, tmp_path: Path):
    shutil.copytree(TOKENIZER, tmp_path / "copy")
    assert TokenCounter(str(tmp_path / "copy")).key == TokenCounter(str(TOKENIZER)).key
    about = json.loads((tmp_path / "copy/tokenizer.json").read_text())
    about["added_tokens"][0]["content"] += "x"
    about["model"]["vocab"] = {
        f"{k}x" if k == about["added_tokens"][0]["content"][:-1] else k: v
        for k, v in about["model"]["vocab"].items()
    }
    (tmp_path / "copy/tokenizer.json").write_text(json.dumps(about))
    assert TokenCounter(str(tmp_path / "copy")).key != TokenCounter(str(TOKENIZER)).key


def test_a_folder_without_a_tokenizer_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"no tokenizer\.json in this folder"):
        TokenCounter(str(tmp_path))
