"""A hang or a crash costs one sample of one check, never the batch."""

import os

import pytest

import curate.checking.executors.local
from curate.checking.executors.local import LocalExecutor
from filters.spec import CheckSpec, make_spec
from filters.types import Prompt, Sample

CHECKS = f"{__file__.rsplit('/', 1)[0]}/checks_for_tests.py"


def spec(name: str, **options: object) -> CheckSpec:
    return make_spec({"check": f"{CHECKS}:{name}", "options": options})


def samples(*texts: str) -> list[Sample]:
    prompt = Prompt.make("Say something.")
    return [Sample(str(number), prompt, text, number) for number, text in enumerate(texts)]


def test_verdicts_come_in_order_for_every_check():
    with LocalExecutor([spec("Moody"), spec("Short", longest=3)], workers=1) as pool:
        verdicts = pool.submit(samples("ok", "bad", "unsure", "raise")).result()
    assert [v.ok for v in verdicts["moody"]] == [True, False, None, None]
    assert [v.ok for v in verdicts["short"]] == [True, True, False, False]
    assert verdicts["moody"][3].reason == "crashed: ValueError: told to"


def test_a_worker_that_dies_costs_one_verdict():
    with LocalExecutor([spec("Moody"), spec("Short")], workers=1) as pool:
        verdicts = pool.submit(samples("ok", "die", "bad")).result()
        again = pool.submit(samples("ok")).result()
    assert [v.ok for v in verdicts["moody"]] == [True, None, False]
    assert verdicts["moody"][1].reason == "crashed: the worker ended with 7"
    assert [v.ok for v in verdicts["short"]] == [True, True, True]
    assert again["moody"][0].ok is True


def test_a_hang_costs_one_verdict(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(curate.checking.executors.local, "BATCH_LIMIT_S", 1.0)
    monkeypatch.setattr("filters.check.LONGEST_S", 3.0)
    with LocalExecutor([spec("Moody"), spec("Short")], workers=1) as pool:
        verdicts = pool.submit(samples("hang", "ok")).result()
    assert [v.ok for v in verdicts["moody"]] == [None, True]
    assert verdicts["moody"][0].rule == "timeout"
    assert [v.ok for v in verdicts["short"]] == [True, True]


def test_only_the_labels_asked_for_are_run():
    with LocalExecutor([spec("Moody"), spec("Short")], workers=1) as pool:
        verdicts = pool.submit(samples("hang"), labels=["short"]).result()
    assert list(verdicts) == ["short"]


def test_a_check_that_holds_a_model_runs_once_and_here():
    specs = [spec("Resident"), spec("Short")]
    with LocalExecutor(specs, workers=2) as pool:
        batches = [samples("one", "two"), samples("three and more")]
        verdicts = [found for _, found in pool.judge_in_order(batches, pool.labels)]
    assert [v.reason for found in verdicts for v in found["resident"]] == [f"process: {os.getpid()}"] * 3
    assert [v.ok for found in verdicts for v in found["short"]] == [True, True, False]
