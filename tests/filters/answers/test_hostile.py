import itertools
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


UNITS = [
    *' \n\\$({}[1a,-=*_^|"~&#!0、一：',
    " \n",
    "1 ",
    "a ",
    ", ",
    " - ",
    "\\ ",
    ". ",
    "or ",
    " or 5",
    "$ ",
    " .",
    "1/",
    "1+",
]
UNITS += [
    "\\boxed{5} ",
    "The answer is 5. ",
    "A. ",
    "(A) ",
    "\\text{",
    "5 m ",
    "\\frac",
    "\\left(",
    "not ",
    "the ",
    "\\quad ",
]
PLACES = [
    "\\boxed{5}%sx",
    "\\boxed{5%s}",
    "%s\\boxed{A}",
    "The answer is 5%sx",
    "The answer is%s5",
    "\\boxed{5} %s \\boxed{6}",
]
PLACES += ["#### 5%s", "<answer>%s5</answer>%s", "答案是5%sx", "\\boxed{A%s}", "**Answer:**%s A"]


def test_marks_that_repeat_beside_and_inside_an_answer_cost_little() -> None:
    check = MathAnswer()
    for reference, place, unit in itertools.product("5A", PLACES, UNITS):
        sample = Sample("", Prompt.make("Which?\nA. one\nB. two", reference), place.replace("%s", unit * 400))
        start = time.process_time()
        verdict = check.check([sample])[0]
        assert time.process_time() - start < LIMIT_S, (place, unit)
        assert verdict.rule != "crashed", (place, unit)
