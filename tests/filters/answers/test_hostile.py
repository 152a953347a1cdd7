import resource
import time
from pathlib import Path

from filters.checks.math_answer import MathAnswer
from filters.types import Prompt, Sample
from tests.filters.answers.hostile import rows

LIMIT_S = 1.0
LIMIT_MB = 300


def test_hostile_answers_cost_little_and_fool_nobody(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    check = MathAnswer()
    listed = list(rows())
    assert len(listed) >= 200
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, reference, answer in listed:
        for response in (f"\\boxed{{{answer}}}", f"The answer is {answer}", answer):
            start = time.process_time()
            verdict = check.check([Sample("", Prompt.make("q", reference), response)])[0]
            assert time.process_time() - start < LIMIT_S, name
            assert verdict.ok is not True, (name, verdict.reason)
            assert verdict.rule != "crashed", (name, verdict.reason)
            assert len(verdict.reason) <= 300, name
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < LIMIT_MB
    assert list(tmp_path.iterdir()) == []


def test_hostile_references_cost_little() -> None:
    check = MathAnswer()
    for name, answer, reference in rows():
        start = time.process_time()
        verdict = check.check([Sample("", Prompt.make("q", reference), f"\\boxed{{{answer}}}")])[0]
        assert time.process_time() - start < LIMIT_S, name
        assert verdict.rule != "crashed", (name, verdict.reason)
