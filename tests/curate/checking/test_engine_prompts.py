"""A model that compares the samples of a prompt: over all parts, and no pair is paid for twice."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

import curate.checking.engine_checks
import curate.checking.engine_prompts
from curate.checking.run_checks import run_checks
from curate.engines.scripted import Response, ScriptedEngine
from curate.store.layout import Run, list_parts
from curate.store.parquet import write_part, write_table
from curate.store.schema import SAMPLES, prompt_table, sample_row
from filters.digest import digest
from filters.engine import Request
from filters.errors import WorkUndone
from filters.spec import make_spec
from filters.types import Prompt, Sample

pytestmark = pytest.mark.usefixtures("trusted_judges")
ASKED = [Prompt.make(f"Question {n}") for n in range(3)]
SPEC = make_spec({"check": "preference", "options": {"engine": {"kind": "scripted", "model": "x"}}})
SHOWN = re.compile(r"response [AB]\n(.*?)\n\[\w+\] end of response", re.DOTALL)


def add_part(run: Run, number: int, answers: list[tuple[int, str]]) -> None:
    samples = [
        Sample(digest(number, at), ASKED[n], text, number * 100 + at) for at, (n, text) in enumerate(answers)
    ]
    write_part(run.samples("t") / f"part-{number:05d}.parquet", [sample_row(s) for s in samples], SAMPLES)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path)
    write_table(run.prompts("t") / "part-00000.parquet", prompt_table(ASKED))
    add_part(run, 0, [(0, "a"), (1, "bb"), (2, "c")])
    add_part(run, 1, [(1, "b"), (0, "aaa")])
    return run


class Judge:
    """Prefers the longer response; from the request `fails` on it fails, at `dies` it raises."""

    def __init__(self, monkeypatch, fails: int = 10**9, dies: int = 10**9) -> None:
        self.asked, self._fails, self._dies = 0, fails, dies

        async def open_here(options):
            return ScriptedEngine(self.answer)

        monkeypatch.setattr(curate.checking.engine_checks, "open_engine", open_here)

    def answer(self, request: Request) -> Response:
        self.asked += 1
        if self.asked >= self._dies:
            raise RuntimeError("killed")
        if self.asked >= self._fails:
            return Response(error="gone")
        a, b = SHOWN.findall(request.messages[0]["content"])
        return Response(text=f"Hm.\nBETTER: {'A' if len(a) > len(b) else 'B'}")


def verdicts(run: Run) -> list[list[tuple[bool | None, str]]]:
    files = list_parts(run.verdicts("t") / "preference")
    return [
        [(row["ok"], row["reason"].partition(":")[0]) for row in pl.read_parquet(f).to_dicts()] for f in files
    ]


def test_samples_are_compared_over_all_parts_and_new_ones_make_them_stale(run, monkeypatch):
    judge = Judge(monkeypatch)
    run_checks(run, "t", [SPEC], workers=1)
    assert verdicts(run) == [
        [(False, "poor"), (True, "preferred"), (None, "alone")],
        [(False, "poor"), (True, "preferred")],
    ]
    assert judge.asked == 4
    run_checks(run, "t", [SPEC], workers=1)
    assert judge.asked == 4
    add_part(run, 2, [(2, "cc")])
    run_checks(run, "t", [SPEC], workers=1)
    assert judge.asked == 6
    assert verdicts(run)[0][2] == (False, "poor") and verdicts(run)[2] == [(True, "preferred")]


def test_answers_outlive_a_kill(run, monkeypatch):
    monkeypatch.setattr(curate.checking.engine_prompts, "ROWS", 1)
    judge = Judge(monkeypatch, dies=3)
    with pytest.raises(RuntimeError, match="killed"):
        run_checks(run, "t", [SPEC], workers=1)
    assert not list_parts(run.verdicts("t") / "preference")
    again = Judge(monkeypatch)
    run_checks(run, "t", [SPEC], workers=1)
    assert (judge.asked >= 3, again.asked) == (True, 2)
    assert verdicts(run)[1] == [(False, "poor"), (True, "preferred")]


def test_an_engine_that_keeps_failing_ends_the_work(run, monkeypatch):
    monkeypatch.setattr(curate.checking.engine_prompts, "HOPELESS", 3)
    monkeypatch.setattr(curate.checking.engine_prompts, "ROWS", 1)
    add_part(run, 2, [(2, "cc")])
    Judge(monkeypatch, fails=1)
    with pytest.raises(WorkUndone, match="no answer from its engine for 4 samples in a row"):
        run_checks(run, "t", [SPEC], workers=1)
