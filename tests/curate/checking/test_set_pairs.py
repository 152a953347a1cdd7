"""Near-duplicates among the samples of several names: what `mix` asks for."""

import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from curate.checking.set_pairs import find_pairs, sign_samples
from curate.store.layout import list_parts
from filters.overlap.give_way import give_way
from filters.spec import make_spec
from filters.types import Prompt, Sample
from tests.curate.checking.test_judge_sets import make_samples, read_verdicts, run_checks, write_run


@pytest.mark.parametrize("of", ["prompt", "response"])
def test_pairs_over_two_runs_are_those_of_one(tmp_path: Path, of: str):
    samples = make_samples()
    spec = make_spec(f"near_duplicate:of={of},stays=most_samples")
    runs = [write_run(tmp_path / "a", 2, samples[:20]), write_run(tmp_path / "b", 3, samples[20:])]
    for run in runs:
        sign_samples(run, "t", spec, workers=1)
        assert not list_parts(run.verdicts("t") / "near_duplicate")
    rows = [(number // 20 if number < 40 else 1, one.id, one.prompt.id) for number, one in enumerate(samples)]
    random.Random(1).shuffle(rows)
    wanted = pl.DataFrame(rows, ["source", "sample_id", "prompt_id"], orient="row")
    pairs, units = find_pairs([(run, "t") for run in runs], wanted, spec)
    assert len(units) == len(rows) and units[0] == 0
    if of == "prompt":
        assert len(set(units)) == len({key for _, _, key in rows}) and not len(pairs)
        return
    assert (units == np.arange(len(rows))).all()
    whole = write_run(tmp_path / "whole", 1, samples)
    run_checks(whole, "t", [spec], workers=1)
    stays = give_way(pairs, np.arange(len(rows)))
    away = sum(stays != np.arange(len(rows)))
    alike = sum(not ok for ok, _ in read_verdicts(whole).values())
    assert away > 0 and abs(away - alike) <= alike // 2


def test_a_prompt_is_a_unit_and_pairs_join_prompts(tmp_path: Path):
    text = "tell me all that you know about the sea and its many fish and birds {}today"
    asked = [Prompt.make(text.format(more)) for more in ("", "", " ", "3 ")]
    samples = [Sample(f"s{n}", prompt, str(n)) for n, prompt in enumerate(asked)]
    run, spec = write_run(tmp_path, 2, samples), make_spec("near_duplicate")
    sign_samples(run, "t", spec, workers=1)
    wanted = pl.DataFrame(
        {
            "source": [0] * 4,
            "sample_id": [one.id for one in samples],
            "prompt_id": [one.prompt.id for one in samples],
        }
    )
    pairs, units = find_pairs([(run, "t")], wanted, spec)
    assert units.tolist() == [0, 0, 1, 2] and pairs.tolist() == [[0, 1]]
    some, _ = find_pairs([(run, "t")], wanted[:2], spec)
    assert some.shape == (0, 2)
    assert find_pairs([(run, "t")], wanted[:0], spec)[0].shape == (0, 2)
