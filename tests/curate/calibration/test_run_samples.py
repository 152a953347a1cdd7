"""Responses that versions are made of: one a prompt, the same whatever the parts' order is, and none that is withheld."""

from __future__ import annotations

from pathlib import Path

import curate.calibration.run_samples
from curate.calibration.run_samples import draw_samples
from curate.checking.run_checks import run_checks
from curate.store.layout import Run
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.digest import digest
from filters.spec import make_spec
from filters.types import Prompt, Sample

ASKED = [Prompt.make(f"Question {n}") for n in range(6)]
SAMPLES_MADE = [
    Sample(digest(n, text), ASKED[n % 6], text, n, finish="length" if n == 7 else "stop")
    for n, text in enumerate(
        [f"Reply {n}" for n in range(11)] + ["Write to ann.lee@mail.example.org, password: hunter2hunter2"]
    )
]


def make_run(folder: Path, samples: list[Sample]) -> Run:
    run = Run(folder)
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(ASKED))
    for number, part in enumerate((samples[:5], samples[5:])):
        rows = [sample_row(sample) for sample in part]
        write_part(run.samples("t") / f"part-{number:05d}.parquet", rows, SAMPLES)
    return run


def test_one_response_a_prompt_whatever_the_order(tmp_path, monkeypatch):
    drawn = draw_samples(make_run(tmp_path / "a", SAMPLES_MADE), "t")
    assert [sample.prompt.id for sample in drawn] == sorted(prompt.id for prompt in ASKED)
    assert drawn == draw_samples(make_run(tmp_path / "b", SAMPLES_MADE[::-1]), "t")
    assert all(sample in SAMPLES_MADE and sample.finish == "stop" for sample in drawn)
    monkeypatch.setattr(curate.calibration.run_samples, "DRAWN", 2)
    assert draw_samples(make_run(tmp_path / "c", SAMPLES_MADE), "t") == drawn[:2]
    assert draw_samples(Run(tmp_path / "d"), "t") == []


def test_texts_that_a_check_hides_are_not_drawn(tmp_path):
    run = make_run(tmp_path / "a", SAMPLES_MADE)
    run_checks(run, "t", [make_spec("personal_data")], workers=1)
    drawn = draw_samples(run, "t")
    assert len(drawn) >= 5
    assert not any("ann.lee" in sample.response for sample in drawn)
