"""Problems of real benchmarks, planted in full, in part and set otherwise, are found, and other texts are not."""

import os
import random
import re
from pathlib import Path

import pytest

from curate.benchmarks.addresses import find_benchmarks
from curate.benchmarks.compare_prompts import find_contaminated
from curate.benchmarks.index_files import open_index
from curate.readers.prompts import make_prompts
from curate.readers.read_rows import read_rows
from filters.overlap.match_rules import MatchRules
from filters.overlap.spelled_words import spell_texts
from filters.types import Prompt

DATA = Path(os.environ.get("R1CURATE_TEST_DATA", "/nowhere"))
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="R1CURATE_TEST_DATA is not set")
BENCHMARKS = [str(DATA / "math"), str(DATA / "gsm8k")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("R1CURATE_BENCHMARKS", str(tmp_path_factory.mktemp("kept")))
        return open_index(find_benchmarks(BENCHMARKS), MatchRules())


def cut(text: str, rng: random.Random) -> str:
    """A run of at least 70% of a text's words and of 16; all of a shorter one."""
    spans = [(word.begin, word.end) for word in spell_texts([text])[0].words]
    size = min(len(spans), max(16, -(-7 * len(spans) // 10)))
    begin = rng.randrange(len(spans) - size + 1)
    return f"Someone asked: {text[spans[begin][0] : spans[begin + size - 1][1]]} Who knows?"


def reset(text: str, rng: random.Random) -> str:
    text = re.sub(r"[;!?，。？](?=\s|$)", "", text).replace(" ", "  ")
    return rng.choice((text, text.replace("$", "").replace(r"\frac", r"\dfrac"), text.replace(r"\cdot", "*")))


@pytest.mark.parametrize(
    "plant", [lambda text, rng: f"Solve this.\n{text}\nPut the answer in a box.", cut, reset]
)
def test_planted_problems_are_found(index, plant):
    rng = random.Random(7)
    chosen = rng.sample(range(len(index.problems)), 184)
    prompts = [Prompt.make(plant(index.problems[number].text, rng)) for number in chosen]
    found = {one.number for one in find_contaminated(prompts, index)}
    # A problem of fewer than five words must be all of a prompt.
    missed = [prompt.text for number, prompt in enumerate(prompts) if number not in found]
    assert [text for text in missed if len(spell_texts([text])[0].words) > 15] == []
    assert len(missed) <= 2


def test_instructions_of_other_kinds_hold_none(index):
    for name in ("alpaca_en_demo.json", "alpaca_zh_demo.json"):
        prompts = make_prompts(read_rows(str(DATA / "general" / name)))
        assert list(find_contaminated(prompts, index)) == []
