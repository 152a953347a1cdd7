"""What is wrong with a check is told in one sentence, and what is wrong with its verdicts costs those alone."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.check import PromptCheck, SampleCheck, take_verdicts
from filters.errors import UserError
from filters.registry import CHECKS, find_check_class
from filters.types import Prompt, Sample, Verdict

SAMPLES = [Sample(str(number), Prompt.make("q"), str(number)) for number in range(3)]

CLASS = """
from __future__ import annotations
from typing import ClassVar
from filters import Sample, SampleCheck, Verdict

class Mine(SampleCheck):
    {line}

    def {method}(self, sample: Sample) -> Verdict:
        return Verdict(True)
"""


@pytest.mark.parametrize(
    ("line", "method", "said"),
    [
        ("pass", "juge", "has no method 'judge'"),
        ("role: ClassVar = 'filter'", "judge", "has the role 'filter'; it is one of: verifier, readability"),
        ("scope: ClassVar = 'prompts'", "judge", "has the scope 'prompts'; it is one of: sample, prompt"),
        ("rules: ClassVar = ['long']", "judge", "are not a mapping from words to what they mean"),
        ("rules: ClassVar = {'long': 3}", "judge", "are not a mapping from words to what they mean"),
        ("name: str = 'x'", "judge", "has an option 'name', which is a name that every check has"),
        ("check: int = 3", "judge", "has an option 'check', which is a name that every check has"),
        ("name: ClassVar = 'math_answer'", "judge", "the name of a built-in check; rename the class"),
    ],
)
@pytest.mark.filterwarnings("ignore:Field name")
def test_a_class_that_cannot_be_a_check_is_refused(tmp_path: Path, line: str, method: str, said: str):
    place = tmp_path / "mine.py"
    place.write_text(CLASS.format(line=line, method=method), "utf-8")
    with pytest.raises(UserError, match=said):
        find_check_class(f"{place}:Mine")


def test_a_file_without_its_class_is_told_how_to_name_it():
    with pytest.raises(UserError, match=r"'mine\.py' is a file; name the check in it as mine\.py:Class"):
        find_check_class("mine.py")


@pytest.mark.parametrize("name", CHECKS)
def test_our_own_are_found_by_their_module_too(name: str):
    assert find_check_class(CHECKS[name]) is find_check_class(name)


def whatever() -> st.SearchStrategy[Any]:
    oks: st.SearchStrategy[Any] = st.sampled_from([True, False, None, "yes", 1, 0.5])
    verdicts = st.builds(Verdict, oks, st.sampled_from(["", "r: x", 3]), st.sampled_from([None, 1.0, "high"]))
    return st.one_of(verdicts, st.none(), st.booleans(), st.text(max_size=3))


@given(
    st.lists(whatever(), max_size=5) | st.none() | st.booleans() | st.builds(Verdict, st.booleans()),
    st.integers(0, 5),
)
def test_whatever_a_check_gives_becomes_one_verdict_each(given_: Any, number: int):
    taken = take_verdicts(given_, number)
    assert len(taken) == number
    right = isinstance(given_, list) and len(given_) == number
    for position, verdict in enumerate(taken):
        assert verdict.ok is None or isinstance(verdict.ok, bool)
        assert isinstance(verdict.reason, str)
        assert verdict.score is None or isinstance(verdict.score, float)
        if not (right and verdict is given_[position]):
            assert verdict.ok is None
            assert verdict.reason.startswith("crashed: the check gave ")


class Few(PromptCheck):
    """Too few verdicts."""

    def judge_prompt(self, samples):
        return [Verdict(True)] * (len(samples) - 1)


class Truthy(SampleCheck):
    """Bools for verdicts."""

    def judge(self, sample):
        return sample.response == "0"


def test_verdicts_that_are_none_cost_no_more_than_themselves():
    assert [v.reason for v in Few().check(SAMPLES)] == [
        "crashed: the check gave 2 verdicts for 3 samples"
    ] * 3
    assert {v.ok for v in take_verdicts(Truthy().check(SAMPLES), 3)} == {None}
