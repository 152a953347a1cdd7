"""Near-duplicates among the samples of several names: what `mix` asks for."""

import random
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from curate.checking import set_pairs
from curate.checking.set_pairs import open_pairs
from filters.overlap.give_way import give_way
from filters.spec import make_spec
from filters.types import Prompt, Sample
from tests.curate.checking.test_judge_sets import make_samples, read_verdicts, run_checks, write_run


def list_files(run):
    return sorted(path for path in run.path.rglob("*") if path.is_file())


def test_pairs_over_two_runs_are_those_of_one_whether_signed_before_or_not(tmp_path: Path):
    samples, spec = make_samples(), make_spec("near_duplicate:of=response")
    runs = [write_run(tmp_path / "a", 2, samples[:20]), write_run(tmp_path / "b", 3, samples[20:])]
    rows = [(number // 20 if number < 40 else 1, one.id) for number, one in enumerate(samples)]
    random.Random(1).shuffle(rows)
    units = pl.DataFrame(rows, ["source", "sample_id"], orient="row")
    everything = np.arange(len(rows))
    before = [list_files(run) for run in runs]
    with open_pairs([(run, "t") for run in runs], units, spec, workers=1) as find:
        pairs = find(everything)
        assert set(map(tuple, find(everything[::2]))) == {
            (a, b) for a, b in map(tuple, pairs) if a % 2 == b % 2 == 0
        }
    assert [list_files(run) for run in runs] == before
    run_checks(runs[0], "t", [spec], workers=1)  # whose signatures are read from here on
    with open_pairs([(run, "t") for run in runs], units, spec, workers=1) as find:
        assert (find(everything) == pairs).all()
    whole = write_run(tmp_path / "whole", 1, samples)
    run_checks(whole, "t", [spec], workers=1)
    away = sum(give_way(pairs, everything) != everything)
    alike = sum(not ok for ok, _ in read_verdicts(whole).values())
    assert away > 0 and abs(away - alike) <= alike // 2


@pytest.mark.parametrize("signed", [False, True])
def test_pairs_join_prompts(tmp_path: Path, signed: bool):
    text = "tell me all that you know about the sea and its many fish and birds {}today"
    asked = [Prompt.make(text.format(more)) for more in ("", " ", "3 ")]
    samples = [Sample(f"s{n}", prompt, str(n)) for n, prompt in enumerate(asked)]
    run, spec = write_run(tmp_path, 2, samples), make_spec("near_duplicate")
    if signed:
        run_checks(run, "t", [spec], workers=1)
    units = pl.DataFrame({"source": [0] * 3, "sample_id": [one.id for one in samples]})
    with open_pairs([(run, "t")], units, spec, workers=1) as find:
        assert find(np.arange(3)).tolist() == [[0, 1]]
        assert find(np.array([1, 2])).shape == (0, 2)
    with open_pairs([(run, "t")], units[:0], spec, workers=1) as find:
        assert find(np.arange(0)).shape == (0, 2)


def test_workers_sign_as_one_process_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    samples, spec = make_samples(), make_spec("near_duplicate:of=response")
    run = write_run(tmp_path, 3, samples)
    units = pl.DataFrame({"source": [0] * len(samples), "sample_id": [one.id for one in samples]})
    found = []
    for few in (1000, 0):
        monkeypatch.setattr(set_pairs, "FEW", few)
        with open_pairs([(run, "t")], units, spec, workers=2) as find:
            found.append(find(np.arange(len(samples))).tolist())
    assert found[0] == found[1] != []
