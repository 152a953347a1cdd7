"""What is wrong with a check is told in one sentence, and what is wrong with its verdicts costs those alone."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.store.schema import verdict_table
from filters.check import Check, PromptCheck, SampleCheck
from filters.errors import UserError
from filters.registry import CHECKS, find_check_class
from filters.take_verdicts import take_verdicts
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
        ("name: str = 'x'", "judge", "has an option 'name', the name of a part of every such check"),
        ("check: int = 3", "judge", "has an option 'check', the name of a part of every such check"),
        ("name: ClassVar = 'math_answer'", "judge", "the name of a built-in check; give it another"),
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
    oks: st.SearchStrategy[Any] = st.sampled_from([True, False, None, np.bool_(False), "yes", 1, 0.5])
    scores: st.SearchStrategy[Any] = st.sampled_from(
        [None, 1.0, 2, np.float32(0.5), np.int64(2), float("nan"), float("inf"), 10**400, "high"]
    )
    spans: st.SearchStrategy[Any] = st.sampled_from(
        [None, (0, 2), [1, 2], 5, ("a", "b"), (1, 2, 3), (1.5, 2.5), (2, 1)]
    )
    verdicts = st.builds(Verdict, oks, st.sampled_from(["", "r: x", 3, None]), scores, spans)
    return st.one_of(verdicts, st.none(), st.booleans(), st.text(max_size=3))


@given(
    st.lists(whatever(), max_size=5) | st.none() | st.booleans() | st.builds(Verdict, st.booleans()),
    st.integers(0, 5),
)
@settings(deadline=None)
def test_whatever_a_check_gives_becomes_one_verdict_each(given_: Any, number: int):
    taken = take_verdicts(given_, number)
    assert len(taken) == number
    for verdict in taken:
        assert verdict.ok in (True, False, None)
        assert type(verdict.ok) in (bool, type(None))
        assert type(verdict.reason) is str
        assert verdict.score is None or (type(verdict.score) is float and isfinite(verdict.score))
        assert verdict.span is None or all(type(end) is int for end in verdict.span)
        if verdict.reason.startswith("crashed: "):
            assert verdict.ok is None
    ids = [str(position) for position in range(number)]
    table = verdict_table(ids, ids, taken)
    assert table.num_rows == number


@pytest.mark.parametrize(
    ("given_", "taken"),
    [
        (Verdict(np.bool_(True)), Verdict(True)),
        (Verdict(np.bool_(False), "r"), Verdict(False, "r")),
        (Verdict(True, "", np.float32(0.5)), Verdict(True, "", 0.5)),
        (Verdict(True, "", np.int64(2)), Verdict(True, "", 2.0)),
        (Verdict(None, "r", None, [1, 2]), Verdict(None, "r", None, (1, 2))),
        (
            Verdict("yes"),
            Verdict(None, "crashed: the check gave a verdict whose ok is 'yes', not True, False or None"),
        ),
        (
            Verdict(True, None),
            Verdict(None, "crashed: the check gave a verdict whose reason is a NoneType, not text"),
        ),
        (
            Verdict(True, "", float("nan")),
            Verdict(
                None, "crashed: the check gave a verdict whose score is nan, not a finite number or None"
            ),
        ),
        (True, Verdict(None, "crashed: the check gave a bool, not a Verdict")),
    ],
)
def test_what_is_right_is_taken_and_what_is_wrong_is_named(given_: Any, taken: Verdict):
    assert take_verdicts((given_,), 1) == [taken]


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


class Discreet(SampleCheck):
    """Fails on a text that must not be repeated."""

    hides_text: ClassVar[bool] = True

    def judge(self, sample: Sample) -> Verdict:
        raise ValueError(sample.response)


class DiscreetOfPrompts(PromptCheck):
    """The same, of all samples of a prompt."""

    hides_text: ClassVar[bool] = True

    def judge_prompt(self, samples: Sequence[Sample]) -> list[Verdict]:
        raise ValueError(samples[0].response)


@pytest.mark.parametrize("check", [Discreet(), DiscreetOfPrompts()], ids=lambda check: check.name)
def test_a_crash_of_a_check_that_hides_texts_quotes_none(check: Check):
    assert check.check([Sample("1", Prompt.make("?"), "hunter2")]) == [Verdict(None, "crashed: ValueError")]
