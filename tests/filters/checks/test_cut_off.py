"""A response that was cut off at its token limit before any tag has no answer: no verifier takes one from it."""

from __future__ import annotations

from typing import Any

import pytest

from filters.checks.agreement import Agreement
from filters.checks.choice import Choice
from filters.checks.gold_suspect import GoldSuspect
from filters.checks.instructions import Instructions
from filters.checks.json_cells import JsonCells
from filters.checks.judge import Judge
from filters.checks.math_answer import MathAnswer
from filters.checks.number import Number
from filters.checks.text import Text
from filters.engine import EngineOptions
from filters.judges.language_model import Look
from filters.think import CUT_OFF, split_response
from filters.types import Prompt, Sample, Verdict

CHAIN = r"2 + 2 = 4. So the answer is \boxed{4}. The sum"


def sample(response: str, finish: str, answer: str | None = "4", **extra: Any) -> Sample:
    return Sample("s", Prompt.make("What is 2 + 2?", answer, extra=extra), response, finish=finish)


VERIFIERS = [
    (MathAnswer(), CHAIN, "4", "no_answer"),
    (MathAnswer(), "Yes, and so on, for the sum of two numbers", "yes", "no_answer"),
    (Number(), CHAIN, "4", "no_answer"),
    (Text(), r"so it is \boxed{four}, or", "four", "no_answer"),
    (Choice(), r"so it is \boxed{B}, or", "B", "no_answer"),
    (JsonCells(), 'so {"a": 1} and', '{"a": 1}', "no_json"),
]


@pytest.mark.parametrize(("check", "response", "answer", "rule"), VERIFIERS)
def test_an_answer_found_in_what_was_cut_off_is_none(
    check: Any, response: str, answer: str, rule: str
) -> None:
    assert check.judge(sample(response, "stop", answer)).ok is not False
    assert check.judge(sample(response, "length", answer)) == Verdict(False, f"{rule}: {CUT_OFF}")


def test_a_chain_that_was_closed_before_the_cut_keeps_its_answer() -> None:
    assert MathAnswer().judge(sample(f"<think>so</think>{CHAIN}", "length")).ok is True
    assert MathAnswer().judge(sample(f"so</think>{CHAIN}", "length")).ok is True
    doubted = CHAIN.replace("The sum", "But wait, let me check")
    assert MathAnswer().judge(sample(f"so</think>{doubted}", "length")).rule == "doubt"
    assert MathAnswer().judge(sample(f"<think>{CHAIN}", "length")).rule == "unclosed_think"


def test_instructions_are_not_followed_by_half_a_response() -> None:
    asked = {"instructions": [{"id": "punctuation:no_comma"}]}
    assert Instructions().judge(sample("so be it", "stop", None, **asked)).ok is True
    found = Instructions().judge(sample("so be it", "length", None, **asked))
    assert found == Verdict(False, f"no_response: {CUT_OFF}", 0.0)


def test_a_judge_is_not_asked_about_it() -> None:
    judge = Judge(engine=EngineOptions(kind="scripted", model="none"))
    assert isinstance(judge.find_case(sample(f"It is four. {CHAIN}", "stop", "four")), Look)
    assert judge.find_case(sample(CHAIN, "length")) == Verdict(False, f"no_answer: {CUT_OFF}")


def test_it_has_no_vote() -> None:
    cut = [sample(r"\boxed{5} or", "length", None)] * 9
    whole = [sample(r"It is \boxed{4}.", "stop", None)] * 4
    found = Agreement().judge_prompt([*cut, *whole])
    assert {verdict.reason for verdict in found[:9]} == {f"no_answer: {CUT_OFF}"}
    assert {verdict.ok for verdict in found[9:]} == {True}
    suspected = [sample(r"\boxed{5} or", "length")] * 9
    assert GoldSuspect().judge_prompt(suspected)[0].ok is True


def test_all_of_it_is_chain() -> None:
    assert split_response("a b", "length").chain == "a b"
    assert split_response("a b", "length").answer is None
    assert split_response("a b", "stop").answer == "a b"
