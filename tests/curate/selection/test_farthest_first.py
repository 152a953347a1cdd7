"""A prompt's samples come so that each is the least like those before, however they lie in the run."""

import random
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.selection.farthest_first import go_farthest_first
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.digest import digest
from filters.types import Prompt, Sample
from tests.curate.selection.test_choose_samples import mix

WORDS = [f"word{n}" for n in range(400)]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), min_size=1, max_size=8))
def test_each_is_the_least_like_those_before(drawn: list[list[int]]):
    signatures = np.array(drawn, np.uint16)
    order = go_farthest_first(signatures)
    assert order[0] == 0 and sorted(order) == list(range(len(drawn)))
    alike = (signatures[:, None] == signatures[None]).sum(axis=2)
    for step in range(1, len(order)):
        rest = {one: max(alike[one, before] for before in order[:step]) for one in order[step:]}
        assert rest[order[step]] == min(rest.values())


def write_run(path: Path, shuffle: int) -> Run:
    """Twenty prompts with six samples each, two chains told three times with a word changed; in parts in a drawn order."""
    run, draw = Run(path), random.Random(4)
    prompts = [Prompt.make(f"Question {n}", "7") for n in range(20)]
    made = []
    for prompt in prompts:
        chains = [draw.choices(WORDS, k=120) for _ in range(2)]
        for index in range(6):
            words = [*chains[index % 2]]
            words[draw.randrange(120)] = "changed"
            made.append(Sample(digest(prompt.id, index), prompt, " ".join(words), index))
    random.Random(shuffle).shuffle(made)
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(prompts))
    for number in range(4):
        rows = [sample_row(one) for one in made[number::4]]
        write_part(run.samples("t") / f"part-{number:05d}.parquet", rows, SAMPLES)
    return run


def test_of_chains_told_twice_each_is_taken_once(tmp_path: Path):
    found = []
    for shuffle in (1, 2):
        rows = mix(write_run(tmp_path / str(shuffle), shuffle), "t:checks=[],per_prompt=2,choose=diverse")
        assert rows.height == 40
        for _, two in rows.group_by("prompt_id"):
            one, other = (set(row[0]["content"].split()) for row in two["completion"])
            assert len(one & other) < 80, "the two chains, not two tellings of one"
        found.append(set(rows["id"]))
    assert found[0] == found[1]
    again = mix(write_run(tmp_path / "seed", 1), "t:checks=[],per_prompt=2,choose=diverse", seed=9)
    assert set(again["id"]) != found[0]
    assert again.height == 40 and again.select(pl.col("id").is_unique()).to_series().all()
